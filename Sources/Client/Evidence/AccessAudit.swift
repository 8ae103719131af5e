public import API
internal import Codec
internal import Consensus
public import Ledger
public import Cryptography

/// Whether what happened was allowed: derived again from headers, proofs and signatures, trusting no node.
public struct AccessAudit: Sendable {
    /// Something that must not be.
    public struct Finding: Hashable, Sendable {
        /// Where.
        public let entry: HistoryEntry?
        /// What is wrong, in one sentence without a name.
        public let text: String
    }

    /// The subject's history.
    public let history: ProvedHistory
    /// The histories of the grants that its accesses name.
    public let grants: [GrantID: ProvedHistory]
    /// What must not be; empty when everything was allowed.
    public let findings: [Finding]

    /// Judges evidence offline.
    ///
    /// - Throws: ``ProofFailure`` when the evidence proves nothing; what it proves is in the findings.
    public init(_ evidence: Evidence, trust: TrustAnchor) throws(ProofFailure) {
        guard evidence.chain == trust.chain else { throw .wrongChain }
        var final: [BlockHash: Certificate?] = [:]
        let history = try ProvedHistory(evidence.histories[0], trust: trust, final: &final)
        var grants: [GrantID: ProvedHistory] = [:]
        for pages in evidence.histories.dropFirst() {
            let proved = try ProvedHistory(pages, trust: trust, final: &final)
            guard case .grant(let id) = proved.subject else { throw .wrongSubject }
            grants[id] = proved
        }
        if case .grant(let id) = history.subject { grants[id] = history }
        self.history = history
        self.grants = grants
        findings = Self.judge(history, grants, threshold: trust.validators.quorum)
    }

    /// The accesses among the events.
    public var accesses: [(event: ProvedEvent, request: RequestAccess)] {
        history.events.compactMap { event in
            guard case .requestAccess(let request) = event.operation else { return nil }
            return (event, request)
        }
    }

    private static func judge(
        _ history: ProvedHistory, _ grants: [GrantID: ProvedHistory], threshold: Int
    ) -> [Finding] {
        var findings: [Finding] = []
        if case .document(let id) = history.subject { findings += judgeCommit(of: id, history) }
        var end: String?
        for event in history.events where event.isApplied {
            end = ending(event.operation, of: history.subject) ?? end
            guard case .requestAccess(let request) = event.operation else { continue }
            if let end { findings.append(Finding(entry: event.entry, text: end)) }
            guard let grant = grants[request.grant] else {
                findings.append(Finding(entry: event.entry, text: "the grant of this access is not in the evidence"))
                continue
            }
            findings += judge(request, event, under: grant, threshold: threshold)
        }
        return findings
    }

    /// After which operation nobody may open anything of the subject, and what to say of an access that did.
    private static func ending(_ operation: Operation, of subject: Subject) -> String? {
        switch (operation, subject) {
        case (.eraseDocument(let erasure), .document(let id)) where id == erasure.document:
            "the document had been erased"
        case (.closeScope(let closing), .scope(let id)) where id == closing.scope: "the scope had been closed"
        default: nil
        }
    }

    /// A document begins with the commit that made its identifier, and is committed once.
    private static func judgeCommit(of id: DocumentID, _ history: ProvedHistory) -> [Finding] {
        let made: DocumentID? =
            switch history.events.first?.operation {
            case .commitDocument(let commit): commit.document
            case .shareDocument(let share): share.document
            default: nil
            }
        guard let first = history.events.first, first.isApplied, made == id else {
            return [Finding(entry: history.events.first?.entry, text: "the document's history begins without it")]
        }
        return []
    }

    /// An access needs a grant that was given before it, acknowledged by a quorum before it, not revoked before it, and
    /// that allows its purpose at its time.
    private static func judge(
        _ request: RequestAccess, _ event: ProvedEvent, under grant: ProvedHistory, threshold: Int
    ) -> [Finding] {
        func finding(_ text: String) -> Finding { Finding(entry: event.entry, text: text) }
        let place = (event.entry.height, event.transaction.id, event.entry.operation)
        var consent: GrantConsent?
        var holders: Set<ValidatorID> = []
        var isRevoked = false
        for other in grant.events {
            if (other.entry.height, other.transaction.id, other.entry.operation) == place { break }
            guard other.isApplied, other.entry.height <= event.entry.height else { continue }
            switch other.operation {
            case .grantConsent(let operation): consent = operation
            case .acknowledgeGrant(let operation): holders.insert(operation.validator)
            case .revokeConsent: isRevoked = true
            default: break
            }
        }
        guard let consent else { return [finding("the access comes before its grant")] }
        var findings: [Finding] = []
        if holders.count < threshold { findings.append(finding("fewer validators than a quorum held the grant")) }
        if isRevoked { findings.append(finding("the grant had been revoked")) }
        if event.entry.time < consent.notBefore || event.entry.time > consent.notAfter {
            findings.append(finding("the access is outside of the grant's time"))
        }
        if !consent.purposes.contains(request.purpose) {
            findings.append(finding("the grant does not allow the purpose"))
        }
        return findings
    }
}

extension LedgerClient {
    /// Collects what proves a subject's complete history, and those of the grants under which it was asked for.
    ///
    /// - Parameter key: Signs the requests; its holder may read all of it.
    public func evidence(about subject: Subject, signedBy key: SigningKey) async throws(ClientFailure) -> Evidence {
        let pages = try await pages(of: subject, signedBy: key)
        var histories = [pages]
        var seen: Set<GrantID> = []
        for proof in pages.flatMap(\.transactions) {
            for case .requestAccess(let request) in proof.transaction.operations
            where seen.insert(request.grant).inserted && subject != .grant(request.grant) {
                histories.append(try await self.pages(of: .grant(request.grant), signedBy: key))
            }
        }
        return Evidence(chain: chain, histories: histories)
    }

    private func pages(of subject: Subject, signedBy key: SigningKey) async throws(ClientFailure) -> [EvidenceReply] {
        var pages: [EvidenceReply] = []
        var next: UInt64 = 0
        while true {
            let range = HistoryRange(from: next, limit: HistoryRange.maximumLimit)
            let answer = try await nodes.send(
                .readEvidence(subject, range), signedBy: key, timeout: .seconds(60), as: EvidenceReply.self)
            try accept(answer.value.history.finality, from: answer.node)
            let head: HistoryHead?
            do { head = try answer.value.history.verify(light.trust) } catch {
                throw .proof(error, node: answer.node.url)
            }
            guard let head else { throw .notFound("\(subject.kind) with this identifier") }
            pages.append(answer.value)
            next += UInt64(answer.value.history.entries.count)
            if next >= head.count || answer.value.history.entries.isEmpty { return pages }
        }
    }
}
