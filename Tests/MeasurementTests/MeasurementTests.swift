import Measurements
import Testing

@Suite("Measurements")
struct MeasurementTests {
    private static let small = Measurement.all.filter { !$0.isLarge }.map(\.name)

    @Test func `no two measurements have one name`() {
        #expect(Set(Measurement.all.map(\.name)).count == Measurement.all.count)
    }

    @Test(arguments: small) func `what is measured can be done again and again`(name: String) throws {
        let measurement = try #require(Measurement.all.first { $0.name == name })
        #expect(measurement.count > 0)
        let body = measurement.make()
        body()
        body()
    }
}
