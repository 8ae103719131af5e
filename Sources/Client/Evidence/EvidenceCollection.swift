internal import API
internal import Codec
internal import Consensus
public import Cryptography
public import Ledger

/// Which histories evidence holds beside the subject's own and those of the grants that it was asked for under.
public enum EvidenceExtent: Hashable, Sendable {
    /// None, but the registrations of the staff who asked, and of a document that of its scope: what the patient denied.
    case subject
    /// None, but the registrations of the staff who asked: of a document nothing that others of its scope could be known
    /// by. Whether the patient had denied an access it does not show.
    case alone
    /// None, no registrations, and no grants but those that something was opened under: what a patient can collect, who
    /// reads neither the histories of staff nor the grants of others that refused requests may name.
    case anonymous
    /// Of an organisation, those of all staff whom it ever registered: everything that was done in its name.
    case withStaff
    /// Of a scope or an organisation, those of its erased documents and of the grants that it names: who has deleted what.
    case withErasures
}

extension LedgerClient {
    /// Collects what proves a subject's complete history, and those of the grants under which it was asked for.
    ///
    /// Every node is heard first. None can then show an older history as the present one, unless all that can be reached
    /// do; and one that leaves out, adds, reorders or denies is passed over for the next.
    ///
    /// - Parameters:
    ///   - key: Signs the requests; its holder may read all of it.
    ///   - doubt: Hears of every node whose answer was not believed.
    /// - Throws: The first refusal of a node's answer when no node's holds.
    public func evidence(
        about subject: Subject, _ extent: EvidenceExtent = .subject, signedBy key: SigningKey,
        doubt: (ClientFailure) -> Void = { _ in }
    ) async throws(ClientFailure) -> Evidence {
        try await hearEverybody(doubt: doubt)
        var histories = [try await provedPages(of: subject, signedBy: key, doubt: doubt)]
        if extent == .withStaff {
            for id in Self.registered(in: histories[0]) {
                histories.append(try await provedPages(of: .staff(id), signedBy: key, doubt: doubt))
            }
        }
        var registrations: [TransactionProof] = []
        var grants: Set<GrantID> = []
        var staff: Set<StaffID> = []
        for request in Self.requests(in: histories, onlyApplied: extent == .anonymous) {
            if grants.insert(request.grant).inserted, subject != .grant(request.grant) {
                histories.append(try await provedPages(of: .grant(request.grant), signedBy: key, doubt: doubt))
            }
            // An organisation's own history registers its staff, and a person's begins with it.
            guard extent != .anonymous, subject.kind != .organization, subject.kind != .staff,
                staff.insert(request.staff).inserted
            else {
                continue
            }
            let proof = try await registration(of: request.staff, signedBy: key, doubt: doubt)
            if !registrations.contains(where: { $0.transaction.id == proof.transaction.id }) {
                registrations.append(proof)
            }
        }
        for recovery in Self.recoveries(in: histories)
        where grants.insert(recovery.grant).inserted && subject != .grant(recovery.grant) {
            histories.append(try await provedPages(of: .grant(recovery.grant), signedBy: key, doubt: doubt))
        }
        if extent == .subject || extent == .withErasures, case .document(let document) = subject {
            // Fetched after the document's: it goes at least as far.
            let scope = try Self.scope(of: document, in: histories[0])
            histories.append(try await provedPages(of: .scope(scope), signedBy: key, doubt: doubt))
        }
        if extent == .withErasures {
            let known = Set(histories.map { $0[0].history.subject })
            for erased in Self.erasures(in: histories[0]) where !known.contains(erased) {
                histories.append(try await provedPages(of: erased, signedBy: key, doubt: doubt))
            }
        }
        return Evidence(
            chain: chain, boundaries: light.boundaries, histories: histories, registrations: registrations)
    }

