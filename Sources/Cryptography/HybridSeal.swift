public import Codec
internal import Crypto
internal import FoundationEssentials

/// One message for one reader, sealed against today's and tomorrow's attackers: HPKE base mode (RFC 9180) with X-Wing
/// (ML-KEM-768 and X25519, draft-connolly-cfrg-xwing-kem), HKDF-SHA256 and AES-256-GCM.
///
/// A sealed message is the 1 120-byte encapsulated key followed by ciphertext and tag. It says nothing about who made it;
/// where that matters the message is signed, or named by something signed.
public enum HybridSeal {
    /// Bytes that sealing adds: the encapsulated key and the tag.
    public static let overhead = encapsulatedLength + AESGCM.tagLength
    private static let encapsulatedLength = 1120
    private static let suite = HPKE.Ciphersuite.XWingMLKEM768X25519_SHA256_AES_GCM_256

    /// Seals a secret. About 130 µs.
    ///
    /// - Throws: ``SealFailure/unusableKey`` when the reader's key cannot carry a secret.
    public static func seal(
        _ message: SecretBytes, to reader: SealingPublicKey, context: SealContext
    ) throws(SealFailure) -> [UInt8] {
        try message.withUnsafeBytes { (message) throws(SealFailure) -> [UInt8] in
            do {
                let key = try XWingMLKEM768X25519.PublicKey(rawRepresentation: reader.bytes)
                var sender = try HPKE.Sender(recipientKey: key, ciphersuite: suite, info: Data(context.info))
                return Array(sender.encapsulatedKey) + Array(try sender.seal(message))
            } catch {
                throw .unusableKey
            }
        }
    }

    /// Opens a sealed secret. About 120 µs.
    ///
    /// - Throws: ``SealFailure/notForThisReader`` when it was sealed to another key or for another context, or altered.
    public static func open(
        _ sealed: [UInt8], with key: SealingKey, context: SealContext
    ) throws(SealFailure) -> SecretBytes {
        guard sealed.count >= overhead else { throw .tooShort }
        do {
            let encapsulated = Data(sealed[..<encapsulatedLength])
            var recipient = try HPKE.Recipient(
                privateKey: key.opener, ciphersuite: suite, info: Data(context.info), encapsulatedKey: encapsulated)
            var message = try recipient.open(sealed[encapsulatedLength...])
            defer { message.resetBytes(in: message.startIndex..<message.endIndex) }
            return SecretBytes(copying: message)
        } catch {
            throw .notForThisReader
        }
    }
}

/// Why a message could not be sealed or opened.
public enum SealFailure: Error, Hashable, Sendable {
    /// The reader's public key cannot carry a secret.
    case unusableKey
    /// Shorter than any sealed message.
    case tooShort
    /// Sealed to another key or for another context, or altered; nobody can tell which.
    case notForThisReader
}

/// What a sealed message is for: its domain and the ids of sender, reader and object. Opening needs the same context, so
/// a sealed message cannot be moved to another place.
public struct SealContext: Hashable, Sendable {
    let info: [UInt8]

    /// - Parameters:
    ///   - domain: What kind of message it is.
    ///   - ids: The ids that the domain prescribes, in its order.
    public init(_ domain: Domain, _ ids: [UInt8]...) {
        var writer = CBORWriter()
        writer.beginArray(ids.count)
        for id in ids { writer.write(bytes: id) }
        info = domain.prefix + writer.bytes
    }
}

/// The X-Wing key that messages are sealed to, 1 216 bytes: an ML-KEM-768 key and an X25519 key.
public struct SealingPublicKey: Hashable, Sendable {
    /// Bytes of a key.
    public static let length = 1216

    /// The 1 216 bytes.
    public let bytes: [UInt8]

    /// - Parameter bytes: 1 216 bytes whose first 1 152 hold 768 numbers of 12 bits below 3329 (FIPS 203 section 7.2).
    public init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == Self.length else { return nil }
        for offset in stride(from: 0, to: 1152, by: 3) {
            let low = UInt16(bytes[offset]) | UInt16(bytes[offset + 1] & 15) << 8
            let high = UInt16(bytes[offset + 1] >> 4) | UInt16(bytes[offset + 2]) << 4
            guard low < 3329, high < 3329 else { return nil }
        }
        self.bytes = bytes
    }
}

extension SealingPublicKey: CBORCodable {
    /// Reads the 1 216 bytes.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let key = SealingPublicKey(try reader.readBytes(exactly: Self.length)) else {
            throw .invalid(field: "sealing key")
        }
        self = key
    }

    /// Appends the 1 216 bytes.
    public func encode(to writer: inout CBORWriter) { writer.write(bytes: bytes) }
}

/// The secret half: opens what was sealed to ``publicKey``, and nothing else.
public struct SealingKey: Sendable {
    /// The 32 bytes that the key pair follows from.
    public let seed: SecretBytes
    /// What others seal to.
    public let publicKey: SealingPublicKey
    let opener: XWingMLKEM768X25519.PrivateKey

    /// - Parameter seed: 32 bytes; the same seed gives the same pair (draft-connolly-cfrg-xwing-kem 5.2).
    public init?(_ seed: SecretBytes) {
        guard seed.count == 32 else { return nil }
        let opener = seed.withUnsafeBytes {
            try? XWingMLKEM768X25519.PrivateKey(seedRepresentation: $0, publicKey: nil)
        }
        guard let opener, let publicKey = SealingPublicKey(opener.publicKey.rawRepresentation) else { return nil }
        self.seed = seed
        self.opener = opener
        self.publicKey = publicKey
    }

    /// A fresh pair.
    public static func random() -> SealingKey {
        guard let key = SealingKey(.random(count: 32)) else { preconditionFailure("any 32 bytes make an X-Wing pair") }
        return key
    }
}

extension SealingKey: CustomStringConvertible {
    /// Nothing of the key.
    public var description: String { "sealing key" }
}
