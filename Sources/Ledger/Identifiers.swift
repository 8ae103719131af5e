public import Codec
public import Cryptography

/// An identifier of 32 bytes: a domain hash of what it identifies, shown as 64 hexadecimal digits.
public protocol DigestIdentifier: Hashable, Comparable, Sendable, CBORCodable, CustomStringConvertible {
    /// The 32 bytes.
    var digest: Digest { get }
    /// Wraps 32 bytes whose origin the caller knows.
    init(_ digest: Digest)
}

extension DigestIdentifier {
    /// - Parameter hex: 64 hexadecimal digits.
    public init?(hex: String) {
        guard let digest = Digest(hex: hex) else { return nil }
        self.init(digest)
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) { self.init(try Digest(from: &reader)) }

    public func encode(to writer: inout CBORWriter) { digest.encode(to: &writer) }

    public static func < (left: Self, right: Self) -> Bool { left.digest < right.digest }

    /// The 32 bytes.
    public var bytes: [UInt8] { digest.bytes }

    public var description: String { digest.hex }
}

/// A chain: the hash of its genesis file.
public struct ChainID: DigestIdentifier {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// A transaction: the hash of what its signers signed. Replay is judged by it.
public struct TransactionID: DigestIdentifier {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// A block: the hash of its header.
public struct BlockHash: DigestIdentifier {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// A document: the hash of the operation that committed it.
public struct DocumentID: DigestIdentifier {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// A patient's consent: the hash of the operation that gave it.
public struct GrantID: DigestIdentifier {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// A request to open documents: the hash of the operation that made it.
public struct AccessID: DigestIdentifier {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// A hospital or another member of the consortium: the hash of the entry that admitted it.
public struct OrganizationID: DigestIdentifier {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// A member of an organisation's staff: the hash of the operation that registered them.
public struct StaffID: DigestIdentifier {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// An auditor: the hash of the entry that appointed them.
public struct AuditorID: DigestIdentifier {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// A validator, in whatever set it serves: the hash of its consensus key.
public struct ValidatorID: DigestIdentifier {
    static let domain = Domain("validator")

    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }

    /// The validator that votes with `consensusKey`.
    public init(consensusKey: PublicKey) { self.init(.hash(consensusKey.bytes, in: Self.domain)) }
}

/// A thread of messages: the identifier of its first message.
public struct ThreadID: DigestIdentifier {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// What a freeze opens: the hash of the operation that froze.
public struct IncidentID: DigestIdentifier {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// A notice: the hash of the operation that published it.
public struct NoticeID: DigestIdentifier {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// A scope: one category of one patient for one epoch. Its identifier is its verifying key, 33 bytes.
public struct ScopeID: Hashable, Comparable, Sendable {
    /// The verifying key.
    public let key: KeyID

    /// The scope that `key` governs.
    public init(_ key: KeyID) { self.key = key }

    /// The scope that `key` governs.
    public init(_ key: PublicKey) { self.init(KeyID(key)) }

    /// - Parameter hex: 66 hexadecimal digits.
    public init?(hex: String) {
        guard let bytes = [UInt8](hex: hex), let key = KeyID(bytes) else { return nil }
        self.init(key)
    }

    /// The 33 bytes.
    public var bytes: [UInt8] { key.bytes }

    public static func < (left: ScopeID, right: ScopeID) -> Bool { left.key < right.key }
}

extension ScopeID: CBORCodable, CustomStringConvertible {
    public init(from reader: inout CBORReader) throws(DecodingFailure) { key = try KeyID(from: &reader) }

    public func encode(to writer: inout CBORWriter) { key.encode(to: &writer) }

    public var description: String { key.description }
}
