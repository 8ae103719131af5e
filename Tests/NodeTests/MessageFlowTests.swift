import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Testing

@Suite("Patient flows: messages", .timeLimit(.minutes(10)), .serialized)
struct MessageFlowTests {
    private static func metadata(_ subject: String) throws -> DocumentMetadata {
        try #require(MessageKeeper.metadata(subject: subject, date: "2026-01-01"))
    }

    @Test func `a patient asks, a clinician reads and answers, the patient reads, and each sees that the other has`()
        async throws
    {
        try await PatientCast.with { cast in
            let scope = cast.scope
            let patient = MessageKeeper(cast.ledger, scope)
            let clinician = try MessageKeeper(cast.ledger, cast.reader)
            let question = try await patient.letter(
                Array("Does it heal?".utf8), Self.metadata("knee"), into: AuthorScope(scope))
            try await cast.ledger.apply(.postMessage(.letter(question)), signedBy: [scope.signing])

            // The clinician sees the subject under the grant, and the text after a request that the patient sees.
            let grant = try await cast.consent.grant(try cast.terms(), of: scope).grant
            let access = try cast.access()
            let card = try await access.card(of: grant)
            let threads = try await clinician.threads(in: scope.id)
            #expect(threads.map(\.isComplete) == [true] && threads[0].messages.map(\.id) == [question.document])
            let subject = try await clinician.metadata(of: question.document, scopeSecret: card.secret)
            #expect(subject.title == "knee" && subject.type == MessageKeeper.type)
            #expect(try await Self.read(question.document, under: grant, cast, clinician) == "Does it heal?")
            #expect(try await cast.consent.events(of: scope).disclosures.count == 1)

            let answer = try await clinician.letter(
                Array("Yes.".utf8), Self.metadata("knee"), into: AuthorScope(card), thread: question.ownThread)
            // Whoever wrote at the same time has not read it.
            let meanwhile = try await patient.letter(
                Array("Hello?".utf8), Self.metadata("knee"), into: AuthorScope(scope), thread: question.ownThread)
            try await cast.ledger.apply(.postMessage(.letter(answer)), signedBy: [cast.reader.device])
            await #expect(throws: ClientFailure.self) {
                try await cast.ledger.apply(.postMessage(.letter(meanwhile)), signedBy: [scope.signing])
            }

            let (record, _) = try await cast.ledger.document(answer.document, signedBy: scope.signing)
            let text = try await patient.text(
                of: answer.document, record,
                with: RecordSecrets(
                    keySeed: try scope.delegating.open(record.capsule), scopeSecret: scope.secret))
            #expect(text == Array("Yes.".utf8))
            try await cast.ledger.apply(
                .postMessage(patient.receipt(of: answer.document, in: scope.id)), signedBy: [scope.signing])

            for keeper in [patient, clinician] {
                let thread = try #require(try await keeper.threads(in: scope.id).first)
                #expect(thread.isComplete && thread.messages.map(\.number) == [1, 2])
                #expect(thread.read(by: clinician.author) == 1 && thread.read(by: nil) == 2)
            }
            // A message stands in the patient's list of documents and opens as any of them does.
            let events = try await cast.consent.events(of: scope)
            #expect(events.identifiers(in: scope.id) == [question.document, answer.document])
            #expect(try await cast.own(question.document, of: scope) == "Does it heal?")
            let exported = try await RecordExport(cast.consent, into: cast.home.path + "/export").run(cast.patient)
            #expect(exported.map(\.document) == [question.document, answer.document])
            let origin = try String(
                contentsOfFile: cast.home.path + "/export/" + exported[0].provenance, encoding: .utf8)
            #expect(origin.contains("urn:careledger:scope") && !origin.contains("onBehalfOf"))
            let evidence = try await cast.ledger.evidence(
                about: .document(question.document), .anonymous, signedBy: scope.signing)
            #expect(try AccessAudit(evidence, trust: cast.ledger.light.trust).findings.isEmpty)
            // An auditor's shows what the patient denied, as that of any document does.
            let audited = try await cast.ledger.evidence(
                about: .document(answer.document), signedBy: GenesisSample.auditorKey)
            let audit = try AccessAudit(audited, trust: cast.ledger.light.trust)
            #expect(audit.findings.isEmpty && audit.denials == [])
        }
    }

    /// Asks for a message and says in the same transaction that it has been read.
    private static func read(
        _ message: DocumentID, under grant: GrantID, _ cast: PatientCast, _ keeper: MessageKeeper
    ) async throws -> String {
        let access = try cast.access()
        let (id, transaction) = try await access.prepareRequest(
            for: [message], under: grant, purpose: .treatment,
            followedBy: [.postMessage(keeper.receipt(of: message, in: cast.scope.id))])
        try await cast.ledger.apply(transaction)
        let opened = try #require(try await access.open(id).first)
        let text = try await keeper.text(
            of: message, opened.record,
            with: RecordSecrets(keySeed: opened.keySeed, scopeSecret: opened.scopeSecret))
        return String(decoding: text, as: UTF8.self)
    }

    @Test func `a node that leaves out, swaps or back-dates messages is refused, and so is one that denies the thread`()
        async throws
    {
        try await PatientCast.withLiar { cast, liar in
            let scope = cast.scope
            let honest = MessageKeeper(cast.ledger, scope)
            var thread: ThreadID?
            for text in ["one", "two"] {
                let letter = try await honest.letter(
                    Array(text.utf8), Self.metadata(text), into: AuthorScope(scope), thread: thread)
                try await cast.ledger.apply(.postMessage(.letter(letter)), signedBy: [scope.signing])
                thread = letter.ownThread
            }
            let id = try #require(thread)
            // A refused request, so that there is one to lie about.
            let grant = try await cast.consent.grant(try cast.terms(), of: scope).grant
            try await cast.consent.revoke(grant, of: scope)
            #expect(try await cast.refusal(of: [DocumentID(id.digest)], under: grant) == .grantRevoked)
            let height = try await cast.ledger.tip().height
            let lying = try cast.consortium.client(of: 3)
            let result: Result<Void, any Error>
            do {
                try await cast.eventually("the liar has caught up") { try await lying.tip().height >= height }
                result = .success(try await Self.refuses(liar, MessageKeeper(lying, scope), scope.id, id))
            } catch { result = .failure(error) }
            await lying.shutDown()
            try result.get()
        }
    }

    /// What the liar says in front of the keeper's only node is found out.
    private static func refuses(
        _ liar: TamperingProxy, _ keeper: MessageKeeper, _ scope: ScopeID, _ thread: ThreadID
    ) async throws {
        defer { liar.alter(nil) }
        #expect(try await keeper.threads(in: scope).map(\.isComplete) == [true])
        for lie in Lie.entries {
            liar.alter { request, bytes in
                guard case .readEvidence = request, let reply = try? EvidenceReply(decoding: bytes),
                    !reply.history.entries.isEmpty
                else { return nil }
                return .init(lie.tell(reply))
            }
            var failure: ClientFailure?
            // A machine that is busy may not have had the answer in time.
            repeat {
                failure = await #expect(throws: ClientFailure.self) { try await keeper.threads(in: scope) }
            } while failure?.exitCode == 5
            #expect(failure?.exitCode == 3, "\(lie)")
        }
        liar.alter { request, _ in if case .readThread = request { .notFound } else { nil } }
        #expect(try await keeper.threads(in: scope).map(\.findings) == [[.unknownThread]])
        liar.alter { request, bytes in
            guard case .readThread = request, let reply = try? StateReply(decoding: bytes) else { return nil }
            let leaves = reply.leaves.map { leaf in
                StateReply.ProvedLeaf(
                    kind: leaf.kind, id: leaf.id, proof: StateProof(siblings: leaf.proof.siblings, end: .nothing))
            }
            return .init(StateReply(finality: reply.finality, leaves: leaves))
        }
        let failure = await #expect(throws: ClientFailure.self) { try await keeper.record(of: thread) }
        #expect(failure?.exitCode == 3)
    }
}
