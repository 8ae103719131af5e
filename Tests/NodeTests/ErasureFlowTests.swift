import API
import ChainStorage
import Client
import Codec
import Cryptography
import Foundation
import HTTPTypes
import Ledger
import Node
import Testing

@Suite("Patient flows: erasure, watching, leaving", .timeLimit(.minutes(10)), .serialized)
struct ErasureFlowTests {
    /// Whether a node has a piece of content on its disk.
    private static func isStored(_ id: ContentID, by index: Int, in consortium: TestConsortium) -> Bool {
        let content = NodeHome(path: "\(consortium.directory)/\(index)").contentDirectory
        let path = "\(content)/\(id.digest.hex.prefix(2))/\(id)"
        return FileManager.default.fileExists(atPath: path)
    }

    @Test func `an erased document goes from every disk, and a node that was down serves nothing before it knows`()
        async throws
    {
        try await PatientCast.with { cast in
            let consortium = cast.consortium
            let document = try await cast.commit(String(repeating: "x", count: 200_000), titled: "x")
            let kept = try await cast.commit("y", titled: "y")
            let grant = try await cast.consent.grant(try cast.terms(), of: cast.scope).grant
            let request = try await cast.access().request([document], under: grant, purpose: .treatment)
            #expect(try await cast.own(document, of: cast.scope).count == 200_000)
            let record = try await cast.ledger.document(document, signedBy: cast.scope.signing).record
            let pieces = try await Self.pieces(of: record, document, cast)
            #expect(pieces.allSatisfy { piece in (0..<4).contains { Self.isStored(piece, by: $0, in: consortium) } })

            try await consortium.stop(3)
            try await cast.consent.erase(document, of: cast.scope)
            #expect(try await cast.refusal(of: [document], under: grant) == .documentErased)
            await #expect(throws: WalletFailure.self) { try await cast.access().open(request) }
            let fetched = try? await cast.own(document, of: cast.scope)
            #expect(fetched == nil)
            let missing = consortium.genesis.validators[3].id
            try await cast.eventually("three nodes confirm") {
                let status = try await cast.ledger.erasure(of: .document(document), signedBy: cast.scope.signing)
                return status.isErased && status.missing == [missing]
            }

            // Alone, the fourth does not know what happened while it was down.
            for index in 0..<3 { try await consortium.stop(index) }
            try await consortium.start(3)
            let raw = RawClient(consortium: consortium, index: 3)
            let early = try await raw.send(
                .get, "/v1/content/\(record.manifest)?document=\(document)", signedBy: cast.scope.signing)
            #expect(early.status == 503 && early.problem == .notReady)
            for index in 0..<3 { try await consortium.start(index) }
            try await cast.eventually("the fourth node confirms") {
                try await cast.ledger.erasure(of: .document(document), signedBy: cast.scope.signing).isComplete
            }
            try await cast.eventually("everything is gone, the manifest last") {
                !pieces.contains { piece in (0..<4).contains { Self.isStored(piece, by: $0, in: consortium) } }
            }
            #expect(try await cast.own(kept, of: cast.scope) == "y")

            // The chain still proves everything, and each home holds together.
            let evidence = try await cast.ledger.evidence(
                about: .document(document), signedBy: GenesisSample.auditorKey)
            let audit = try AccessAudit(evidence, trust: TrustAnchor(consortium.genesis))
            #expect(audit.findings.isEmpty)
            #expect(audit.history.events.contains { $0.operation.code == .eraseDocument })
            #expect(audit.history.events.count { $0.operation.code == .confirmErasure && $0.isApplied } == 4)
            try await consortium.stop(3)
            // Within one process a last request may hold the databases a moment longer.
            try await cast.eventually("the fourth home holds together") {
                do {
                    _ = try await HomeCheck(home: NodeHome(path: "\(consortium.directory)/3")).run { _, _ in }
                    return true
                } catch let finding as IntegrityFinding { throw finding } catch { return false }
            }
        }
    }

    /// The names of everything that a document consists of.
    private static func pieces(
        of record: DocumentRecord, _ document: DocumentID, _ cast: PatientCast
    ) async throws -> [ContentID] {
        let transport = NodeContentTransport(
            cast.ledger.nodes, signedBy: cast.scope.signing, entitlement: .document(document))
        let bytes = try await transport.get(record.manifest, range: nil, from: nil)
        return try Manifest(decoding: bytes).blocks + [record.metadata, record.manifest]
    }

    @Test func `validators say that they have deleted the fragments of a revoked grant`() async throws {
        try await PatientCast.with { cast in
            var grant = try await cast.consent.grant(try cast.terms(), of: cast.scope)
            // Each delivery waits a moment by itself; on a busy machine the last validator takes longer.
            let deadline = ContinuousClock.now.advanced(by: .seconds(120))
            while grant.summary != "4 of 4 hold it", ContinuousClock.now < deadline {
                grant = try await cast.consent.deliver(grant.grant, of: cast.scope)
            }
            #expect(grant.summary == "4 of 4 hold it")
            try await cast.consent.revoke(grant.grant, of: cast.scope)
            try await cast.eventually("all four confirm") {
                let status = try await cast.ledger.erasure(of: .grant(grant.grant), signedBy: cast.scope.signing)
                return status.isComplete && status.custodians.count == 4
            }
        }
    }

