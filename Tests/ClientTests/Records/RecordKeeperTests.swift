import Client
import Cryptography
import Foundation
import Ledger
import Synchronization
import Testing

@Suite("Records: storing")
struct RecordStoringTests {
    @Test func `the operation commits to what is uploaded`() async throws {
        let hospital = try Hospital()
        let pending = try hospital.seal(Hospital.content(2_500_000))
        let terms = pending.operation.terms
        #expect(terms.manifest == pending.manifest.id)
        #expect(terms.paddedSize == pending.manifest.layout.size)
        #expect(terms.keyCommitment == pending.manifest.commitment)
        #expect(
            terms.capsule.bindingKey.isValid(
                pending.operation.bindingSignature, forDigest: Capsule.bindingDigest(of: terms.boundMessage)))

        // The least of what the nodes said.
        #expect(try await hospital.keeper.upload(pending) == 3)
        let stored = hospital.transport.state.withLock { $0.puts }
        #expect(Set(stored) == Set(pending.manifest.blocks + [terms.metadata, terms.manifest]))
        #expect(stored.last == terms.manifest)
    }

    @Test func `a killed upload goes on where it stood`() async throws {
        let hospital = try Hospital()
        let pending = try hospital.seal(Hospital.content(6_000_000))
        try pending.keep(transaction: [1, 2, 3])
        hospital.transport.state.withLock { $0.putsLeft = 3 }
        await #expect(throws: DictionaryTransport.Unreachable.self) { try await hospital.keeper.upload(pending) }

        let found = try #require(hospital.keeper.pending().first)
        #expect(found.operation == pending.operation)
        #expect(found.transaction == [1, 2, 3])
        hospital.transport.state.withLock { $0.putsLeft = .max }
        try await hospital.keeper.upload(found)
        let puts = hospital.transport.state.withLock { $0.puts }
        #expect(puts.count == pending.manifest.blocks.count + 2)
        #expect(Set(puts).count == puts.count)

        #expect(try await hospital.keeper.upload(found) == nil)
        found.discard()
        #expect(hospital.keeper.pending().isEmpty)
    }

    @Test func `content that a node stored without enough copies is sent again`() async throws {
        let hospital = try Hospital()
        let pending = try hospital.seal(Hospital.content(100))
        // The node has it, and told nobody that it is kept.
        hospital.transport.state.withLock { $0.contents[pending.manifest.blocks[0]] = [] }
        try await hospital.keeper.upload(pending)
        #expect(hospital.transport.state.withLock { $0.puts.count } == 3)
    }

    @Test func `content that was kept and is gone again is sent again`() async throws {
        let hospital = try Hospital()
        let pending = try hospital.seal(Hospital.content(100))
        try await hospital.keeper.upload(pending)
        hospital.transport.state.withLock { $0.contents[pending.manifest.blocks[0]] = nil }
        try await hospital.keeper.upload(pending)
        #expect(hospital.transport.state.withLock { $0.puts.count } == 4)
        #expect(hospital.transport.missing(among: pending.manifest.blocks).isEmpty)
    }

    @Test func `what was acknowledged long ago is sent again`() async throws {
        let hospital = try Hospital()
        let pending = try hospital.seal(Hospital.content(100))
        let now: Int64 = 1_800_000_000
        for (days, puts) in [(Int64(0), 3), (2, 3), (4, 6)] {
            let keeper = RecordKeeper(home: hospital.home, transport: hospital.transport) { now + days * 86_400 }
            try await keeper.upload(pending)
            #expect(hospital.transport.state.withLock { $0.puts.count } == puts)
        }
    }

    @Test func `what a kill left half sealed is removed`() async throws {
        let hospital = try Hospital()
        let complete = try hospital.seal(Hospital.content(10))
        let uploads = hospital.home + "/uploads"
        try FileManager.default.createDirectory(atPath: uploads + "/sealing-00", withIntermediateDirectories: false)
        #expect(hospital.keeper.pending().map(\.document) == [complete.document])
        #expect(try FileManager.default.contentsOfDirectory(atPath: uploads).count == 1)
    }

    @Test func `a file that is not there is named, and nothing is left behind`() throws {
        let hospital = try Hospital()
        let metadata = try #require(DocumentMetadata(title: "", type: "", date: "", mediaType: ""))
        var failure: RecordFailure?
        do {
            _ = try hospital.keeper.seal(
                file: hospital.file("nowhere"), metadata: metadata, into: hospital.scope,
                organization: hospital.organization, staff: StaffID(.zero))
        } catch { failure = error as? RecordFailure }
        guard case .file(path: hospital.file("nowhere"), code: ENOENT) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: hospital.home + "/uploads").isEmpty)
    }

    @Test func `progress grows to the whole`() async throws {
        let hospital = try Hospital()
        let pending = try hospital.seal(Hospital.content(3_000_000))
        var seen: [UInt64] = []
        var total: UInt64 = 0
        try await hospital.keeper.upload(pending) {
            seen.append($0.completed)
            total = $0.total
        }
        #expect(seen == seen.sorted())
        #expect(seen.last == total)
    }
}

