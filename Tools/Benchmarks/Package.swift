// swift-tools-version: 6.2
import PackageDescription

// A package of its own: what times the parts is needed by nothing that is shipped or tested.
let package = Package(
    name: "Benchmarks",
    dependencies: [
        .package(name: "CareLedger", path: "../.."),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "Parts",
            dependencies: [
                .product(name: "Measurements", package: "CareLedger"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Parts",
            swiftSettings: [
                .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("InternalImportsByDefault"),
            ],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ]
)
