internal import Codec
internal import Cryptography
internal import Ledger

/// A grant whose fragments are not with all validators yet: `[1, transaction, [[validator, sealed fragment]…]]`, kept in
/// `<home>/grants/<grant>.cbor` from before it is submitted until every validator has its fragment.
///
/// Each fragment is sealed to its validator: the file opens nothing. The polynomial behind the fragments is gone, so that
/// without the file the missing ones cannot be made again.
struct PendingGrant: Sendable {
    struct Fragment: Hashable, Sendable {
        let validator: ValidatorID
        let sealed: [UInt8]
    }

    let transaction: Transaction
    var fragments: [Fragment]

    private static let version: UInt64 = 1
    fileprivate static let maximumFragmentLength = 4096

    /// What the transaction grants.
    var operation: GrantConsent? {
        guard case .grantConsent(let operation)? = transaction.operations.first else { return nil }
        return operation
    }
}

extension PendingGrant: CBORCodable {
    init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        guard try reader.readUnsigned() == Self.version else { throw .invalid(field: "version") }
        transaction = try Transaction(decoding: try reader.readBytes(max: Transaction.maximumBytes))
        fragments = try reader.readArray(max: Genesis.maximumValidators)
        if operation == nil { throw .invalid(field: "transaction") }
    }

    func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(Self.version)
        writer.write(bytes: transaction.bytes)
        writer.write(array: fragments)
    }
}

extension PendingGrant.Fragment: CBORCodable {
    init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        validator = try reader.read()
        sealed = try reader.readBytes(max: PendingGrant.maximumFragmentLength)
    }

    func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(validator)
        writer.write(bytes: sealed)
    }
}

/// The grants of a home that are on their way.
struct GrantOutbox: Sendable {
    private let directory: String

    init(_ home: WalletHome) { directory = home.path + "/grants" }

    func keep(_ pending: PendingGrant, _ grant: GrantID) throws(HomeFailure) {
        try HomeFiles.makeDirectory(directory)
        try HomeFiles.replace(path(grant), pending.encoded)
    }

    /// - Returns: Nothing when all of its fragments were delivered, or it was made in another home.
    func pending(_ grant: GrantID) throws(HomeFailure) -> PendingGrant? {
        guard HomeFiles.exists(path(grant)) else { return nil }
        let bytes = try HomeFiles.read(path(grant))
        do { return try PendingGrant(decoding: bytes) } catch { throw .malformed(path(grant), "\(error)") }
    }

    func remove(_ grant: GrantID) { HomeFiles.remove(path(grant)) }

    private func path(_ grant: GrantID) -> String { "\(directory)/\(grant).cbor" }
}
