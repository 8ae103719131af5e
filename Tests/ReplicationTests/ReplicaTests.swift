import Codec
import Consensus
import Ledger
import Replication
import Testing

@Suite("Replica: from a submission to every store")
struct ReplicaTests {
    @Test func `a transaction handed to one validator is stored by all, once`() throws {
        let table = try Table()
        let transaction = table.consortium.registration("clinician")
        let token = table.submit(transaction, to: 2)
        #expect(table.answer(to: token) == .accepted(position: 0))
        #expect(table.run { (0..<4).allSatisfy { table.stores(transaction, at: $0) } })
        let again = table.submit(transaction, to: 0)
        #expect(table.answer(to: again) == .refused(.replayed))
    }

    @Test func `a signature that does not hold is refused and goes nowhere`() throws {
        let table = try Table()
        // The envelope is signed by a stranger, which is for the rules to refuse; a broken signature is for the pool.
        let valid = table.consortium.registration("clinician")
        var bytes = valid.bytes
        bytes[bytes.count - 1] ^= 1
        let broken = try Transaction(decoding: bytes)
        #expect(table.answer(to: table.submit(broken, to: 0)) == .invalidSignature)
        #expect(table.answer(to: table.submit(valid, to: 0)) == .accepted(position: 0))
    }

    @Test func `many transactions from all sides are stored in few blocks`() throws {
        let table = try Table()
        let transactions = (0..<200).map { table.consortium.registration("member \($0)") }
        for (index, transaction) in transactions.enumerated() { table.submit(transaction, to: index % 4) }
        #expect(table.run { transactions.allSatisfy { table.stores($0, at: 0) } })
        #expect(table.height(0) < Height(rawValue: 20))
    }

    @Test func `an idle chain makes no block but the heartbeat's`() throws {
        let table = try Table()
        let transaction = table.consortium.registration("clinician")
        table.submit(transaction, to: 0)
        #expect(table.run { (0..<4).allSatisfy { table.stores(transaction, at: $0) } })
        let height = table.height(0).rawValue
        #expect(!table.run(limit: 30) { false })
        #expect(table.height(0).rawValue - height <= 8)
    }

    @Test func `a validator that was away catches up and takes part again`() throws {
        let table = try Table()
        table.seats[3].isAway = true
        for round in 0..<100 {
            let transaction = table.consortium.registration("member \(round)")
            table.submit(transaction, to: round % 3)
            #expect(table.run { table.stores(transaction, at: 0) }, "round \(round)")
        }
        #expect(table.height(3) == .genesis && table.height(0) >= Height(rawValue: 100))
        table.restart(3)
        #expect(table.run { table.height(3) >= Height(rawValue: 100) })
        table.seats[2].isAway = true
        let late = table.consortium.registration("late")
        table.submit(late, to: 3)
        #expect(table.run { [0, 1, 3].allSatisfy { table.stores(late, at: $0) } })
    }

    @Test func `all validators restart and go on from where they were`() throws {
        let table = try Table()
        let first = table.consortium.registration("first")
        table.submit(first, to: 0)
        #expect(table.run { table.stores(first, at: 0) })
        for index in 0..<4 { table.seats[index].isAway = true }
        for index in 0..<4 { table.restart(index) }
        let second = table.consortium.registration("second")
        table.submit(second, to: 1)
        #expect(table.run { (0..<4).allSatisfy { table.stores(second, at: $0) } })
    }
}
