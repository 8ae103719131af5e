import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger

/// What the transactions of a load do.
enum WorkloadKind: String, ExpressibleByArgument, CaseIterable {
    /// Organisations register staff: one signature, 1.4 KiB an operation.
    case staff
    /// A clinician commits documents to a scope: an envelope's signature, and a capsule's and its binding's per operation.
    case documents
    /// Patients let organisations write to their scopes: one signature, 0.3 KiB an operation.
    case authorizations
    /// A clinician asks to open a document, again and again under one grant: one signature, 0.35 KiB an operation. A request
    /// is signed when it is sent, because it may be answered for a hundred blocks only.
    case accesses
}

/// Makes the operations of a load; every one is different and every one is applied.
struct Workload: Sendable {
    private let tip: BlockHeader
    private let chain: ChainID
    private let organizations: [TargetNetwork.Organization]
    private let sealingKey = SealingKey.random().publicKey
    private let author: Author?
    private let scopes: [SigningKey]
    private let accesses: AccessRequests?

    /// Who commits documents, and where.
    struct Author {
        let organization: OrganizationID
        let staff: StaffID
        let device: SigningKey
        let receivingKey: PublicKey
        let scope: SigningKey
        let delegating: DelegatingKey
    }

    /// Learns where the chain is and sets up what the load is about: a clinician, scopes, a grant.
    init(_ kind: WorkloadKind, on network: TargetNetwork, through client: LedgerClient) async throws {
        tip = try await client.tip()
        chain = network.genesis.chain
        organizations = network.organizations
        let isAboutDocuments = kind == .documents || kind == .accesses
        author = isAboutDocuments ? try await Self.makeAuthor(network, client, tip, sealingKey) : nil
        scopes = kind == .authorizations ? try await Self.makeScopes(network, client, tip, sealingKey) : []
        accesses =
            if kind == .accesses, let author {
                try await AccessRequests(by: author, about: Self.document(by: author), tip: tip, through: client)
            } else { nil }
    }

    /// Gives the bytes of each transaction by its place: made and signed now, or each when it is sent.
    func prepare(_ count: Int, operations: Int) async -> @Sendable (Int) -> [UInt8] {
        if let accesses { return { _ in accesses.transaction(operations: operations).bytes } }
        let prepared = await transactions(count, operations: operations)
        return { prepared[$0].bytes }
    }

    /// Puts documents on record in one transaction.
    ///
    /// - Returns: The documents, and the key of their scope, whose owner may read what the chain says of them.
    func commit(_ count: Int, through client: LedgerClient) async throws -> ([DocumentID], SigningKey) {
        guard let author else { preconditionFailure("a load of documents has an author") }
        let operations = (0..<count).map { _ in Self.document(by: author) }
        let transaction = sign(operations.map(Operation.commitDocument), by: [author.device])
        try await client.submit(transaction).requireApplied()
        return (operations.map(\.document), author.scope)
    }

    /// Keeps up with the chain's height, for what expires soon; returns when the task is cancelled.
    func follow(through client: LedgerClient) async { await accesses?.follow(through: client) }

