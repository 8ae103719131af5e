import ChainStorage
import Codec
import Consensus
import Testing

@Suite("Integrity: everything follows from the blocks")
struct IntegrityCheckTests {
    private let hospital: Hospital
    private let chain = InMemoryDatabase()
    private let state = InMemoryDatabase()

    init() throws {
        hospital = try Hospital()
        let store = try LedgerStore(chain: chain, state: state, genesis: hospital.genesis, retention: 4)
        try hospital.grow(store, by: 13)
    }

    private func check() throws(IntegrityFinding) -> IntegrityCheck.Summary {
        try IntegrityCheck(genesis: hospital.genesis).check(
            chain: chain, state: state, scratch: (InMemoryDatabase(), InMemoryDatabase()))
    }

    private func write(_ key: [UInt8], _ value: [UInt8]?, to database: InMemoryDatabase) {
        var batch = WriteBatch()
        if let value { batch.put(key, value) } else { batch.delete(key) }
        database.write(batch, isSynced: true)
    }

    @Test func `a sound home passes, and its records are counted`() throws {
        let summary = try check()
        #expect(summary.height == Height(rawValue: 13))
        let records =
            chain.scan(from: [], to: nil, limit: .max).count + state.scan(from: [], to: nil, limit: .max).count
        #expect(summary.records == records)
        #expect(summary.transactions > 0)
    }

    @Test func `a changed, a missing and an added record are found, whatever it holds`() throws {
        for database in [chain, state] {
            for entry in database.scan(from: [], to: nil, limit: .max).enumerated().filter({ $0.offset % 7 == 0 }) {
                let (key, value) = (entry.element.key, entry.element.value)
                if !value.isEmpty {
                    var changed = value
                    changed[value.count / 2] ^= 1
                    write(key, changed, to: database)
                    #expect(throws: IntegrityFinding.self, "changed \(key)") { try check() }
                    write(key, value, to: database)
                }
                // A block may be final by a later one's certificate: that its own is absent is no damage.
                if (try? Certificate(decoding: value)) != nil { continue }
                write(key, nil, to: database)
                #expect(throws: IntegrityFinding.self, "missing \(key)") { try check() }
                write(key, value, to: database)
            }
            write([0xfe, 1], [2], to: database)
            #expect(throws: IntegrityFinding.self) { try check() }
            write([0xfe, 1], nil, to: database)
        }
        #expect(throws: Never.self) { try check() }
    }
}
