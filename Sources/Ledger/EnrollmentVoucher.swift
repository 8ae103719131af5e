public import Codec
public import Cryptography

/// A hospital's word in advance for one scope of whoever brings the code: `[organisation, code, expires, [[key, signature]…]]`.
public struct EnrollmentVoucher: Hashable, Sendable {
    /// What the hospital signs.
    public static let domain = Domain("enrollment-voucher")
    /// Bytes of a code.
    public static let codeLength = 16

    /// One signature of the hospital.
    public struct Endorsement: Hashable, Sendable {
        /// One of its keys.
        public let key: PublicKey
        /// Over `[chain, organisation, code, expires]`.
        public let signature: Signature
    }

    /// The hospital.
    public let organization: OrganizationID
    /// What makes this voucher this one: 16 random bytes.
    public let code: [UInt8]
    /// The last moment at which a block may accept it.
    public let expires: Timestamp
    /// The hospital's signatures, ascending by key.
    public private(set) var endorsements: [Endorsement]

    /// A voucher that nobody has signed yet.
    ///
    /// - Precondition: `code` has 16 bytes.
    public init(organization: OrganizationID, code: [UInt8], expires: Timestamp) {
        precondition(code.count == Self.codeLength, "an enrolment code has 16 bytes")
        self.organization = organization
        self.code = code
        self.expires = expires
        endorsements = []
    }

    /// Adds a signature of the hospital, or replaces the one that this key made before.
    public mutating func endorse(with key: SigningKey, on chain: ChainID) {
        endorsements.removeAll { $0.key == key.publicKey }
        precondition(endorsements.count < COSESign.maximumSigners, "a voucher has at most 8 signatures")
        endorsements.append(
            Endorsement(key: key.publicKey, signature: key.sign(message(on: chain), in: Self.domain)))
        endorsements.sort { $0.key < $1.key }
    }

    /// Whether enough of the hospital's keys signed and nobody else did. About 36 µs a signature, up to the first that
    /// does not hold: a forger makes nobody check eight.
    func isEndorsed(by hospital: OrganizationRecord, on chain: ChainID) -> Bool {
        guard endorsements.count >= hospital.threshold,
            endorsements.allSatisfy({ hospital.signingKeys.contains(KeyID($0.key)) })
        else { return false }
        let message = message(on: chain)
        return endorsements.allSatisfy { $0.key.isValid($0.signature, for: message, in: Self.domain) }
    }

    private func message(on chain: ChainID) -> [UInt8] {
        var writer = CBORWriter()
        writer.beginArray(4)
        writer.write(chain)
        writer.write(organization)
        writer.write(bytes: code)
        writer.write(expires)
        return writer.bytes
    }
}

extension EnrollmentVoucher: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        organization = try reader.read()
        code = Array(try reader.readBytes(exactly: Self.codeLength))
        expires = try reader.read()
        endorsements = try reader.readArray(max: COSESign.maximumSigners)
        guard zip(endorsements, endorsements.dropFirst()).allSatisfy({ $0.key < $1.key }) else {
            throw .invalid(field: "voucher signatures")
        }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(organization)
        writer.write(bytes: code)
        writer.write(expires)
        writer.write(array: endorsements)
    }
}

extension EnrollmentVoucher.Endorsement: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        key = try reader.read()
        signature = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(key)
        writer.write(signature)
    }
}
