import API
import Client
import Codec
import Cryptography
import Ledger
import Synchronization

/// Requests of one clinician to open one document under one grant, each with a reply key of its own.
final class AccessRequests: Sendable {
    /// How often the chain's height is asked for: a request is good for a hundred blocks.
    private static let interval = Duration.milliseconds(250)

    private let chain: ChainID
    private let tip: BlockHeader
    private let grant: GrantID
    private let staff: StaffID
    private let device: SigningKey
    private let document: DocumentID
    private let window: UInt64
    private let height: Atomic<UInt64>

    /// Puts the document and the grant on the chain.
    init(
        by author: Workload.Author, about document: CommitDocument, tip: BlockHeader, through client: LedgerClient
    ) async throws {
        let validators = try await client.validators()
        let delegation = author.delegating.delegate(
            to: author.receivingKey, signedBy: author.scope,
            threshold: validators.count - (validators.count - 1) / 3, shares: validators.count)
        let consent = GrantConsent(
            scope: ScopeID(author.scope.publicKey), epoch: 0, grantee: .staff(author.staff),
            receivingKey: author.receivingKey, delegation: delegation.published, validators: validators.map(\.id),
            purposes: [.treatment], roles: [.clinician], notBefore: tip.time,
            notAfter: tip.time.advanced(byMilliseconds: 30 * 86_400_000),
            documentsPerDay: GrantConsent.maximumDocumentsPerDay, card: ContentID(of: SystemRandom.bytes(32)))
        let steps: [(Operation, SigningKey)] = [
            (.commitDocument(document), author.device), (.grantConsent(consent), author.scope),
        ]
        for (operation, key) in steps {
            let transaction = Workload.sign([operation], chain: tip.chain, tip: tip, by: [key])
            try await client.submit(transaction).requireApplied()
        }
        try await Self.deposit(delegation.fragments, of: consent, to: validators, by: author.scope, client)
        chain = tip.chain
        self.tip = tip
        grant = consent.grant
        staff = author.staff
        device = author.device
        self.document = document.document
        window = try await client.limits().accessWindow
        height = Atomic(try await client.tip().height.rawValue)
    }

    /// Hands every validator its fragment, and waits until so many have acknowledged it that the grant can be used.
    private static func deposit(
        _ fragments: [KeyFragment], of consent: GrantConsent,
        to validators: [(id: ValidatorID, card: ValidatorCardRecord)], by scope: SigningKey, _ client: LedgerClient
    ) async throws {
        for (validator, fragment) in zip(validators, fragments) {
            let context = SealContext.keyFragment(
                chain: client.chain, scope: consent.scope, validator: validator.id, grant: consent.grant)
            let sealed = try HybridSeal.seal(fragment.bytes, to: validator.card.sealingKey, context: context)
            let node = try await client.node(of: validator.id)
            try await eventually {
                _ = try await client.nodes.send(
                    .depositFragment(consent.grant), body: sealed, signedBy: scope, to: node, as: DepositReply.self)
                return true
            }
        }
        try await eventually {
            let record: GrantRecord? = try await client.record(
                consent.grant, at: .readSubject(.grant(consent.grant)), signedBy: scope)
            return record?.isHeld ?? false
        }
    }

    /// Tries again for some seconds: a validator may have the grant a few blocks later than the one that told of it.
    private static func eventually(_ isDone: () async throws -> Bool) async throws {
        for _ in 0..<100 {
            if let done = try? await isDone(), done { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        guard try await isDone() else { throw LoadFailure.grantNotHeld }
    }

    /// The next request, or several in one transaction.
    func transaction(operations count: Int) -> Transaction {
        let expires = Height(rawValue: height.load(ordering: .relaxed) + window)
        let requests = (0..<count).map { _ in
            Operation.requestAccess(
                RequestAccess(
                    grant: grant, staff: staff, documents: [document], purpose: .treatment, reason: 0,
                    replyKeyDigest: .sha256(SystemRandom.bytes(32)), expires: expires))
        }
        return Workload.sign(requests, chain: chain, tip: tip, by: [device])
    }

    /// Asks for the height again and again until the task is cancelled.
    func follow(through client: LedgerClient) async {
        while !Task.isCancelled {
            if let header = try? await client.tip() { height.store(header.height.rawValue, ordering: .relaxed) }
            try? await Task.sleep(for: Self.interval)
        }
    }
}
