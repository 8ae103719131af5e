import Codec
import Consensus
import Replication
import Testing

@Suite("Replica: a clock that is off")
struct ClockTests {
    /// Lets everybody lead a few times.
    private func run(_ table: Table) {
        for number in 0..<8 {
            let transaction = table.consortium.registration("nurse \(number)")
            table.submit(transaction, to: 0)
            #expect(table.run { (0..<3).allSatisfy { table.stores(transaction, at: $0) } }, "transaction \(number)")
        }
    }

    private func difference(_ table: Table, _ index: Int) -> Duration? {
        table.seats[index].replica.report.clockDifference
    }

    @Test func `the chain goes on, and the one whose clock is behind knows it`() throws {
        let table = try Table(clockErrors: [3: .seconds(-3600)])
        run(table)
        let behind = try #require(difference(table, 3))
        #expect(behind > .seconds(3500) && behind < .seconds(3700))
        for index in 0..<3 { #expect(difference(table, index) == nil) }
        #expect(table.height(3) > .genesis)
    }

    @Test func `the chain goes on, and the one whose clock is ahead knows it`() throws {
        let table = try Table(clockErrors: [3: .seconds(3600)])
        run(table)
        let ahead = try #require(difference(table, 3))
        #expect(ahead < .seconds(-3500) && ahead > .seconds(-3700))
        for index in 0..<3 { #expect(difference(table, index) == nil) }
    }

    @Test func `clocks that agree are not spoken of`() throws {
        let table = try Table(clockErrors: [1: .milliseconds(300), 2: .milliseconds(-100)])
        run(table)
        for index in 0..<4 { #expect(difference(table, index) == nil) }
    }
}
