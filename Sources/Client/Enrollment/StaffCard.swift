public import Codec
public import Cryptography
public import Ledger

/// What a member of staff hands to their employer to be registered: `[1, device key, receiving key, X-Wing key]`, shown as
/// one line of text.
public struct StaffCard: Hashable, Sendable {
    /// Signs.
    public let deviceKey: PublicKey
    /// Receives re-encryptions.
    public let receivingKey: PublicKey
    /// What cards are sealed to.
    public let sealingKey: SealingPublicKey

    /// The public side of a device's keys.
    public init(_ keys: StaffKeys) {
        deviceKey = keys.device.publicKey
        receivingKey = keys.receiving.publicKey
        sealingKey = keys.sealing.publicKey
    }

    /// The operation that registers the member of staff.
    ///
    /// - Parameters:
    ///   - number: Their registration or employee number; only a salted hash of it goes on the chain.
    ///   - salt: 16 random bytes that the employer keeps, to show later whose registration it is.
    ///   - needsCosignature: Nothing for the default: clinicians need it.
    public func registration(
        at organization: OrganizationID, as role: Role, pseudonym: String, number: String, salt: [UInt8],
        expires: Timestamp, needsCosignature: Bool? = nil
    ) -> RegisterStaff {
        RegisterStaff(
            organization: organization, role: role, pseudonym: pseudonym,
            registrationHash: Self.registrationHash(number, salt: salt), deviceKey: deviceKey,
            receivingKey: receivingKey, sealingKey: sealingKey, expires: expires,
            needsCosignature: needsCosignature ?? (role == .clinician))
    }

    /// What the chain holds of a registration number: a hash of `[salt, number]`.
    public static func registrationHash(_ number: String, salt: [UInt8]) -> Digest {
        var writer = CBORWriter()
        writer.beginArray(2)
        writer.write(bytes: salt)
        writer.write(text: number)
        return .hash(writer.bytes, in: Domain("registration-number"))
    }
}

extension StaffCard: CBORCodable {
    private static let version: UInt64 = 1

    /// Reads the four items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        guard try reader.readUnsigned() == Self.version else { throw .invalid(field: "version") }
        deviceKey = try reader.read()
        receivingKey = try reader.read()
        sealingKey = try reader.read()
    }

    /// Appends the four items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(Self.version)
        writer.write(deviceKey)
        writer.write(receivingKey)
        writer.write(sealingKey)
    }
}
