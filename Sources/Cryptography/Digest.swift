public import Codec

/// A SHA-256 value, 32 bytes, ordered bytewise. Encoded as a 32-byte string.
public struct Digest: Hashable, Sendable {
    // Big-endian words: comparing them is comparing the bytes.
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// 32 zero bytes, where a parent or a root is absent.
    public static let zero = Digest(words: (0, 0, 0, 0))

    /// - Parameter bytes: Exactly 32 bytes; nothing else makes a digest.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var stored = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        Swift.withUnsafeMutableBytes(of: &stored) { $0.copyBytes(from: bytes) }
        self.init(storedWords: stored)
    }

    /// - Parameter hex: 64 hexadecimal digits.
    public init?(hex: String) {
        guard let bytes = [UInt8](hex: hex) else { return nil }
        self.init(bytes)
    }

    /// The four words as they lie in memory.
    init(storedWords words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = (
            UInt64(bigEndian: words.0), UInt64(bigEndian: words.1), UInt64(bigEndian: words.2),
            UInt64(bigEndian: words.3)
        )
    }

    private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Plain SHA-256, for what other systems hash too (content identifiers, Merkle trees); everything of ours has a
    /// domain.
    public static func sha256(_ bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes { SHA256.hash($0) } }

    /// Plain SHA-256 of borrowed memory.
    public static func sha256(_ bytes: UnsafeRawBufferPointer) -> Digest { SHA256.hash(bytes) }

    /// `SHA256(domain || 0x00 || bytes)`.
    public static func hash(_ bytes: [UInt8], in domain: Domain) -> Digest {
        domain.prefix.withUnsafeBytes { prefix in bytes.withUnsafeBytes { SHA256.hash(prefix, $0) } }
    }

    /// Lends the 32 bytes.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let stored = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
        return try Swift.withUnsafeBytes(of: stored) { (buffer) throws(Failure) -> Result in try body(buffer) }
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// 64 lower-case hexadecimal digits.
    public var hex: String { bytes.hex }

    /// The nibble at `index` (0 to 63), most significant first.
    public func nibble(at index: Int) -> UInt8 {
        let word = index < 16 ? words.0 : index < 32 ? words.1 : index < 48 ? words.2 : words.3
        return UInt8(truncatingIfNeeded: word >> UInt64(60 - (index & 15) * 4)) & 15
    }
}

extension Digest: Comparable {
    public static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }

    public static func < (left: Digest, right: Digest) -> Bool { left.words < right.words }

    public func hash(into hasher: inout Hasher) {
        // The value is already uniformly distributed; a quarter of it is plenty for a table.
        hasher.combine(words.0)
    }
}

extension Digest: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let digest = Digest(try reader.readBytes(exactly: 32)) else { throw .invalid(field: "digest") }
        self = digest
    }

    public func encode(to writer: inout CBORWriter) { withUnsafeBytes { writer.write(bytes: $0) } }
}

extension Digest: CustomStringConvertible {
    public var description: String { hex }
}

/// What a hash or a signature is for: `careledger/v1/<what>`. Bytes hashed for one purpose are worthless for another.
public struct Domain: Hashable, Sendable {
    /// The name without the common beginning.
    public let name: String
    /// The name in full and a zero byte.
    let prefix: [UInt8]

    /// - Parameter name: What is hashed or signed, in lower case with hyphens; a name never contains another's prefix.
    public init(_ name: StaticString) {
        self.name = name.description
        prefix = Array("careledger/v1/\(name)".utf8) + [0]
    }

    /// `careledger/v1/<what>`.
    public var fullName: String { "careledger/v1/\(name)" }
}
