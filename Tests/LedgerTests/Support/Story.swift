import Codec
import Cryptography
import Ledger

/// A ledger on which everything has happened that an operation may rest on: both hospitals have staff, the patient has
/// opened a scope, North may write to it and has, South's reader may open what is in it and three validators help.
struct Story {
    let ledger: TestLedger
    let document: CommitDocument
    let grant: GrantConsent

    private static let template = Result { try told() }

    init() throws {
        let template = try Self.template.get()
        ledger = TestLedger(template.contents)
        document = template.document
        grant = template.grant
    }

    private static func told() throws -> (contents: TestLedger.Contents, document: CommitDocument, grant: GrantConsent)
    {
        let ledger = TestLedger(try Cast.genesis())
        let document = document("first")
        let grant = grant("grant", from: Cast.start)
        try ledger.run(
            .registerStaff(Cast.author.registration), .registerStaff(Cast.registrar.registration),
            .registerStaff(Cast.officer.registration), by: Cast.north.signers)
        try ledger.run(
            .registerStaff(Cast.reader.registration), .registerStaff(Cast.colleague.registration),
            by: Cast.south.signers)
        for scope in [Cast.scope, Cast.otherScope] {
            try ledger.run(
                .openScope(scope.opening(sponsor: Cast.northID)), .authorizeAuthor(Self.authorization(of: scope)),
                by: [scope.key] + Cast.north.signers)
        }
        try ledger.run(.commitDocument(document), by: [Cast.author.device])
        try ledger.run(.grantConsent(grant), by: [Cast.scope.key])
        for index in 0..<3 {
            try ledger.run(Self.acknowledgement(of: grant, by: index), by: [Cast.validatorKeys[index]])
        }
        return (ledger.contents, document, grant)
    }

    /// The request that the reader may make.
    func request(_ purpose: Purpose = .treatment) -> RequestAccess {
        Self.request(grant.grant, [document.document], purpose, expires: ledger.block.height.rawValue + 50)
    }

    /// Who signs it.
    static let readers = [Cast.reader.device] + Cast.south.signers

    static func authorization(of scope: Scope, organization: OrganizationID = Cast.northID) -> AuthorizeAuthor {
        AuthorizeAuthor(scope: scope.id, epoch: 0, organization: organization, card: Seeded.content("card"))
    }

    /// What an author says of a document, and the secret behind its capsule.
    static func terms(
        _ name: String, scope: Scope = Cast.scope, staff: StaffID = Cast.author.id,
        organization: OrganizationID = Cast.northID, replaces: DocumentID? = nil
    ) -> (DocumentTerms, SigningKey) {
        let r = Seeded.scalar("r \(name)")
        let made = Encapsulation(
            for: scope.delegating.publicKey, r: r, u: Seeded.scalar("u \(name)"), profile: .rustUmbral)
        guard let made, let secret = SigningKey(r.bytes) else { preconditionFailure("hashes are no inverses") }
        let capsule = made.capsule
        let terms = DocumentTerms(
            scope: scope.id, epoch: 0, organization: organization, staff: staff,
            manifest: Seeded.content("manifest \(name)"), paddedSize: 1 << 20, capsule: capsule,
            keyCommitment: Seeded.digest("commitment \(name)"), replaces: replaces,
            metadata: Seeded.content("metadata \(name)"))
        return (terms, secret)
    }

    static func document(
        _ name: String, scope: Scope = Cast.scope, staff: StaffID = Cast.author.id,
        organization: OrganizationID = Cast.northID, replaces: DocumentID? = nil,
        change: (inout DocumentTerms) -> Void = { _ in }
    ) -> CommitDocument {
        var (terms, secret) = terms(
            name, scope: scope, staff: staff, organization: organization, replaces: replaces)
        change(&terms)
        return CommitDocument(terms) { secret.sign($0, in: Capsule.bindingDomain) }
    }

    static func delegation(
        _ name: String, to receiving: PublicKey, threshold: Int = 3, shares: Int = 4
    ) -> PublishedDelegation {
        let made = Cast.scope.delegating.delegate(
            to: receiving, signedBy: Cast.scope.key, precursorSecret: Seeded.scalar("x \(name)"),
            coefficients: (1..<threshold).map { Seeded.scalar("f\($0) \(name)") },
            ids: (0..<shares).map { FragmentID(rawValue: Seeded.digest("fragment \($0) \(name)")) },
            profile: .rustUmbral)
        guard let made else { preconditionFailure("hashes are no inverses") }
        return made.published
    }

    static func grant(
        _ name: String, to grantee: Grantee = .staff(Cast.reader.id), receiving: PublicKey = Cast.reader.receivingKey,
        from start: Timestamp, documentsPerDay: Int = 10
    ) -> GrantConsent {
        GrantConsent(
            scope: Cast.scope.id, epoch: 0, grantee: grantee, receivingKey: receiving,
            delegation: delegation(name, to: receiving), validators: Cast.validators,
            purposes: [.treatment, .patientRequest], roles: [.clinician], notBefore: start,
            notAfter: start.advanced(byMilliseconds: 30 * 86_400_000), documentsPerDay: documentsPerDay,
            card: Seeded.content("card for the grantee"))
    }

    static func share(
        _ name: String, of source: DocumentID, into scope: Scope = Cast.otherScope,
        change: (inout ShareTerms) -> Void = { _ in }
    ) -> ShareDocument {
        let (document, secret) = terms(name, scope: scope)
        let key = WrappedDocumentKey(
            DocumentKey(Seeded.secret("key \(name)")), keySeed: Seeded.secret("seed \(name)"),
            scopeSecret: Seeded.secret("S \(name)"), capsule: document.capsule, scope: scope.key.publicKey)
        var terms = ShareTerms(
            source: source, scope: scope.id, epoch: 0, capsule: document.capsule, wrappedKey: key,
            metadata: document.metadata)
        change(&terms)
        return ShareDocument(terms) { secret.sign($0, in: Capsule.bindingDomain) }
    }

    /// The keys of a scope's next epochs follow from the number.
    static func rotation(of scope: Scope, epoch: UInt64 = 1) -> RotateScope {
        RotateScope(
            scope: scope.id, epoch: epoch, delegatingKey: Seeded.signing("delegating \(scope.id) \(epoch)").publicKey,
            sealingKey: Seeded.sealing("scope \(scope.id) \(epoch)"))
    }

    static func acknowledgement(of grant: GrantConsent, by index: Int) -> Operation {
        .acknowledgeGrant(AcknowledgeGrant(grant: grant.grant, validator: Cast.validators[index]))
    }

    static func request(
        _ grant: GrantID, _ documents: [DocumentID], _ purpose: Purpose = .treatment, expires: UInt64,
        staff: StaffID = Cast.reader.id
    ) -> RequestAccess {
        RequestAccess(
            grant: grant, staff: staff, documents: documents, purpose: purpose, reason: 0,
            replyKeyDigest: Seeded.digest("reply key \(expires)"), expires: Height(rawValue: expires))
    }
}
