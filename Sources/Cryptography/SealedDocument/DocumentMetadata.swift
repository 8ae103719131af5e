public import Codec

/// What a document is, for whoever may list the scope: sealed under a key from the scope secret, not the document key.
///
/// Encoded as `[title, type, date, MIME type]`.
public struct DocumentMetadata: Hashable, Sendable {
    /// What people call it, at most 512 bytes.
    public let title: String
    /// What kind it is in the author's vocabulary, such as a LOINC code; at most 64 bytes.
    public let type: String
    /// When what it tells of took place, as ISO 8601 writes dates and times; at most 40 bytes.
    public let date: String
    /// The MIME type of the content; at most 127 bytes.
    public let mediaType: String

    /// - Returns: Nothing if a field is longer than its bound.
    public init?(title: String, type: String, date: String, mediaType: String) {
        guard title.utf8.count <= 512, type.utf8.count <= 64, date.utf8.count <= 40, mediaType.utf8.count <= 127 else {
            return nil
        }
        self.title = title
        self.type = type
        self.date = date
        self.mediaType = mediaType
    }
}

extension DocumentMetadata: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        title = try reader.readText(max: 512)
        type = try reader.readText(max: 64)
        date = try reader.readText(max: 40)
        mediaType = try reader.readText(max: 127)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(text: title)
        writer.write(text: type)
        writer.write(text: date)
        writer.write(text: mediaType)
    }
}

/// Metadata as it is stored: `[1, salt (16), sealed]`.
///
/// Sealed with AES-256-GCM and a key by HKDF-SHA256 from the scope secret, the salt, the capsule and the scope, which
/// makes it this document's alone. The key seals nothing else, hence the nonce is zero. The plaintext is the encoding,
/// filled up with zeros to a multiple of 256 bytes: a title's length says something too.
public struct SealedMetadata: Hashable, Sendable {
    /// Bytes of the largest encoding.
    public static let maximumLength = 1100

    private static let step = 256
    private static let longest = 1024

    private let salt: [UInt8]
    private let sealed: [UInt8]

    /// Seals metadata of the document that `capsule` belongs to.
    public init(_ metadata: DocumentMetadata, scopeSecret: SecretBytes, capsule: Capsule, scope: PublicKey) {
        salt = SystemRandom.bytes(16)
        var plaintext = metadata.encoded
        plaintext += [UInt8](repeating: 0, count: (Self.step - plaintext.count % Self.step) % Self.step)
        var sealed = [UInt8](repeating: 0, count: plaintext.count + AESGCM.tagLength)
        let cipher = Self.cipher(scopeSecret, salt, capsule, scope)
        plaintext.withUnsafeBytes { plaintext in
            sealed.withUnsafeMutableBytes { cipher.seal(plaintext, nonce: Self.nonce, into: $0) }
        }
        self.sealed = sealed
    }

    /// Opens it.
    ///
    /// - Returns: Nothing if it is another document's or was altered.
    public func open(scopeSecret: SecretBytes, capsule: Capsule, scope: PublicKey) -> DocumentMetadata? {
        var plaintext = [UInt8](repeating: 0, count: sealed.count - AESGCM.tagLength)
        let cipher = Self.cipher(scopeSecret, salt, capsule, scope)
        let opened = sealed.withUnsafeBytes { sealed in
            plaintext.withUnsafeMutableBytes { cipher.open(sealed, nonce: Self.nonce, into: $0) }
        }
        guard opened else { return nil }
        var reader = CBORReader(plaintext)
        guard let metadata = try? DocumentMetadata(from: &reader), plaintext[reader.position...].allSatisfy({ $0 == 0 })
        else { return nil }
        return metadata
    }

    /// Its content id, raw.
    public var id: ContentID { ContentID(of: encoded) }

    private static let nonce = [UInt8](repeating: 0, count: AESGCM.nonceLength)

    private static func cipher(_ secret: SecretBytes, _ salt: [UInt8], _ capsule: Capsule, _ scope: PublicKey) -> AESGCM
    {
        precondition(secret.count == 32, "a scope secret has 32 bytes")
        let info = Domain("metadata").prefix + capsule.bytes + scope.bytes
        return AESGCM(
            key: SecretBytes(count: 32) { out in
                secret.withUnsafeBytes { OpenSSL.hkdfSHA256(secret: $0, salt: salt, info: info, into: out) }
            })
    }
}

extension SealedMetadata: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        guard try reader.readUnsigned() == 1 else { throw .invalid(field: "version") }
        salt = Array(try reader.readBytes(exactly: 16))
        sealed = try reader.readBytes(max: Self.longest + AESGCM.tagLength)
        guard sealed.count > AESGCM.tagLength, (sealed.count - AESGCM.tagLength) % Self.step == 0 else {
            throw .invalid(field: "sealed")
        }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(1)
        writer.write(bytes: salt)
        writer.write(bytes: sealed)
    }
}
