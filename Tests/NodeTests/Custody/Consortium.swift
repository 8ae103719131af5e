import API
import ChainStorage
import Codec
import Cryptography
import Ledger
import Node
import Testing

/// A ledger in memory: executes blocks one after the other.
final class MemoryLedger: LedgerReader {
    private var values: [StateKey: [UInt8]] = [:]
    private var included: Set<TransactionID> = []
    private(set) var tip: BlockContext
    let chain: ChainID

    init(_ genesis: Genesis) {
        chain = genesis.chain
        tip = BlockContext(height: .genesis, time: genesis.time)
        for change in genesis.initialState { values[change.key] = change.value }
    }

    func value(_ key: StateKey) -> [UInt8]? { values[key] }

    func contains(_ transaction: TransactionID) -> Bool { included.contains(transaction) }

    /// Executes one transaction in a block of its own, all of whose operations are applied.
    @discardableResult
    func run(
        _ operations: Operation..., by keys: [SigningKey], after milliseconds: UInt64 = 1000
    ) throws -> (transactions: [Transaction], receipts: [Receipt]) {
        let body = TransactionBody(
            chain: chain, nonce: SystemRandom.bytes(16), validUntil: Height(rawValue: tip.height.rawValue + 100),
            operations: operations)
        let transaction = Transaction(body, signedBy: keys)
        let receipts = try commit([transaction], after: milliseconds)
        #expect(receipts[0].outcomes.allSatisfy { $0 == .applied }, "\(receipts[0].outcomes)")
        return ([transaction], receipts)
    }

    /// Lets blocks without transactions pass.
    func pass(blocks: Int = 1, milliseconds: UInt64 = 1000) throws {
        for _ in 0..<blocks { try commit([], after: milliseconds) }
    }

    @discardableResult
    private func commit(_ transactions: [Transaction], after milliseconds: UInt64) throws -> [Receipt] {
        let block = BlockContext(height: tip.height.next, time: tip.time.advanced(byMilliseconds: milliseconds))
        let execution = try Transition.execute(transactions, at: block, over: self)
        tip = block
        for change in execution.changes { values[change.key] = change.value }
        for transaction in transactions { included.insert(transaction.id) }
        return execution.receipts
    }
}

/// A hospital with four validators, a patient with a scope of two documents, a clinician with a grant.
final class Consortium {
    static let start = Timestamp(rawValue: 1_790_000_000_000)
    static let day: UInt64 = 86_400_000

    let hospitalKey = SigningKey.random()
    let validatorKeys = (0..<4).map { _ in SigningKey.random() }
    let sealingKeys = (0..<4).map { _ in SealingKey.random() }
    let databases = (0..<4).map { _ in InMemoryDatabase() }
    let device = SigningKey.random()
    let receivingKey = ReceivingKey.random()
    let scopeKey = SigningKey.random()
    let delegatingKey = DelegatingKey.random()
    let replyKey = SealingKey.random()

    let genesis: Genesis
    let ledger: MemoryLedger
    let staff: StaffID
    let documents: [DocumentID]
    let keySeeds: [DocumentID: SecretBytes]
    let delegation: ReEncryptionKeys
    let grant: GrantConsent

    var scope: ScopeID { ScopeID(scopeKey.publicKey) }
    var validators: [ValidatorID] { validatorKeys.map { ValidatorID(consensusKey: $0.publicKey) } }
    var keys: DelegationKeys {
        DelegationKeys(
            delegating: delegatingKey.publicKey, verifying: scopeKey.publicKey, receiving: receivingKey.publicKey)
    }