    /// The next so many transactions, signed on all cores.
    private func transactions(_ count: Int, operations: Int) async -> [Transaction] {
        let chunk = 256
        return await withTaskGroup(of: (Int, [Transaction]).self) { group in
            for start in stride(from: 0, to: count, by: chunk) {
                group.addTask {
                    (start, (start..<min(start + chunk, count)).map { transaction($0, operations: operations) })
                }
            }
            var parts: [(Int, [Transaction])] = []
            for await part in group { parts.append(part) }
            return parts.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    private func transaction(_ index: Int, operations count: Int) -> Transaction {
        let organization = organizations[index % organizations.count]
        if !scopes.isEmpty { return authorization(index, of: organization.id, operations: count) }
        let operations: [Operation] = (0..<count).map { _ in
            guard let author else { return .registerStaff(registration(by: organization.id).operation) }
            return .commitDocument(Self.document(by: author))
        }
        return sign(operations, by: author.map { [$0.device] } ?? organization.keys)
    }

    private func authorization(_ index: Int, of organization: OrganizationID, operations count: Int) -> Transaction {
        let scope = scopes[index % scopes.count]
        let operations = (0..<count).map { _ in
            Operation.authorizeAuthor(
                AuthorizeAuthor(
                    scope: ScopeID(scope.publicKey), epoch: 0, organization: organization,
                    card: ContentID(of: SystemRandom.bytes(32))))
        }
        return sign(operations, by: [scope])
    }

    private func sign(_ operations: [Operation], by keys: [SigningKey]) -> Transaction {
        Self.sign(operations, chain: chain, tip: tip, by: keys)
    }

    static func sign(
        _ operations: [Operation], chain: ChainID, tip: BlockHeader, by keys: [SigningKey]
    ) -> Transaction {
        let body = TransactionBody(
            chain: chain, nonce: SystemRandom.bytes(TransactionBody.nonceLength),
            validUntil: Height(rawValue: tip.height.rawValue + 9_900), operations: operations)
        return Transaction(body, signedBy: keys)
    }

    private func registration(by organization: OrganizationID) -> (operation: RegisterStaff, device: SigningKey) {
        Self.registration(by: organization, sealingKey: sealingKey, tip: tip)
    }

    private static func registration(
        by organization: OrganizationID, sealingKey: SealingPublicKey, tip: BlockHeader
    ) -> (operation: RegisterStaff, device: SigningKey) {
        let device = SigningKey.random()
        let operation = RegisterStaff(
            organization: organization, role: .clinician, pseudonym: pseudonym(),
            registrationHash: .sha256(SystemRandom.bytes(32)), deviceKey: device.publicKey,
            receivingKey: SigningKey.random().publicKey, sealingKey: sealingKey,
            expires: tip.time.advanced(byMilliseconds: 365 * 86_400_000), needsCosignature: false)
        return (operation, device)
    }

    /// Letters: a row of digits could pass for the number of a payment card, which the ledger refuses.
    private static func pseudonym() -> String {
        String(decoding: SystemRandom.bytes(16).map { UInt8(ascii: "a") + $0 % 26 }, as: UTF8.self)
    }

    private static func document(by author: Author) -> CommitDocument {
        let encapsulation = Encapsulation(for: author.delegating.publicKey)
        let terms = DocumentTerms(
            scope: ScopeID(author.scope.publicKey), epoch: 0, organization: author.organization, staff: author.staff,
            manifest: ContentID(format: .dagCBOR, digest: .sha256(SystemRandom.bytes(32))), paddedSize: 1 << 20,
            capsule: encapsulation.capsule, keyCommitment: .sha256(SystemRandom.bytes(32)), replaces: nil,
            metadata: ContentID(format: .raw, digest: .sha256(SystemRandom.bytes(32))))
        return CommitDocument(terms) { encapsulation.bind($0) }
    }

    /// Scopes of 28 patients: as many as four transactions with eight signers open.
    private static func makeScopes(
        _ network: TargetNetwork, _ client: LedgerClient, _ tip: BlockHeader, _ sealingKey: SealingPublicKey
    ) async throws -> [SigningKey] {
        var scopes: [SigningKey] = []
        for _ in 0..<4 {
            let keys = (0..<7).map { _ in SigningKey.random() }
            let organization = network.organizations[0]
            let openings = keys.map { key in
                Operation.openScope(
                    OpenScope(
                        scope: key.publicKey, delegatingKey: DelegatingKey.random().publicKey, epoch: 0,
                        sealingKey: sealingKey, sponsor: organization.id, voucher: nil))
            }
            let transaction = sign(openings, chain: network.genesis.chain, tip: tip, by: organization.keys + keys)
            try await client.submit(transaction).requireApplied()
            scopes += keys
        }
        return scopes
    }

    private static func makeAuthor(
        _ network: TargetNetwork, _ client: LedgerClient, _ tip: BlockHeader, _ sealingKey: SealingPublicKey
    ) async throws -> Author {
        let organization = network.organizations[0]
        let (registration, device) = registration(by: organization.id, sealingKey: sealingKey, tip: tip)
        let scope = SigningKey.random()
        let delegating = DelegatingKey.random()
        let opening = OpenScope(
            scope: scope.publicKey, delegatingKey: delegating.publicKey, epoch: 0, sealingKey: sealingKey,
            sponsor: organization.id, voucher: nil)
        let authorization = AuthorizeAuthor(
            scope: ScopeID(scope.publicKey), epoch: 0, organization: organization.id,
            card: ContentID(of: SystemRandom.bytes(32)))
        let transaction = sign(
            [.registerStaff(registration), .openScope(opening), .authorizeAuthor(authorization)],
            chain: network.genesis.chain, tip: tip, by: organization.keys + [scope])
        try await client.submit(transaction).requireApplied()
        return Author(
            organization: organization.id, staff: registration.staff, device: device,
            receivingKey: registration.receivingKey, scope: scope, delegating: delegating)
    }
}