    @Test func `a patient hears of each request as it becomes final, allowed or refused`() async throws {
        try await PatientCast.with { cast in
            let document = try await cast.commit("x", titled: "x")
            let grant = try await cast.consent.grant(try cast.terms(), of: cast.scope).grant
            let (heard, heardContinuation) = AsyncStream.makeStream(of: WatchedAccess.self)
            let (ready, readyContinuation) = AsyncStream.makeStream(of: Void.self)
            let (consent, scope) = (cast.consent, cast.scope)
            // Before the watch begins: not told.
            _ = try await cast.access().request([document], under: grant, purpose: .treatment)
            let watch = Task {
                // Whatever becomes of the watch, nobody waits for it for ever.
                defer {
                    readyContinuation.finish()
                    heardContinuation.finish()
                }
                var count = 0
                try await consent.watch([scope], onReady: { readyContinuation.finish() }) { access in
                    heardContinuation.yield(access)
                    count += 1
                    return count < 2
                }
            }
            for await _ in ready {}
            await #expect(throws: ClientFailure.self) {
                try await cast.access().request([document], under: grant, purpose: .research)
            }
            _ = try await cast.access().request([document], under: grant, purpose: .treatment, reason: 7)
            var accesses: [WatchedAccess] = []
            for await access in heard { accesses.append(access) }
            try await watch.value
            #expect(accesses.map(\.disclosure.request.purpose) == [.research, .treatment])
            #expect(accesses.map(\.disclosure.entry.outcome) == [.refused(.purposeNotPermitted), .applied])
            #expect(accesses.last?.disclosure.request.reason == 7)
            #expect(accesses.allSatisfy { $0.who?.pseudonym == "reader" && $0.scope.name.category == "imaging" })
        }
    }

    @Test func `an export has the originals, where they come from, and proofs that hold offline`() async throws {
        try await PatientCast.with { cast in
            let first = try await cast.commit("first", titled: "../first")
            let second = try await cast.commit("second", titled: "second")
            let erased = try await cast.commit("third", titled: "third")
            try await cast.consent.erase(erased, of: cast.scope)
            // Somebody has asked for one: who it was is not the patient's to prove.
            let grant = try await cast.consent.grant(try cast.terms(), of: cast.scope).grant
            _ = try await cast.access().request([first], under: grant, purpose: .treatment)
            // And in vain under somebody else's grant, which is not the patient's to read.
            let mnemonic = try #require(Mnemonic(entropy: .random(count: 32)))
            let other = PatientKeys(mnemonic, scopes: [try #require(PatientKeys.ScopeName(category: "other"))])
            try await cast.open(other.allKeys[0])
            let foreign = try await cast.consent.grant(try cast.terms(), of: other.allKeys[0]).grant
            #expect(try await cast.refusal(of: [first], under: foreign) == .documentNotInScope)
            let directory = cast.home.path + "/export"
            let exported = try await RecordExport(cast.consent, into: directory).run(cast.patient)
            #expect(exported.map(\.document) == [first, second, erased])
            #expect(exported.map(\.title) == ["../first", "second", nil])
            #expect(exported.last?.original == nil)
            for (document, content) in zip(exported, ["first", "second"]) {
                let path = directory + "/" + (try #require(document.original))
                #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == content)
                #expect(document.original?.hasPrefix("imaging/\(document.document)-") == true)
                #expect(document.original?.contains("..") == false)
            }
            for document in exported {
                let evidence = try Data(contentsOf: URL(filePath: directory + "/" + document.evidence))
                let audit = try AccessAudit(
                    try Evidence(decoding: Array(evidence)), trust: TrustAnchor(cast.consortium.genesis))
                #expect(audit.findings.isEmpty && audit.history.subject == .document(document.document))
                let json = try JSONSerialization.jsonObject(
                    with: try Data(contentsOf: URL(filePath: directory + "/" + document.provenance)))
                let resource = try #require(json as? [String: Any])
                #expect(resource["resourceType"] as? String == "Provenance")
                #expect(resource["id"] as? String == "\(document.document)")
                let signature = try #require((resource["signature"] as? [[String: Any]])?.first)
                let data = try #require(Data(base64Encoded: signature["data"] as? String ?? ""))
                let transaction = try Transaction(decoding: Array(data))
                #expect(transaction.verifySignatures())
                #expect(
                    transaction.operations.contains { operation in
                        guard case .commitDocument(let commit) = operation else { return false }
                        return commit.document == document.document
                    })
            }
            #expect(FileManager.default.fileExists(atPath: directory + "/index.json"))
            // A second run fetches nothing anew and gives the same.
            let again = try await RecordExport(cast.consent, into: directory).run(cast.patient)
            #expect(again.map(\.original) == exported.map(\.original))
        }
    }
}
