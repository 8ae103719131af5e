public import Codec

/// A payload with the signatures of one or more keys: COSE_Sign (RFC 9052 section 4.1, tag 98), algorithm ES256K
/// (-47, RFC 8812), nothing unprotected.
///
/// One set of signatures has one encoding: the body has no header, each signer's protected header is exactly
/// `{1: -47, 4: kid}` with the signer's 33-byte key as kid, and signers stand in ascending order of their keys, each
/// once. What was signed is kept as received; decoding checks shape and bounds, never a signature.
public struct COSESign: Hashable, Sendable {
    /// One signer's part.
    public struct Signer: Hashable, Sendable {
        /// The key that the signer claims.
        public let key: PublicKey
        /// Its signature; only ``COSESign/checks(for:)`` says over what.
        public let signature: Signature
    }

    /// What a signature must hold for: `key` signed `digest`.
    public struct Check: Hashable, Sendable {
        /// The claimed signer.
        public let key: PublicKey
        /// SHA-256 of the Sig_structure.
        public let digest: Digest
        /// The signature.
        public let signature: Signature

        /// Whether it holds. About 36 µs.
        public var holds: Bool { key.isValid(signature, forDigest: digest) }
    }

    /// The most signers that an envelope may have.
    public static let maximumSigners = 8

    /// What is signed.
    public let payload: [UInt8]
    /// The signers, ascending by key; empty only before the first ``sign(with:for:)``.
    public private(set) var signers: [Signer]

    /// An envelope that nobody has signed yet.
    public init(payload: [UInt8]) {
        self.payload = payload
        signers = []
    }

    /// Adds a signature, or replaces the one that this key made before.
    ///
    /// - Precondition: There are fewer than ``maximumSigners`` other signers.
    public mutating func sign(with key: SigningKey, for domain: Domain) {
        let digest = Self.digest(of: payload, signedBy: key.publicKey, for: domain)
        let signer = Signer(key: key.publicKey, signature: key.sign(digest: digest))
        signers.removeAll { $0.key == signer.key }
        precondition(signers.count < Self.maximumSigners, "an envelope has at most 8 signers")
        let index = signers.firstIndex { signer.key < $0.key } ?? signers.endIndex
        signers.insert(signer, at: index)
    }

    /// The checks that must all hold, in the order of the signers; a pool may run them in parallel.
    public func checks(for domain: Domain) -> [Check] {
        signers.map { signer in
            Check(
                key: signer.key, digest: Self.digest(of: payload, signedBy: signer.key, for: domain),
                signature: signer.signature)
        }
    }

    /// Whether somebody signed and every signature holds.
    public func isValid(for domain: Domain) -> Bool {
        !signers.isEmpty && checks(for: domain).allSatisfy(\.holds)
    }

    /// The hash that a signer signs: SHA-256 of the Sig_structure `["Signature", h'', protected, external_aad, payload]`
    /// (RFC 9052 section 4.4). The external data is the domain's full name in UTF-8.
    public static func digest(of payload: [UInt8], signedBy key: PublicKey, for domain: Domain) -> Digest {
        var writer = CBORWriter(capacity: payload.count + 160)
        writer.beginArray(5)
        writer.write(text: "Signature")
        writer.write(bytes: [])
        writer.write(bytes: protectedHeader(of: key))
        writer.write(bytes: domain.fullName.utf8)
        writer.write(bytes: payload)
        return .sha256(writer.bytes)
    }
}

extension COSESign: CBOREncodable {
    private static let tag: UInt64 = 98
    private static let algorithmLabel: UInt64 = 1
    private static let identifierLabel: UInt64 = 4
    /// ES256K in the IANA registry of COSE algorithms.
    private static let algorithm: Int64 = -47

    /// Appends the tagged envelope.
    public func encode(to writer: inout CBORWriter) {
        writer.write(tag: Self.tag)
        writer.beginArray(4)
        writer.write(bytes: [])
        writer.beginMap(0)
        writer.write(bytes: payload)
        writer.beginArray(signers.count)
        for signer in signers {
            writer.beginArray(3)
            writer.write(bytes: Self.protectedHeader(of: signer.key))
            writer.beginMap(0)
            writer.write(signer.signature)
        }
    }

    private static func protectedHeader(of key: PublicKey) -> [UInt8] {
        var writer = CBORWriter(capacity: 48)
        writer.beginMap(2)
        writer.write(algorithmLabel)
        writer.write(signed: algorithm)
        writer.write(identifierLabel)
        writer.write(key)
        return writer.bytes
    }

    /// Reads an envelope with 1 to ``maximumSigners`` signers.
    ///
    /// - Parameter limit: The most bytes of the payload.
    public init(from reader: inout CBORReader, maximumPayload limit: Int) throws(DecodingFailure) {
        try reader.readTag(Self.tag)
        try reader.readArray(count: 4)
        _ = try reader.readBytes(exactly: 0)
        guard try reader.readMapCount(max: 0) == 0 else { throw .invalid(field: "unprotected header") }
        payload = try reader.readBytes(max: limit)
        let count = try reader.readArrayCount(max: Self.maximumSigners)
        guard count > 0 else { throw .invalid(field: "signers") }
        signers = []
        for _ in 0..<count {
            let signer = try Signer(from: &reader)
            if let last = signers.last, last.key >= signer.key { throw .invalid(field: "order of signers") }
            signers.append(signer)
        }
    }

    /// Reads an envelope that takes up all of `bytes`.
    public init(decoding bytes: [UInt8], maximumPayload limit: Int) throws(DecodingFailure) {
        var reader = CBORReader(bytes)
        try self.init(from: &reader, maximumPayload: limit)
        try reader.finish()
    }

    fileprivate static func readProtectedHeader(_ bytes: [UInt8]) throws(DecodingFailure) -> PublicKey {
        var reader = CBORReader(bytes)
        guard try reader.readMapCount(max: 2) == 2, try reader.readUnsigned() == algorithmLabel,
            try reader.readSigned() == algorithm, try reader.readUnsigned() == identifierLabel
        else { throw .invalid(field: "protected header") }
        let name = try reader.readBytes(exactly: PublicKey.length)
        guard let key = name.withUnsafeBytes({ KnownSigners.key($0) }) else { throw .invalid(field: "public key") }
        try reader.finish()
        return key
    }
}

extension COSESign.Signer {
    fileprivate init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        key = try COSESign.readProtectedHeader(try reader.readBytes(max: 64))
        guard try reader.readMapCount(max: 0) == 0 else { throw .invalid(field: "unprotected header") }
        signature = try reader.read(Signature.self)
    }
}
