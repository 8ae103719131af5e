public import Codec
public import Cryptography

/// What a transaction's signers sign: `[version, chain, nonce, valid until, [operation…]]`.
public struct TransactionBody: Hashable, Sendable {
    /// The version of the format.
    public static let version: UInt64 = 1
    /// Bytes of a nonce.
    public static let nonceLength = 16

    /// The chain it is for.
    public var chain: ChainID
    /// 16 bytes that make two transactions with the same operations differ.
    public var nonce: [UInt8]
    /// The last height of a block that may include it.
    public var validUntil: Height
    /// What it asks for, in order: 1 to 1024.
    public var operations: [Operation]

    /// A body.
    ///
    /// - Precondition: `nonce` has 16 bytes; there are 1 to 1024 operations.
    public init(chain: ChainID, nonce: [UInt8], validUntil: Height, operations: [Operation]) {
        precondition(nonce.count == Self.nonceLength, "a nonce has 16 bytes")
        precondition((1...Transaction.maximumOperations).contains(operations.count), "1 to 1024 operations")
        self.chain = chain
        self.nonce = nonce
        self.validUntil = validUntil
        self.operations = operations
    }
}

extension TransactionBody: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 5)
        guard try reader.readUnsigned() == Self.version else { throw .invalid(field: "transaction version") }
        chain = try reader.read()
        nonce = Array(try reader.readBytes(exactly: Self.nonceLength))
        validUntil = try reader.read()
        operations = try reader.readArray(max: Transaction.maximumOperations)
        if operations.isEmpty { throw .invalid(field: "operations") }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(5)
        writer.write(Self.version)
        writer.write(chain)
        writer.write(bytes: nonce)
        writer.write(validUntil)
        writer.write(array: operations)
    }
}

/// Operations that one to eight keys have signed: a COSE_Sign envelope around a ``TransactionBody``.
///
/// The bytes are kept as they were received and never encoded again. A decoded transaction has the right shape; whether
/// its signatures hold is for ``signatureChecks()`` to say, and whether its operations may be done for ``Transition``.
///
/// ## The path of a document, 1 of 4: what people sign
/// A wallet's `RecordKeeper` (Client) seals a file block by block (`DocumentSealer`, Cryptography), sends the ciphertext to
/// the nodes, and puts what is left into a ``CommitDocument``: the manifest's content id, the capsule, a commitment to the
/// key. That operation, a patient's ``GrantConsent`` and a clinician's ``RequestAccess`` travel in transactions. A node
/// takes one in (`TransactionRoutes`, Node) and hands it to its `Replica`; which block it ends up in, `Engine`
/// (Consensus/Engine.swift) decides: that is the next file.
public struct Transaction: Sendable {
    /// What each signer signs.
    public static let domain = Domain("transaction")
    /// The most operations.
    public static let maximumOperations = 1024
    /// The most bytes in all: 256 KiB.
    public static let maximumBytes = 256 * 1024

    private static let bytesDomain = Domain("transaction-bytes")

    // A reference, so that a transaction costs one count wherever it is handed on.
    private let storage: Storage

    private final class Storage: Sendable {
        let bytes: [UInt8]
        let envelope: COSESign
        let body: TransactionBody
        let id: TransactionID
        let digest: Digest
        let leafHash: Digest

        init(bytes: [UInt8], digest: Digest, envelope: COSESign, body: TransactionBody) {
            self.bytes = bytes
            self.digest = digest
            self.envelope = envelope
            self.body = body
            id = TransactionID(.hash(envelope.payload, in: Transaction.domain))
            leafHash = MerkleTree.leafHash(bytes)
        }
    }

    /// Reads a transaction that takes up all of `bytes`. Checks no signature.
    public init(decoding bytes: [UInt8]) throws(DecodingFailure) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLong(limit: Self.maximumBytes, offset: 0) }
        let digest = Digest.hash(bytes, in: Self.bytesDomain)
        if let known = DecodedTransactions.find(digest) {
            self = known
            return
        }
        let envelope = try COSESign(decoding: bytes, maximumPayload: Self.maximumBytes)
        storage = Storage(
            bytes: bytes, digest: digest, envelope: envelope, body: try TransactionBody(decoding: envelope.payload))
        DecodedTransactions.keep(self)
    }

    /// Signs `body`.
    ///
    /// - Precondition: There are 1 to 8 keys, and what comes out has at most 256 KiB.
    public init(_ body: TransactionBody, signedBy keys: [SigningKey]) {
        var envelope = COSESign(payload: body.encoded)
        for key in keys { envelope.sign(with: key, for: Self.domain) }
        precondition(!envelope.signers.isEmpty, "somebody signs a transaction")
        self.init(body, in: envelope)
    }

    private init(_ body: TransactionBody, in envelope: COSESign) {
        let bytes = envelope.encoded
        precondition(bytes.count <= Self.maximumBytes, "a transaction has at most 256 KiB")
        storage = Storage(bytes: bytes, digest: .hash(bytes, in: Self.bytesDomain), envelope: envelope, body: body)
    }

    /// The same transaction with one more signature.
    ///
    /// - Precondition: Fewer than 8 others have signed.
    public func signed(by key: SigningKey) -> Transaction {
        var envelope = storage.envelope
        envelope.sign(with: key, for: Self.domain)
        return Transaction(storage.body, in: envelope)
    }

    /// The bytes as received.
    public var bytes: [UInt8] { storage.bytes }
    /// What the signers signed.
    public var body: TransactionBody { storage.body }
    /// The hash of what the signers signed: the same whoever else signs.
    public var id: TransactionID { storage.id }
    /// The hash of all bytes, signatures included: what a cache of verified transactions is keyed by.
    public var digest: Digest { storage.digest }
    /// What stands for all bytes in the tree of a block's transactions: hashed once, asked for by everybody who builds,
    /// judges or proves a block.
    package var leafHash: Digest { storage.leafHash }
    /// What it asks for.
    public var operations: [Operation] { storage.body.operations }
    /// The keys that claim to have signed, ascending.
    public var signers: [PublicKey] { storage.envelope.signers.map(\.key) }

    /// All that can be checked from the bytes alone. A transaction of which one does not hold cannot be in a block.
    ///
    /// The checks are independent of each other and of the ledger: a pool runs them in parallel, once for each
    /// ``digest``. About 36 µs a signer, 100 µs a committed document and 0.1 ms a validator and grant.
    public func signatureChecks() -> [SignatureCheck] {
        storage.envelope.checks(for: Self.domain).map { .signature(key: $0.key, digest: $0.digest, $0.signature) }
            + operations.flatMap { $0.checks(on: body.chain) }
    }

    /// Whether every check holds.
    public func verifySignatures() -> Bool { signatureChecks().allSatisfy(\.holds) }
}

extension Transaction: Hashable {
    public static func == (left: Transaction, right: Transaction) -> Bool { left.digest == right.digest }

    public func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}
