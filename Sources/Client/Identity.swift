public import Cryptography
public import Ledger

/// Who a home belongs to, with their secrets.
public enum Identity: Sendable {
    case patient(PatientKeys)
    case staff(StaffKeys)
    case organization(OrganizationKeys)
    case auditor(AuditorKeys)

    /// The key that signs requests which are not about one scope; a patient has none on the chain but the scopes'.
    public var requestKey: SigningKey? {
        switch self {
        case .patient(let keys): keys.scopes.first.map { keys.keys(of: $0).signing }
        case .staff(let keys): keys.device
        case .organization(let keys): keys.signing.first
        case .auditor(let keys): keys.signing
        }
    }
}

/// A patient: one phrase, and which scopes were opened with it. The categories' names exist nowhere else.
public struct PatientKeys: Sendable {
    /// A scope as the patient knows it.
    public struct ScopeName: Hashable, Sendable {
        /// The most bytes of a category's name.
        public static let maximumLength = 64

        /// What it holds: "imaging".
        public let category: String
        /// Which generation of keys, from 0.
        public let epoch: UInt64
        /// The epoch in which the scope was opened: its signing key, which is its identifier, stays that one's.
        public let opened: UInt64
        /// The scope's identifier, where this phrase did not open it but guardians made its key the owner.
        public let adopted: ScopeID?

        /// - Parameters:
        ///   - opened: The epoch in which the scope was opened; `epoch` unless said otherwise.
        ///   - adopted: The identifier of a scope that another phrase opened.
        /// - Returns: Nothing unless the category has 1 to 64 bytes and no epoch comes before the first.
        public init?(category: String, epoch: UInt64 = 0, opened: UInt64? = nil, adopted: ScopeID? = nil) {
            guard (1...Self.maximumLength).contains(category.utf8.count), opened ?? epoch <= epoch else { return nil }
            self.category = category
            self.epoch = epoch
            self.opened = opened ?? epoch
            self.adopted = adopted
        }

        private init(_ name: ScopeName, at epoch: UInt64) {
            category = name.category
            opened = name.opened
            adopted = name.adopted
            self.epoch = epoch
        }

        /// The same scope in another epoch.
        ///
        /// - Precondition: The scope was open by then.
        public func at(_ epoch: UInt64) -> ScopeName {
            precondition(epoch >= opened, "a scope has no epoch before the one that opened it")
            return ScopeName(self, at: epoch)
        }
    }

    /// The phrase.
    public let mnemonic: Mnemonic
    private let seed: SecretBytes
    /// The scopes in their newest epoch, in the order in which they were opened.
    public private(set) var scopes: [ScopeName]

    /// The patient with this phrase. Takes about 1 ms: 2 048 rounds of PBKDF2.
    public init(_ mnemonic: Mnemonic, scopes: [ScopeName] = []) {
        guard let seed = mnemonic.seed() else { preconditionFailure("a phrase without passphrase has a seed") }
        self.mnemonic = mnemonic
        self.seed = seed
        self.scopes = scopes
    }

    /// Adds a scope, unless it is there.
    public mutating func add(_ scope: ScopeName) {
        let isKnown = scopes.contains {
            $0.category == scope.category && $0.opened == scope.opened && $0.adopted == scope.adopted
        }
        if !isKnown { scopes.append(scope) }
    }

    /// A scope's keys, which follow from the phrase.
    public func keys(of scope: ScopeName) -> ScopeKeys {
        let (category, epoch) = (scope.category, scope.epoch)
        return ScopeKeys(
            name: scope,
            signing: KeyDerivation.key(for: .scopeSigning(category: category, epoch: scope.opened), from: seed) {
                SigningKey($0)
            },
            delegating: KeyDerivation.key(for: .scopeDelegation(category: category, epoch: epoch), from: seed) {
                DelegatingKey($0)
            },
            secret: KeyDerivation.secret(for: .scopeSecret(category: category, epoch: epoch), from: seed),
            sealing: KeyDerivation.key(for: .scopeSealing(category: category, epoch: epoch), from: seed) {
                SealingKey($0)
            }, recoverySecret: recoverySecret)
    }

    /// What guardians keep in shares, 32 bytes: it opens what recovery grants of this phrase let open, and nothing else.
    public var recoverySecret: SecretBytes { KeyDerivation.secret(for: .recoverySecret, from: seed) }

    /// Signs as a guardian of somebody else's scope.
    func guardianKey(_ number: UInt64) -> SigningKey {
        KeyDerivation.key(for: .guardian(number: number), from: seed) { SigningKey($0) }
    }

