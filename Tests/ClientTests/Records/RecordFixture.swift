import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Synchronization

/// Content kept in a dictionary, with the faults of a network.
final class DictionaryTransport: ContentTransport {
    struct Unreachable: Error {}

    struct State {
        var contents: [ContentID: [UInt8]] = [:]
        var puts: [ContentID] = []
        var gets: [ContentID] = []
        var putsLeft = Int.max
        var getsLeft = Int.max
        /// What the first node asked says instead of the truth.
        var lies: [ContentID: [UInt8]] = [:]
        var everyNodeLies = false
    }

    let state = Mutex(State())

    var sources: Int { 2 }

    func missing(among ids: [ContentID]) -> [ContentID] {
        state.withLock { state in ids.filter { state.contents[$0] == nil } }
    }

    func put(_ bytes: [UInt8], named id: ContentID) throws -> Int {
        try state.withLock { state in
            guard state.putsLeft > 0 else { throw Unreachable() }
            guard id.names(bytes) else { throw Unreachable() }
            state.putsLeft -= 1
            state.puts.append(id)
            state.contents[id] = bytes
            return state.puts.count == 2 ? 3 : 4
        }
    }

    func get(_ id: ContentID, range: Range<Int>?, from source: Int?) throws -> [UInt8] {
        try state.withLock { state in
            guard state.getsLeft > 0 else { throw Unreachable() }
            state.getsLeft -= 1
            state.gets.append(id)
            if let lie = state.lies[id], source == nil || state.everyNodeLies { return lie }
            guard let bytes = state.contents[id] else { throw Unreachable() }
            return range.map { Array(bytes[$0]) } ?? bytes
        }
    }
}

/// A hospital writes to a patient's scope.
struct Hospital: ~Copyable {
    let home: String
    let transport = DictionaryTransport()
    let patient = DelegatingKey.random()
    let scope: AuthorScope
    let organization = OrganizationID(.sha256([1]))

    init() throws {
        home = FileManager.default.temporaryDirectory.appending(path: "records-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: false)
        scope = AuthorScope(
            scope: SigningKey.random().publicKey, epoch: 0, delegatingKey: patient.publicKey,
            secret: .random(count: 32))
    }

    deinit { try? FileManager.default.removeItem(atPath: home) }

    /// A fresh one, as after a restart of the wallet.
    var keeper: RecordKeeper { RecordKeeper(home: home, transport: transport) }

    func file(_ name: String) -> String { home + "/" + name }

    func write(_ content: [UInt8], to name: String) throws -> String {
        try Data(content).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    func contents(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: file(name)).map { Array($0) } }

    static func content(_ count: Int) -> [UInt8] {
        let pattern = (0..<10_007).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        var bytes: [UInt8] = []
        while bytes.count < count { bytes.append(contentsOf: pattern.prefix(count - bytes.count)) }
        return bytes
    }

    func seal(_ content: [UInt8]) throws -> PendingRecord {
        guard
            let metadata = DocumentMetadata(
                title: "CT of the chest", type: "imaging", date: "2026-02-03", mediaType: "application/dicom")
        else { throw DictionaryTransport.Unreachable() }
        return try keeper.seal(
            file: write(content, to: "original"), metadata: metadata, into: scope, organization: organization,
            staff: StaffID(.sha256([2])))
    }

    /// What the ledger would hold of it.
    func record(of pending: PendingRecord) throws -> DocumentRecord {
        let terms = pending.operation.terms
        var writer = CBORWriter()
        writer.beginArray(13)
        writer.write(terms.scope)
        writer.write(terms.epoch)
        writer.write(terms.organization)
        writer.write(terms.staff)
        writer.write(terms.manifest)
        writer.write(terms.paddedSize)
        writer.write(terms.capsule)
        writer.write(terms.keyCommitment)
        writer.writeNull()
        writer.writeNull()
        writer.write(terms.metadata)
        writer.write(Height(rawValue: 7))
        writer.write(UInt64(1_800_000_000_000))
        return try DocumentRecord(decoding: writer.bytes)
    }

    /// The patient opens it, which needs nobody.
    func open(_ pending: PendingRecord) async throws -> RecordReader {
        let record = try record(of: pending)
        let seed = try patient.open(pending.operation.terms.capsule)
        return try await keeper.open(record, with: RecordSecrets(keySeed: seed, scopeSecret: scope.secret))
    }
}