    init() throws {
        let hospital = Genesis.Organization(
            name: "hospital", signingKeys: [hospitalKey.publicKey], threshold: 1,
            receivingKey: SigningKey.random().publicKey, sealingKey: SealingKey.random().publicKey,
            roles: Role.allCases)
        let (sealingKeys, validatorKeys) = (sealingKeys, validatorKeys)
        genesis = try Genesis(
            name: "consortium", time: Self.start, parameters: Genesis.Parameters(), organizations: [hospital],
            validators: (0..<4).map { index in
                Genesis.Validator(
                    organization: hospital.id, consensusKey: validatorKeys[index].publicKey,
                    certificate: [UInt8(index)], sealingKey: sealingKeys[index].publicKey,
                    peerAddress: "validator-\(index).example:7001", apiURL: "https://validator-\(index).example:7002")
            }, auditors: [])
        ledger = MemoryLedger(genesis)

        let registration = RegisterStaff(
            organization: hospital.id, role: .clinician, pseudonym: "clinician", registrationHash: .sha256([1]),
            deviceKey: device.publicKey, receivingKey: receivingKey.publicKey,
            sealingKey: SealingKey.random().publicKey, expires: Self.start.advanced(byMilliseconds: 90 * Self.day),
            needsCosignature: false)
        staff = registration.staff
        try ledger.run(.registerStaff(registration), by: [hospitalKey])

        let scope = ScopeID(scopeKey.publicKey)
        try ledger.run(
            .openScope(
                OpenScope(
                    scope: scopeKey.publicKey, delegatingKey: delegatingKey.publicKey, epoch: 0,
                    sealingKey: SealingKey.random().publicKey, sponsor: hospital.id, voucher: nil)),
            .authorizeAuthor(
                AuthorizeAuthor(scope: scope, epoch: 0, organization: hospital.id, card: ContentID(of: []))),
            by: [scopeKey, hospitalKey])

        var seeds: [DocumentID: SecretBytes] = [:]
        for number in 0..<2 {
            let made = Encapsulation(for: delegatingKey.publicKey)
            let terms = DocumentTerms(
                scope: scope, epoch: 0, organization: hospital.id, staff: staff,
                manifest: ContentID(of: [UInt8(number)]), paddedSize: 1 << 20, capsule: made.capsule,
                keyCommitment: .sha256([]), replaces: nil, metadata: ContentID(of: []))
            let binding = made.bind(terms.boundMessage)
            let document = CommitDocument(terms) { _ in binding }
            try ledger.run(.commitDocument(document), by: [device])
            seeds[document.document] = made.keySeed
        }
        keySeeds = seeds
        documents = seeds.keys.sorted()

        delegation = delegatingKey.delegate(
            to: receivingKey.publicKey, signedBy: scopeKey, threshold: 3, shares: 4)
        grant = GrantConsent(
            scope: scope, epoch: 0, grantee: .staff(staff), receivingKey: receivingKey.publicKey,
            delegation: delegation.published,
            validators: validatorKeys.map { ValidatorID(consensusKey: $0.publicKey) }, purposes: [.treatment],
            roles: [.clinician], notBefore: Self.start, notAfter: Self.start.advanced(byMilliseconds: 30 * Self.day),
            documentsPerDay: 100, card: ContentID(of: []))
        try ledger.run(.grantConsent(grant), by: [scopeKey])
    }

    func custody(_ index: Int) -> FragmentCustody {
        FragmentCustody(
            database: databases[index], chain: ledger.chain, validator: validators[index],
            sealingKey: sealingKeys[index])
    }

    func log(_ index: Int) throws -> ServiceLog {
        try ServiceLog(database: databases[index], validator: validators[index])
    }

    func service(_ index: Int) throws -> ReEncryptionService {
        ReEncryptionService(custody: custody(index), log: try log(index))
    }

    /// What the patient sends to a validator.
    func sealedFragment(_ index: Int, as fragment: Int? = nil, for grant: GrantID? = nil) throws -> [UInt8] {
        try HybridSeal.seal(
            delegation.fragments[fragment ?? index].bytes, to: sealingKeys[index].publicKey,
            context: .keyFragment(
                chain: ledger.chain, scope: scope, validator: validators[index], grant: grant ?? self.grant.grant))
    }

    @discardableResult
    func deposit(_ index: Int) throws -> AcknowledgeGrant? {
        try custody(index).accept(try sealedFragment(index), for: grant.grant, over: ledger, tip: ledger.tip)
    }

    /// Three validators take their fragments in and say so.
    func activate() throws {
        for index in 0..<3 {
            let acknowledgement = try #require(try deposit(index))
            try ledger.run(.acknowledgeGrant(acknowledgement), by: [validatorKeys[index]])
        }
    }

    /// The clinician asks for documents, and the chain agrees.
    func request(_ documents: [DocumentID]? = nil) throws -> AccessID {
        let request = RequestAccess(
            grant: grant.grant, staff: staff, documents: documents ?? self.documents, purpose: .treatment, reason: 0,
            replyKeyDigest: .hash(replyKey.publicKey.bytes, in: RequestAccess.replyKeyDomain),
            expires: Height(rawValue: ledger.tip.height.rawValue + 50))
        try ledger.run(.requestAccess(request), by: [device])
        return request.access
    }

    func answer(_ index: Int, _ access: AccessID) throws -> FragmentReply {
        try service(index).answer(access, replyKey: replyKey.publicKey, over: ledger, tip: ledger.tip)
    }

    /// What the clinician does with one sealed fragment.
    func open(
        _ fragment: FragmentReply.Fragment, from validator: ValidatorID, for access: AccessID
    ) throws -> VerifiedCapsuleFragment {
        let bytes = try HybridSeal.open(
            fragment.sealed, with: replyKey,
            context: .capsuleFragment(
                chain: ledger.chain, validator: validator, staff: staff, access: access, document: fragment.document))
        let record: DocumentRecord = try #require(ledger.record(fragment.document))
        return try CapsuleFragment(parsing: bytes.copy()).verify(
            for: record.capsule, of: delegation.published, keys: keys)
    }
}
