import Codec
import Cryptography
import Ledger

/// Keys that follow from a name: the same in every run.
enum Seeded {
    static func digest(_ name: String) -> Digest { .hash(Array(name.utf8), in: Domain("test-seed")) }

    static func secret(_ name: String) -> SecretBytes { SecretBytes(copying: digest(name).bytes) }

    static func signing(_ name: String) -> SigningKey {
        guard let key = SigningKey(secret("signing " + name)) else { preconditionFailure("a hash is a key") }
        return key
    }

    static func sealing(_ name: String) -> SealingPublicKey {
        guard let key = SealingKey(secret("sealing " + name)) else { preconditionFailure("32 bytes are a key") }
        return key.publicKey
    }

    static func scalar(_ name: String) -> SecretScalar {
        guard let scalar = SecretScalar(secret("scalar " + name)) else { preconditionFailure("a hash is a scalar") }
        return scalar
    }

    static func content(_ name: String) -> ContentID { ContentID(of: Array(name.utf8)) }
}

/// A hospital with its keys.
struct Hospital {
    let name: String
    let keys: [SigningKey]
    let threshold: Int
    let receivingKey: PublicKey

    init(_ name: String, keys count: Int, threshold: Int) {
        self.name = name
        self.threshold = threshold
        keys = (0..<count).map { Seeded.signing("\(name) \($0)") }
        receivingKey = Seeded.signing("\(name) receives").publicKey
    }

    /// Enough keys to sign for it.
    var signers: [SigningKey] { Array(keys.prefix(threshold)) }

    func entry(roles: [Role] = Role.allCases) -> Genesis.Organization {
        Genesis.Organization(
            name: name, signingKeys: keys.map(\.publicKey), threshold: threshold, receivingKey: receivingKey,
            sealingKey: Seeded.sealing(name), roles: roles)
    }
}

/// A member of staff with their keys.
struct Member {
    let device: SigningKey
    let registration: RegisterStaff

    init(
        _ name: String, of organization: OrganizationID, role: Role = .clinician, cosigned: Bool = false,
        expires: Timestamp = Cast.start.advanced(byMilliseconds: 365 * 86_400_000)
    ) {
        device = Seeded.signing("\(name)'s device")
        registration = RegisterStaff(
            organization: organization, role: role, pseudonym: name,
            registrationHash: Seeded.digest("number of \(name)"),
            deviceKey: device.publicKey, receivingKey: Seeded.signing("\(name) receives").publicKey,
            sealingKey: Seeded.sealing(name), expires: expires, needsCosignature: cosigned)
    }

    var id: StaffID { registration.staff }
    var receivingKey: PublicKey { registration.receivingKey }
}

/// A patient's scope with its keys.
struct Scope {
    let key: SigningKey
    let delegating: DelegatingKey

    init(_ name: String) {
        key = Seeded.signing("scope \(name)")
        guard let delegating = DelegatingKey(Seeded.secret("delegating \(name)")) else {
            preconditionFailure("a hash is a key")
        }
        self.delegating = delegating
    }

    var id: ScopeID { ScopeID(key.publicKey) }

    func opening(sponsor: OrganizationID, voucher: EnrollmentVoucher? = nil, epoch: UInt64 = 0) -> OpenScope {
        OpenScope(
            scope: key.publicKey, delegatingKey: delegating.publicKey, epoch: epoch,
            sealingKey: Seeded.sealing("scope \(id)"), sponsor: sponsor, voucher: voucher)
    }
}

/// Everybody who appears in the tests.
enum Cast {
    static let start = Timestamp(rawValue: 1_790_000_000_000)

    static let north = Hospital("North Hospital", keys: 1, threshold: 1)
    static let south = Hospital("South Hospital", keys: 3, threshold: 2)
    static let northID = north.entry().id
    static let southID = south.entry(roles: [.clinician, .service]).id

    static let validatorKeys = (0..<4).map { Seeded.signing("validator \($0)") }
    static let validators = validatorKeys.map { ValidatorID(consensusKey: $0.publicKey) }

    static let auditorKey = Seeded.signing("auditor")
    static let stranger = Seeded.signing("stranger")

    /// Writes documents at North.
    static let author = Member("Nora", of: northID)
    /// Registers patients at North.
    static let registrar = Member("Rolf", of: northID, role: .registrar)
    /// Answers for data protection at North.
    static let officer = Member("Pia", of: northID, role: .privacyOfficer)
    /// Reads documents at South, only with the hospital's signature.
    static let reader = Member("Samir", of: southID, cosigned: true)
    /// A colleague of the reader's.
    static let colleague = Member("Sven", of: southID)

    static let scope = Scope("imaging")
    static let otherScope = Scope("another patient's")

    static func genesis(parameters: Genesis.Parameters = Genesis.Parameters()) throws -> Genesis {
        try Genesis(
            name: "Test consortium", time: start, parameters: parameters,
            organizations: [north.entry(), south.entry(roles: [.clinician, .service])],
            validators: validatorKeys.enumerated().map { index, key in
                Genesis.Validator(
                    organization: index < 2 ? northID : southID, consensusKey: key.publicKey,
                    certificate: [UInt8](repeating: UInt8(index), count: 64),
                    sealingKey: Seeded.sealing("validator \(index)"), peerAddress: "validator-\(index).example:7001",
                    apiURL: "https://validator-\(index).example:7002")
            },
            auditors: [
                Genesis.Auditor(
                    name: "Auditor", key: auditorKey.publicKey, expires: start.advanced(byMilliseconds: 1_000_000_000))
            ])
    }
}
