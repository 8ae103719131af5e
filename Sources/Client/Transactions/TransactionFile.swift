internal import Codec
public import Cryptography
public import Ledger

/// A transaction on its way from signer to signer: a file with the transaction's bytes, nothing else.
///
/// Whoever receives it sees what they would sign (``TransactionSummary``), adds a signature and passes it on or submits
/// it.
public struct TransactionFile: Sendable {
    /// Where it is.
    public let path: String
    /// What it holds.
    public private(set) var transaction: Transaction

    /// Writes a transaction into a file that only its owner may read.
    public init(writing transaction: Transaction, to path: String) throws(HomeFailure) {
        self.path = path
        self.transaction = transaction
        try HomeFiles.replace(path, transaction.bytes)
    }

    /// Reads a file.
    ///
    /// - Throws: ``HomeFailure/malformed(_:_:)`` also when a signature that is there already does not hold.
    public init(reading path: String) throws(HomeFailure) {
        let bytes = try HomeFiles.read(path)
        do { transaction = try Transaction(decoding: bytes) } catch { throw .malformed(path, "\(error)") }
        guard transaction.verifySignatures() else { throw .malformed(path, "a signature does not hold") }
        self.path = path
    }

    /// Adds signatures and replaces the file.
    ///
    /// - Throws: ``HomeFailure/malformed(_:_:)`` when it is for another chain or would have more than eight signers.
    public mutating func sign(with keys: [SigningKey], on chain: ChainID) throws(HomeFailure) {
        try require(chain)
        let signers = Set(transaction.signers).union(keys.map(\.publicKey))
        guard signers.count <= COSESign.maximumSigners else { throw .malformed(path, "it has eight signers already") }
        transaction = keys.reduce(transaction) { $0.signed(by: $1) }
        try HomeFiles.replace(path, transaction.bytes)
    }

    /// Refuses a transaction that is for another chain.
    public func require(_ chain: ChainID) throws(HomeFailure) {
        guard transaction.body.chain == chain else { throw .malformed(path, "it is for another chain") }
    }
}
