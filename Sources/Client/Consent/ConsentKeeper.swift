public import API
internal import Codec
internal import Cryptography
public import Ledger

/// What a patient decides: scopes, who may write to them, who may open what is in them.
///
/// Every call that changes something submits one transaction and returns when it is final and proved.
public struct ConsentKeeper: Sendable {
    let ledger: LedgerClient
    let home: WalletHome

    /// - Parameter home: Where grants wait whose fragments not all validators hold yet.
    public init(_ ledger: LedgerClient, home: WalletHome) {
        self.ledger = ledger
        self.home = home
    }

    // MARK: Scopes

    /// Opens a scope that a voucher sponsors.
    @discardableResult
    public func open(_ scope: ScopeKeys, with voucher: Voucher) async throws -> TransactionProof {
        let operation = Operation.openScope(opening(scope, voucher.enrollment.organization, voucher.enrollment))
        return try await ledger.apply(operation, signedBy: [scope.signing])
    }

    /// The transaction that opens a scope, for the sponsor to sign and submit: it travels as a ``TransactionFile``.
    public func prepareOpening(_ scope: ScopeKeys, sponsor: OrganizationID) async throws -> Transaction {
        try await ledger.prepare(
            [.openScope(opening(scope, sponsor, nil))], signedBy: [scope.signing],
            validFor: LedgerClient.travellingValidity)
    }

    /// What the chain knows of a scope; nothing before it is open.
    public func record(of scope: ScopeKeys) async throws -> ScopeRecord? {
        do throws(ClientFailure) {
            return try await ledger.record(scope.id, at: .readSubject(.scope(scope.id)), signedBy: scope.signing)
        } catch {
            // Nobody may ask with a key that is not on the chain, and this one is not before the scope is open.
            guard error.isUnknownKey else { throw error }
            return nil
        }
    }

    private func opening(
        _ scope: ScopeKeys, _ sponsor: OrganizationID, _ voucher: EnrollmentVoucher?
    ) -> OpenScope {
        OpenScope(
            scope: scope.signing.publicKey, delegatingKey: scope.delegating.publicKey, epoch: scope.name.epoch,
            sealingKey: scope.sealing.publicKey, sponsor: sponsor, voucher: voucher)
    }

    // MARK: Authors

    /// Lets an organisation add documents, and seals the scope card to it.
    @discardableResult
    public func authorize(_ organization: OrganizationID, in scope: ScopeKeys) async throws -> TransactionProof {
        let reader = Subject.organization(organization)
        let (card, id) = try await self.card(for: reader, of: scope)
        try await ledger.upload(card, named: id, signedBy: scope.signing)
        let operation = AuthorizeAuthor(
            scope: scope.id, epoch: scope.name.epoch, organization: organization, card: id)
        return try await ledger.apply(.authorizeAuthor(operation), signedBy: [scope.signing])
    }

    /// Ends an organisation's permission to add documents. What it has seen it has seen: a new epoch takes new keys.
    @discardableResult
    public func withdraw(_ organization: OrganizationID, from scope: ScopeKeys) async throws -> TransactionProof {
        let operation = WithdrawAuthor(scope: scope.id, organization: organization)
        return try await ledger.apply(.withdrawAuthor(operation), signedBy: [scope.signing])
    }

    /// The scope card sealed to a reader whom the chain knows, and its content id.
    func card(for reader: Subject, of scope: ScopeKeys) async throws -> (bytes: [UInt8], id: ContentID) {
        let key: SealingPublicKey
        if reader == .scope(scope.id) {
            key = scope.recovery.sealing.publicKey
        } else {
            key = try await ledger.sealingKey(of: reader, signedBy: scope.signing)
        }
        do {
            let bytes = try ScopeCard(scope).seal(to: key, of: reader, on: ledger.chain)
            return (bytes, ContentID(of: bytes))
        } catch { throw WalletFailure.unusableKey("\(reader)") }
    }
}

extension ClientFailure {
    /// Whether the node said that the key which signed is nobody's, or may not read this.
    var isUnknownKey: Bool {
        guard case .problem(let problem, _) = self else { return false }
        return [.signatureRequired, .signatureInvalid, .notFound].contains(problem.code)
    }

    /// Whether the node said that there is no such thing, or not for this key.
    var isNotFound: Bool {
        guard case .problem(let problem, _) = self else { return false }
        return problem.code == .notFound
    }

    /// Whether a node may answer better in a moment: it is a block behind, or not ready.
    var isEarly: Bool {
        guard case .problem(let problem, _) = self else { return false }
        return problem.code == .notFound || problem.code == .notReady
    }
}

extension LedgerClient {
    /// The X-Wing key of an organisation, scope or member of staff.
    func sealingKey(of subject: Subject, signedBy key: SigningKey) async throws -> SealingPublicKey {
        let record: SealingKeyRecord? = try await record(subject, at: .readSubject(subject), signedBy: key)
        guard let record else { throw WalletFailure.unknown("\(subject)") }
        return record.sealingKey
    }

    /// Uploads a small object.
    func upload(_ bytes: [UInt8], named id: ContentID, signedBy key: SigningKey) async throws(ClientFailure) {
        _ = try await nodes.send(.uploadContent(id), body: bytes, signedBy: key, as: UploadReply.self)
    }

    /// Downloads a small object from the first node that has it as it should be.
    func download(
        _ id: ContentID, for entitlement: Request.Entitlement, signedBy key: SigningKey
    ) async throws(ClientFailure) -> [UInt8] {
        var last = ClientFailure.notFound("content \(id)")
        for node in nodes.nodes {
            do {
                let answer = try await nodes.exchange(.downloadContent(id, entitlement), signedBy: key, to: node)
                if id.names(answer.value) { return answer.value }
            } catch { last = error }
        }
        throw last
    }
}
