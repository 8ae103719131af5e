public import API
internal import Codec
internal import Cryptography
public import Ledger

/// What a hospital does with its own keys: registers staff, issues vouchers, passes scope cards on, signs with its staff.
public struct OrganizationDesk: Sendable {
    let ledger: LedgerClient
    let keys: OrganizationKeys
    /// The hospital.
    public let organization: OrganizationID

    /// - Throws: ``WalletFailure/wrongIdentity(needed:)`` for keys of an organisation that neither the genesis file
    ///   names nor, as far as the home has learned, the chain.
    public init(_ ledger: LedgerClient, _ keys: OrganizationKeys) throws(WalletFailure) {
        let mine = Set(keys.signing.map(\.publicKey))
        let entry = ledger.genesis.organizations.first { !mine.isDisjoint(with: $0.signingKeys) }
        guard let organization = keys.organization ?? entry?.id else {
            throw .wrongIdentity(needed: "an organisation of this consortium")
        }
        self.ledger = ledger
        self.keys = keys
        self.organization = organization
    }

    // MARK: Staff

    /// The transaction that registers a member of staff, signed with this home's keys: submit it, or pass it on where the
    /// organisation's threshold asks for more.
    public func prepareRegistration(_ registration: RegisterStaff) async throws -> Transaction {
        try await ledger.prepare(
            [.registerStaff(registration)], signedBy: keys.signing, validFor: LedgerClient.travellingValidity)
    }

    /// Registers a member of staff, who can act from the next block on.
    public func register(_ registration: RegisterStaff) async throws -> StaffID {
        try await ledger.apply(try await prepareRegistration(registration))
        return registration.staff
    }

    /// Ends a registration.
    @discardableResult
    public func end(_ staff: StaffID) async throws -> TransactionProof {
        try await ledger.apply(.endStaff(EndStaff(staff: staff)), signedBy: keys.signing)
    }

    // MARK: Patients

    /// A voucher that opens one scope.
    public func issueVoucher(expires: Timestamp) -> Voucher {
        Voucher(of: organization, expires: expires, endorsedBy: keys.signing, on: ledger.chain)
    }

    /// Opens the card of a scope that the hospital may write to.
    public func card(of scope: ScopeID) async throws -> ScopeCard {
        guard let key = keys.signing.first else { preconditionFailure("an organisation has a signing key") }
        let author: AuthorRecord? = try await ledger.record(
            AuthorRecord.ID(scope: scope, organization: organization), at: .readAuthor(scope, organization),
            signedBy: key)
        guard let author else { throw WalletFailure.unknown("a permission to write to scope \(scope)") }
        let sealed = try await ledger.download(author.card, for: .scope(scope), signedBy: key)
        return try ScopeCard(
            opening: sealed, of: scope, with: keys.sealing, as: .organization(organization), on: ledger.chain)
    }

    /// Opens the card of a scope of which the hospital as a whole was granted something.
    public func card(of record: GrantRecord, _ grant: GrantID) async throws -> ScopeCard {
        guard let key = keys.signing.first else { preconditionFailure("an organisation has a signing key") }
        let sealed = try await ledger.download(record.card, for: .grant(grant), signedBy: key)
        return try ScopeCard(
            opening: sealed, of: record.scope, with: keys.sealing, as: .organization(organization), on: ledger.chain)
    }

    /// Seals the card of a scope to a member of staff who is to write to it.
    public func passCard(of scope: ScopeID, to staff: StaffID) async throws -> SealedCard {
        guard let key = keys.signing.first else { preconditionFailure("an organisation has a signing key") }
        let card = try await card(of: scope)
        let reader = Subject.staff(staff)
        let sealingKey = try await ledger.sealingKey(of: reader, signedBy: key)
        do {
            return try SealedCard(card, to: sealingKey, of: reader, on: ledger.chain)
        } catch { throw WalletFailure.unusableKey("\(reader)") }
    }
}

extension StaffKeys {
    /// Finds the registration of this device on the chain.
    ///
    /// - Returns: Nothing before the organisation has registered it.
    public func findRegistration(_ ledger: LedgerClient) async throws -> Registration? {
        let id = KeyID(device.publicKey)
        let holder: KeyHolder?
        do throws(ClientFailure) {
            holder = try await ledger.record(id, at: .readKeyHolder(id), signedBy: device)
        } catch {
            guard error.isUnknownKey else { throw error }
            return nil
        }
        guard case .staff(let staff)? = holder else { return nil }
        let record: StaffRecord? = try await ledger.record(staff, at: .readSubject(.staff(staff)), signedBy: device)
        return record.map { Registration(staff: staff, organization: $0.organization) }
    }
}

extension OrganizationKeys {
    /// Which organisation the chain knows these keys as; nothing before it is admitted.
    public func findOrganization(_ ledger: LedgerClient) async throws -> OrganizationID? {
        guard let key = signing.first else { return nil }
        let id = KeyID(key.publicKey)
        do throws(ClientFailure) {
            let holder: KeyHolder? = try await ledger.record(id, at: .readKeyHolder(id), signedBy: key)
            guard case .organization(let organization)? = holder else { return nil }
            return organization
        } catch {
            guard error.isUnknownKey else { throw error }
            return nil
        }
    }
}