@Suite("Records: opening")
struct RecordOpeningTests {
    static let sizes = [0, 1, 65_528, 65_529, 1_048_568, 3_300_000]

    @Test(arguments: sizes) func `what was stored is what the patient gets`(size: Int) async throws {
        let hospital = try Hospital()
        let content = Hospital.content(size)
        let pending = try hospital.seal(content)
        try await hospital.keeper.upload(pending)
        let reader = try await hospital.open(pending)
        #expect(reader.size == UInt64(size))
        try await reader.download(to: hospital.file("copy"))
        #expect(hospital.contents("copy") == content)
        let metadata = try await hospital.keeper.metadata(
            of: hospital.record(of: pending), scopeSecret: hospital.scope.secret)
        #expect(metadata.title == "CT of the chest")
    }

    @Test func `a range is read without the rest`() async throws {
        let hospital = try Hospital()
        let content = Hospital.content(5_000_000)
        let pending = try hospital.seal(content)
        try await hospital.keeper.upload(pending)
        let reader = try await hospital.open(pending)
        hospital.transport.state.withLock { $0.gets = [] }
        var read: [UInt8] = []
        try await reader.read(2_000_000..<2_100_001) { bytes, offset in
            #expect(offset == 2_000_000 + UInt64(read.count))
            read += bytes
        }
        #expect(read == Array(content[2_000_000..<2_100_001]))
        #expect(
            Set(hospital.transport.state.withLock { $0.gets }) == [
                pending.manifest.blocks[1], pending.manifest.blocks[2],
            ])
    }

    @Test func `an interrupted download goes on where it stood`() async throws {
        let hospital = try Hospital()
        let content = Hospital.content(6_000_000)
        let pending = try hospital.seal(content)
        try await hospital.keeper.upload(pending)
        let reader = try await hospital.open(pending)
        hospital.transport.state.withLock { $0.getsLeft = 3 }
        await #expect(throws: RecordFailure.self) { try await reader.download(to: hospital.file("copy")) }
        #expect(hospital.contents("copy") == nil)

        hospital.transport.state.withLock {
            $0.getsLeft = .max
            $0.gets = []
        }
        var first: UInt64?
        try await reader.download(to: hospital.file("copy")) { first = first ?? $0.completed }
        let gets = hospital.transport.state.withLock { $0.gets }
        #expect(hospital.contents("copy") == content)
        let resumed = try #require(first)
        #expect(resumed > 0)
        #expect(gets.count == pending.manifest.blocks.count - Int((resumed + 8) / 1_048_576))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: hospital.home).sorted() == [
                "copy", "original", "uploads",
            ])
    }

    @Test func `another node is asked when one lies or has nothing`() async throws {
        let hospital = try Hospital()
        let content = Hospital.content(3_300_000)
        let pending = try hospital.seal(content)
        try await hospital.keeper.upload(pending)
        let blocks = pending.manifest.blocks
        hospital.transport.state.withLock { state in
            state.lies[blocks[0]] = state.contents[blocks[1]]
            state.lies[blocks[2]] = []
            state.lies[pending.operation.terms.manifest] = [0xa0]
            state.lies[pending.operation.terms.metadata] = [0]
        }
        try await hospital.open(pending).download(to: hospital.file("copy"))
        #expect(hospital.contents("copy") == content)
        let metadata = try await hospital.keeper.metadata(
            of: hospital.record(of: pending), scopeSecret: hospital.scope.secret)
        #expect(metadata.type == "imaging")
    }

    @Test func `when all lie, nothing false is handed out`() async throws {
        let hospital = try Hospital()
        let pending = try hospital.seal(Hospital.content(3_300_000))
        try await hospital.keeper.upload(pending)
        let reader = try await hospital.open(pending)
        let block = pending.manifest.blocks[1]
        hospital.transport.state.withLock { state in
            state.everyNodeLies = true
            state.lies[block] = state.contents[block].map { $0.dropLast() + [($0.last ?? 0) ^ 1] }
        }
        var read = 0
        var failure: RecordFailure?
        do {
            try await reader.read(0..<reader.size) { bytes, _ in read += bytes.count }
        } catch { failure = error as? RecordFailure }
        #expect(read == 1_048_568)
        guard case .rejected(.wrongContent(block)) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func `another scope secret or another author's record opens nothing`() async throws {
        let hospital = try Hospital()
        let pending = try hospital.seal(Hospital.content(100))
        try await hospital.keeper.upload(pending)
        let record = try hospital.record(of: pending)
        let seed = try hospital.patient.open(pending.operation.terms.capsule)
        await #expect(throws: RecordFailure.self) {
            _ = try await hospital.keeper.open(
                record, with: RecordSecrets(keySeed: seed, scopeSecret: .random(count: 32)))
        }
        var stolen = record
        stolen.organization = OrganizationID(.sha256([9]))
        await #expect(throws: RecordFailure.self) {
            _ = try await hospital.keeper.open(
                stolen, with: RecordSecrets(keySeed: seed, scopeSecret: hospital.scope.secret))
        }
    }
}