    /// Where a document stands, as the first entry of its history says.
    private static func scope(of document: DocumentID, in pages: [EvidenceReply]) throws(ClientFailure) -> ScopeID {
        guard let scope = operations(in: pages).first?.scope(making: document) else {
            throw .notFound("the scope of this document")
        }
        return scope
    }

    /// The documents that a history erases and the grants that it names, each once.
    private static func erasures(in pages: [EvidenceReply]) -> [Subject] {
        var subjects: [Subject] = []
        for operation in operations(in: pages) {
            let subject: Subject
            switch operation {
            case .eraseDocument(let erasure): subject = .document(erasure.document)
            case .grantConsent(let consent): subject = .grant(consent.grant)
            default: continue
            }
            if !subjects.contains(subject) { subjects.append(subject) }
        }
        return subjects
    }

    /// The operations that a history's entries name. A transaction may hold others, which are somebody else's.
    private static func operations(in pages: [EvidenceReply], onlyApplied: Bool = false) -> [Operation] {
        pages.flatMap { page -> [Operation] in
            let transactions = Dictionary(
                page.transactions.map { ($0.transaction.id, $0.transaction) }, uniquingKeysWith: { first, _ in first })
            return page.history.entries.compactMap { entry in
                guard !onlyApplied || entry.outcome == .applied, let transaction = transactions[entry.transaction],
                    transaction.operations.indices.contains(entry.operation)
                else { return nil }
                return transaction.operations[entry.operation]
            }
        }
    }

    private static func requests(in histories: [[EvidenceReply]], onlyApplied: Bool) -> [AccessAttempt] {
        histories.flatMap { operations(in: $0, onlyApplied: onlyApplied) }.compactMap(\.accessAttempt)
    }

    private static func recoveries(in histories: [[EvidenceReply]]) -> [RecoverDocuments] {
        histories.flatMap { operations(in: $0) }.compactMap { operation in
            if case .recoverDocuments(let recovery) = operation { recovery } else { nil }
        }
    }

    private static func registered(in pages: [EvidenceReply]) -> [StaffID] {
        operations(in: pages).compactMap { operation in
            if case .registerStaff(let registration) = operation { registration.staff } else { nil }
        }
    }

    /// The pages of one node whose answer is proved as a whole.
    private func provedPages(
        of subject: Subject, signedBy key: SigningKey, doubt: (ClientFailure) -> Void
    ) async throws(ClientFailure) -> [EvidenceReply] {
        try await firstBelieved(doubt: doubt) { (node) async throws(ClientFailure) in
            let pages = try await self.pages(of: subject, from: node, signedBy: key)
            guard let pages else { throw .notFound("\(subject.kind) with this identifier") }
            do throws(ProofFailure) {
                var final: [BlockHash: Certificate?] = [:]
                _ = try ProvedHistory(pages, trust: self.light.trust, final: &final)
            } catch { throw .proof(error, node: node.url) }
            return pages
        }
    }

    /// What registered a member of staff: the first entry of their history, whose operation's hash is their identifier.
    private func registration(
        of staff: StaffID, signedBy key: SigningKey, doubt: (ClientFailure) -> Void
    ) async throws(ClientFailure) -> TransactionProof {
        try await firstBelieved(doubt: doubt) { (node) async throws(ClientFailure) in
            let answer = try await self.nodes.send(
                .readEvidence(.staff(staff), HistoryRange(from: 0, limit: 1)), signedBy: key, to: node,
                as: EvidenceReply.self)
            guard let entry = answer.value.history.entries.first,
                let proof = answer.value.transactions.first(where: { $0.transaction.id == entry.transaction }),
                proof.transaction.operations.indices.contains(entry.operation),
                case .registerStaff(let registration) = proof.transaction.operations[entry.operation],
                registration.staff == staff
            else { throw .proof(.wrongTransactions, node: node.url) }
            try await self.accept(proof.finality, from: node)
            do throws(ProofFailure) { try proof.verifyInclusion() } catch { throw .proof(error, node: node.url) }
            return proof
        }
    }
}
