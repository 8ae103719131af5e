internal import Codec
internal import Cryptography
internal import Ledger

/// What a keystore seals: `[kind, …]`, kinds 1 patient, 2 staff, 3 organisation, 4 auditor. A patient's scope is
/// `[category, epoch]`, and the epoch that opened it behind them where it is another; of a scope that another phrase opened
/// its identifier behind all three.
///
/// The bytes are secrets in ordinary memory for a moment; whoever makes them erases them.
extension Identity {
    /// The longest encoding: eight signing keys, or a thousand scopes with long names.
    static let maximumEncodedLength = 128 * 1024
    private static let maximumScopes = 1024

    func encode(to writer: inout CBORWriter) {
        switch self {
        case .patient(let keys):
            writer.beginArray(3)
            writer.write(1)
            writer.write(secret: keys.mnemonic.entropy)
            writer.beginArray(keys.scopes.count)
            for scope in keys.scopes {
                let isLong = scope.adopted != nil || scope.opened != scope.epoch
                writer.beginArray(scope.adopted != nil ? 4 : isLong ? 3 : 2)
                writer.write(text: scope.category)
                writer.write(scope.epoch)
                if isLong { writer.write(scope.opened) }
                if let adopted = scope.adopted { writer.write(adopted) }
            }
        case .staff(let keys):
            writer.beginArray(6)
            writer.write(2)
            writer.write(secret: keys.device.secretBytes)
            writer.write(secret: keys.receiving.secretBytes)
            writer.write(secret: keys.sealing.seed)
            writer.write(optional: keys.registration?.staff)
            writer.write(optional: keys.registration?.organization)
        case .organization(let keys):
            writer.beginArray(5)
            writer.write(3)
            writer.beginArray(keys.signing.count)
            for key in keys.signing { writer.write(secret: key.secretBytes) }
            writer.write(secret: keys.receiving.secretBytes)
            writer.write(secret: keys.sealing.seed)
            writer.write(optional: keys.organization)
        case .auditor(let keys):
            writer.beginArray(2)
            writer.write(4)
            writer.write(secret: keys.signing.secretBytes)
        }
    }

    init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: 8)
        switch (try reader.readInt(max: 255), count) {
        case (1, 3): self = .patient(try Self.patient(from: &reader))
        case (2, 6): self = .staff(try Self.staff(from: &reader))
        case (3, 5): self = .organization(try Self.organization(from: &reader))
        case (4, 2): self = .auditor(AuditorKeys(signing: try reader.readKey("signing key") { SigningKey($0) }))
        default: throw .invalid(field: "identity")
        }
    }

    private static func patient(from reader: inout CBORReader) throws(DecodingFailure) -> PatientKeys {
        let mnemonic = try reader.readKey("phrase") { Mnemonic(entropy: $0) }
        var scopes: [PatientKeys.ScopeName] = []
        for _ in 0..<(try reader.readArrayCount(max: maximumScopes)) {
            let count = try reader.readArrayCount(max: 4)
            guard count >= 2 else { throw .invalid(field: "scope") }
            let category = try reader.readText(max: PatientKeys.ScopeName.maximumLength)
            let epoch = try reader.readUnsigned()
            let opened = count >= 3 ? try reader.readUnsigned() : epoch
            guard opened != epoch || count != 3 else { throw .invalid(field: "opened") }
            let adopted: ScopeID? = count == 4 ? try reader.read() : nil
            guard
                let scope = PatientKeys.ScopeName(
                    category: category, epoch: epoch, opened: opened, adopted: adopted)
            else { throw .invalid(field: "category") }
            scopes.append(scope)
        }
        return PatientKeys(mnemonic, scopes: scopes)
    }

    private static func staff(from reader: inout CBORReader) throws(DecodingFailure) -> StaffKeys {
        let device = try reader.readKey("device key") { SigningKey($0) }
        let receiving = try reader.readKey("receiving key") { ReceivingKey($0) }
        let sealing = try reader.readKey("sealing key") { SealingKey($0) }
        let staff = try reader.readOptional(StaffID.self)
        let organization = try reader.readOptional(OrganizationID.self)
        var registration: StaffKeys.Registration?
        if let staff, let organization {
            registration = StaffKeys.Registration(staff: staff, organization: organization)
        } else if staff != nil || organization != nil {
            throw .invalid(field: "registration")
        }
        return StaffKeys(device: device, receiving: receiving, sealing: sealing, registration: registration)
    }

    private static func organization(from reader: inout CBORReader) throws(DecodingFailure) -> OrganizationKeys {
        var signing: [SigningKey] = []
        for _ in 0..<(try reader.readArrayCount(max: OrganizationKeys.maximumSigningKeys)) {
            signing.append(try reader.readKey("signing key") { SigningKey($0) })
        }
        guard !signing.isEmpty else { throw .invalid(field: "signing keys") }
        let receiving = try reader.readKey("receiving key") { ReceivingKey($0) }
        let sealing = try reader.readKey("sealing key") { SealingKey($0) }
        return OrganizationKeys(
            signing: signing, receiving: receiving, sealing: sealing, organization: try reader.readOptional())
    }
}

extension CBORWriter {
    fileprivate mutating func write(secret: SecretBytes) {
        var copy = secret.copy()
        write(bytes: copy)
        copy.erase()
    }
}

extension CBORReader {
    fileprivate mutating func readKey<Key>(
        _ field: String, _ make: (SecretBytes) -> Key?
    ) throws(DecodingFailure) -> Key {
        var copy = try readBytes(max: 64)
        let secret = SecretBytes(copying: copy)
        copy.erase()
        guard let key = make(secret) else { throw .invalid(field: field) }
        return key
    }
}
