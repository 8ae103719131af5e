public import Codec
public import Cryptography

/// A validator's signed word about one view of consensus, as the ledger understands it: who votes for what is nothing to
/// the ledger, whether two words exclude each other is.
///
/// The bytes are those that were signed: `[1 notarize or 3 finalize, [epoch, view, parent view, block]]` or
/// `[2 nullify, [epoch, view]]` (`Network/FORMATS.md`).
public struct ConsensusStatement: Hashable, Sendable {
    /// The most bytes of a statement.
    static let maximumBytes = 256

    enum Kind: Int {
        case notarize = 1
        case nullify = 2
        case finalize = 3
    }

    /// The bytes as received.
    public let bytes: [UInt8]
    let kind: Kind
    /// The epoch that it is about.
    public let epoch: UInt64
    /// The view that it is about.
    public let view: UInt64

    /// Reads a statement that takes up all of `bytes`.
    public init(decoding bytes: [UInt8]) throws(DecodingFailure) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLong(limit: Self.maximumBytes, offset: 0) }
        var reader = CBORReader(bytes)
        try reader.readArray(count: 2)
        guard let kind = Kind(rawValue: try reader.readInt(max: 255)) else { throw .invalid(field: "statement") }
        try reader.readArray(count: kind == .nullify ? 2 : 4)
        epoch = try reader.readUnsigned(max: UInt64(Int64.max))
        view = try reader.readUnsigned(max: UInt64(Int64.max))
        if kind != .nullify {
            // The proposal: its parent's view and the block by hash, parent and height.
            _ = try reader.readUnsigned(max: UInt64(Int64.max))
            try reader.readArray(count: 3)
            _ = try (reader.read(Digest.self), reader.read(Digest.self), reader.read(Height.self))
        }
        try reader.finish()
        self.bytes = bytes
        self.kind = kind
    }

    /// Whether an honest validator signs at most one of the two.
    func excludes(_ other: ConsensusStatement) -> Bool {
        guard epoch == other.epoch, view == other.view else { return false }
        switch (kind, other.kind) {
        case (.notarize, .notarize), (.finalize, .finalize): return bytes != other.bytes
        case (.nullify, .finalize), (.finalize, .nullify): return true
        default: return false
        }
    }

    /// What a validator of `chain` signs to say it.
    func digest(on chain: ChainID) -> Digest {
        var writer = CBORWriter(capacity: bytes.count + 40)
        writer.beginArray(2)
        writer.write(chain)
        writer.write(encoded: bytes)
        return .hash(writer.bytes, in: Domain("consensus-vote"))
    }
}

/// Two statements of one validator that no honest one signs both. Signed by anybody.
///
/// `[28, consensus key, statement, signature, statement, signature]`, the statements as byte strings, the smaller first.
public struct ReportEvidence: Hashable, Sendable {
    /// A statement with its signature.
    public struct Signed: Hashable, Sendable {
        /// What was said.
        public let statement: ConsensusStatement
        /// The validator's signature.
        public let signature: Signature

        /// A signed statement.
        public init(_ statement: ConsensusStatement, _ signature: Signature) {
            self.statement = statement
            self.signature = signature
        }
    }

    /// The validator's consensus key.
    public let key: PublicKey
    /// What was said, the smaller bytes first.
    public let first: Signed
    /// What contradicts it.
    public let second: Signed

    /// - Returns: Nothing when an honest validator may say both.
    public init?(key: PublicKey, _ one: Signed, _ other: Signed) {
        guard one.statement.excludes(other.statement) else { return nil }
        self.key = key
        let isOrdered = one.statement.bytes.lexicographicallyPrecedes(other.statement.bytes)
        (first, second) = isOrdered ? (one, other) : (other, one)
    }

    /// Who contradicted themselves.
    public var validator: ValidatorID { ValidatorID(consensusKey: key) }
    /// What the evidence is counted by: once a validator, epoch and view.
    var record: EvidenceRecord.ID {
        EvidenceRecord.ID(validator: validator, epoch: first.statement.epoch, view: first.statement.view)
    }

    /// Whether the contradiction is on the chain already.
    public func isReported(in reader: some LedgerReader) -> Bool {
        reader.record(record, as: EvidenceRecord.self) != nil
    }

    func checks(on chain: ChainID) -> [SignatureCheck] {
        [first, second].map { .signature(key: key, digest: $0.statement.digest(on: chain), $0.signature) }
    }
}

extension ReportEvidence: OperationContent {
    var code: Operation.Code { .reportEvidence }
    static var count: Int { 6 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        key = try reader.read()
        first = try Self.signed(from: &reader)
        second = try Self.signed(from: &reader)
        guard first.statement.excludes(second.statement),
            first.statement.bytes.lexicographicallyPrecedes(second.statement.bytes)
        else { throw .invalid(field: "evidence") }
    }

    private static func signed(from reader: inout CBORReader) throws(DecodingFailure) -> Signed {
        let bytes = try reader.readBytes(max: ConsensusStatement.maximumBytes)
        return Signed(try ConsensusStatement(decoding: bytes), try reader.read())
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(key)
        for signed in [first, second] {
            writer.write(bytes: signed.statement.bytes)
            writer.write(signed.signature)
        }
    }
}
