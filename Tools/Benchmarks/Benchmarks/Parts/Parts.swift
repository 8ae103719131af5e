internal import Benchmark
internal import Measurements

/// What `swift package benchmark` runs: every measurement, timed by wall clock and by processor.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuTotal], warmupIterations: 2, maxDuration: .seconds(2), maxIterations: 10_000)
    for measurement in Measurement.all {
        Benchmark("\(measurement.name) [\(measurement.count) \(measurement.unit)]") { benchmark in
            let body = measurement.make()
            body()
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { body() }
            benchmark.stopMeasurement()
        }
    }
}
