import Client
import Codec
import ContentStorage
import Cryptography
import Foundation
import Ledger
import Node
import Testing

@Suite("Content placement", .timeLimit(.minutes(10)), .serialized)
struct ContentPlacementTests {
    private static func member(_ byte: UInt8) -> ValidatorID { ValidatorID(.sha256([byte])) }

    @Test func `whoever leaves moves only what it kept, and whoever comes only what is its own`() {
        let seven = (0..<UInt8(7)).map(Self.member)
        var kept: [ValidatorID: Int] = [:]
        for number in 0..<UInt8(200) {
            let content = ContentID(of: [number])
            let ranked = Placement.ranked(seven, for: content, by: { $0 })
            #expect(Set(ranked) == Set(seven))
            #expect(Placement.ranked(seven.reversed(), for: content, by: { $0 }) == ranked)
            let six = Placement.ranked(Array(seven.dropLast()), for: content, by: { $0 })
            #expect(six == ranked.filter { $0 != seven[6] })
            for holder in ranked.prefix(3) { kept[holder, default: 0] += 1 }
        }
        // 600 copies on seven: about 86 each.
        #expect(kept.count == 7 && kept.values.allSatisfy { (50...130).contains($0) }, "\(kept)")
    }

    private static func path(_ id: ContentID, at index: Int, in consortium: TestConsortium) -> String {
        let content = NodeHome(path: "\(consortium.directory)/\(index)").contentDirectory
        return "\(content)/\(id.digest.hex.prefix(2))/\(id)"
    }

    private static func isStored(_ id: ContentID, by index: Int, in consortium: TestConsortium) -> Bool {
        FileManager.default.fileExists(atPath: path(id, at: index, in: consortium))
    }

    /// Everything that documents consist of.
    private static func pieces(of documents: [DocumentID], _ cast: PatientCast) async throws -> [ContentID] {
        var pieces: [ContentID] = []
        for document in documents {
            let record = try await cast.ledger.document(document, signedBy: cast.scope.signing).record
            let holder = try #require((0..<4).first { isStored(record.manifest, by: $0, in: cast.consortium) })
            let bytes = try Data(contentsOf: URL(filePath: path(record.manifest, at: holder, in: cast.consortium)))
            pieces += [record.manifest, record.metadata] + (try Manifest(decoding: Array(bytes))).blocks
        }
        return pieces
    }

    @Test func `content follows the members: a new one fetches its share, and what one took along is made up for`()
        async throws
    {
        try await PatientCast.with(scrubInterval: .seconds(1)) { cast in
            let consortium = cast.consortium
            var documents: [DocumentID] = []
            for number in 0..<5 {
                documents.append(try await cast.commit("finding \(number)", titled: "\(number)"))
            }
            let pieces = try await Self.pieces(of: documents, cast)
            let candidate = try consortium.makeGuest(4)
            try await consortium.start(4)
            let result: Result<Void, any Error>
            do {
                result = .success(
                    try await follow(cast, pieces, of: consortium.genesis.validators.map(\.id) + [candidate.id]) {
                        try await cast.ledger.apply(
                            .proposeChange(consortium.proposal(.addValidator(candidate))),
                            signedBy: [GenesisSample.hospitalKey])
                    })
            } catch { result = .failure(error) }
            try? await consortium.stop(4)
            try result.get()
        }
    }

    private func follow(
        _ cast: PatientCast, _ pieces: [ContentID], of nodes: [ValidatorID], _ join: () async throws -> Void
    ) async throws {
        let consortium = cast.consortium
        /// The nodes that lack something that is theirs to keep.
        func lacking(_ members: [Int]) -> [Int: Int] {
            var lacking: [Int: Int] = [:]
            for piece in pieces {
                for holder in Placement.ranked(members, for: piece, by: { nodes[$0] }).prefix(2)
                where !Self.isStored(piece, by: holder, in: consortium) { lacking[holder, default: 0] += 1 }
            }
            return lacking
        }
        try await join()
        try await cast.eventually("everybody keeps its share, the new one too") { lacking([0, 1, 2, 3, 4]).isEmpty }

        // One is gone with its disk. What it kept had f other holders, from whom the next in order fetch it.
        try await consortium.stop(1)
        try FileManager.default.removeItem(atPath: NodeHome(path: "\(consortium.directory)/1").contentDirectory)
        try await cast.ledger.apply(
            .proposeChange(consortium.proposal(.removeValidator(nodes[1]))), signedBy: [GenesisSample.hospitalKey])
        let present = [0, 2, 3, 4]
        try await cast.eventually("what it took along is made up for") { lacking(present).isEmpty }
        #expect(try await Set(cast.ledger.validators().map(\.id)) == Set(present.map { nodes[$0] }))

        // What is others' to keep goes, not before it has been there for the grace period.
        func surplus() -> [String] {
            pieces.flatMap { piece in
                let holders = Placement.ranked(present, for: piece, by: { nodes[$0] }).prefix(2)
                return present.filter { !holders.contains($0) && Self.isStored(piece, by: $0, in: consortium) }
                    .map { Self.path(piece, at: $0, in: consortium) }
            }
        }
        let before = surplus()
        try #require(!before.isEmpty, "the node that took an upload keeps it, whoever is to")
        let old = Date.now.addingTimeInterval(-8 * 86_400)
        for path in before { try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path) }
        try await cast.eventually("only those keep it who are to") { surplus().isEmpty }
        #expect(lacking(present).isEmpty)
    }
}