    /// Takes note of the epoch that the chain says a scope is in.
    ///
    /// - Returns: Whether that is news.
    public mutating func update(_ scope: ScopeName, to epoch: UInt64) -> Bool {
        guard let index = scopes.firstIndex(of: scope), epoch != scope.epoch, epoch >= scope.opened else {
            return false
        }
        scopes[index] = scope.at(epoch)
        return true
    }

    /// A scope's keys in the epoch of a document or grant of its.
    public func keys(of scope: ScopeKeys, at epoch: UInt64) -> ScopeKeys { keys(of: scope.name.at(epoch)) }

    /// The newest scope of a category.
    public func scope(named category: String) -> ScopeKeys? {
        scopes.filter { $0.category == category }.max { $0.epoch < $1.epoch }.map(keys)
    }

    /// The keys of every scope.
    public var allKeys: [ScopeKeys] { scopes.map(keys) }
}

/// The keys of one scope: one category of one patient for one epoch.
public struct ScopeKeys: Sendable {
    /// What the patient calls it.
    public let name: PatientKeys.ScopeName
    /// Signs for the scope; its public key is the scope's id.
    public let signing: SigningKey
    /// `a`.
    public let delegating: DelegatingKey
    /// `S`, 32 bytes.
    public let secret: SecretBytes
    /// Opens what is sealed to the scope.
    public let sealing: SealingKey
    /// What the keys of its recovery grants follow from.
    let recoverySecret: SecretBytes

    /// What the chain calls it.
    public var id: ScopeID { name.adopted ?? ScopeID(signing.publicKey) }
    /// The identifier as a key, which documents are bound to.
    ///
    /// - Precondition: The identifier is a key, as that of every scope on a chain is.
    var verifying: PublicKey {
        guard let key = id.key.publicKey else { preconditionFailure("a scope's identifier is a key") }
        return key
    }
    /// The keys of its recovery grants.
    public var recovery: RecoveryKeys { RecoveryKeys(recoverySecret, of: id) }
}

/// A member of staff: random keys of one device.
public struct StaffKeys: Sendable {
    /// Signs.
    public let device: SigningKey
    /// Opens re-encrypted capsules.
    public let receiving: ReceivingKey
    /// Opens what is sealed to the person.
    public let sealing: SealingKey
    /// Who the chain knows the device as, once it is registered.
    public var registration: Registration?

    /// A registration on the chain.
    public struct Registration: Hashable, Sendable {
        /// The member of staff.
        public let staff: StaffID
        /// Where they work.
        public let organization: OrganizationID

        /// A registration.
        public init(staff: StaffID, organization: OrganizationID) {
            self.staff = staff
            self.organization = organization
        }
    }

    /// Known keys.
    public init(
        device: SigningKey, receiving: ReceivingKey, sealing: SealingKey, registration: Registration? = nil
    ) {
        self.device = device
        self.receiving = receiving
        self.sealing = sealing
        self.registration = registration
    }

    /// Fresh keys, not registered yet.
    public static func random() -> StaffKeys {
        StaffKeys(device: .random(), receiving: .random(), sealing: .random())
    }
}

/// An organisation, or as many of its signing keys as this home holds.
public struct OrganizationKeys: Sendable {
    /// The most signing keys of one home.
    public static let maximumSigningKeys = 8

    /// Sign for the organisation.
    public let signing: [SigningKey]
    /// Opens re-encrypted capsules.
    public let receiving: ReceivingKey
    /// Opens what is sealed to the organisation.
    public let sealing: SealingKey
    /// Who the chain knows it as, once there is a genesis.
    public var organization: OrganizationID?

    /// - Precondition: 1 to 8 signing keys.
    public init(
        signing: [SigningKey], receiving: ReceivingKey, sealing: SealingKey, organization: OrganizationID? = nil
    ) {
        precondition((1...Self.maximumSigningKeys).contains(signing.count), "an organisation has 1 to 8 signing keys")
        self.signing = signing
        self.receiving = receiving
        self.sealing = sealing
        self.organization = organization
    }

    /// Fresh keys.
    public static func random(signingKeys count: Int = 1) -> OrganizationKeys {
        OrganizationKeys(signing: (0..<count).map { _ in .random() }, receiving: .random(), sealing: .random())
    }
}

/// An auditor.
public struct AuditorKeys: Sendable {
    /// Signs requests.
    public let signing: SigningKey

    /// A known key.
    public init(signing: SigningKey) { self.signing = signing }

    /// A fresh key.
    public static func random() -> AuditorKeys { AuditorKeys(signing: .random()) }
}
