public import Codec
internal import Cryptography

/// Where a chain begins and what everybody who joins it trusts: `[version, name, time, parameters, [organisation…],
/// [validator…], [auditor…]]`.
///
/// A decoded genesis is valid: names, keys and addresses are within their bounds, no key stands twice, and every
/// validator belongs to one of the organisations.
public struct Genesis: Hashable, Sendable {
    /// The version of the format.
    public static let version: UInt64 = 1
    /// The most validators of a set.
    public static let maximumValidators = 128
    /// The most organisations, and the most auditors, that a genesis names.
    public static let maximumMembers = 1024
    static let domain = Domain("genesis")

    /// What people call the consortium: 1 to 128 bytes of UTF-8.
    public let name: String
    /// The time of the genesis block.
    public let time: Timestamp
    /// The chain's limits.
    public let parameters: Parameters
    /// The founding hospitals.
    public let organizations: [Organization]
    /// The validators in the order of the first set.
    public let validators: [Validator]
    /// Who may read everything.
    public let auditors: [Auditor]

    /// A genesis.
    ///
    /// - Throws: ``GenesisInvalid``: which entry is wrong, and why.
    public init(
        name: String, time: Timestamp, parameters: Parameters, organizations: [Organization], validators: [Validator],
        auditors: [Auditor]
    ) throws(GenesisInvalid) {
        self.name = name
        self.time = time
        self.parameters = parameters
        self.organizations = organizations
        self.validators = validators
        self.auditors = auditors
        try validate()
    }

    /// The chain that begins here.
    public var chain: ChainID { ChainID(.hash(encoded, in: Self.domain)) }

    /// The first validator set.
    public var validatorSet: ValidatorSetRecord { ValidatorSetRecord(keys: validators.map { KeyID($0.consensusKey) }) }
}

extension Genesis: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 7)
        guard try reader.readUnsigned() == Self.version else { throw .invalid(field: "genesis version") }
        name = try reader.readText(max: Self.maximumNameLength)
        time = try reader.read()
        parameters = try reader.read()
        organizations = try reader.readArray(max: Self.maximumMembers)
        validators = try reader.readArray(max: Self.maximumValidators)
        auditors = try reader.readArray(max: Self.maximumMembers)
        do { try validate() } catch { throw .invalid(field: error.field) }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(7)
        writer.write(Self.version)
        writer.write(text: name)
        writer.write(time)
        writer.write(parameters)
        writer.write(array: organizations)
        writer.write(array: validators)
        writer.write(array: auditors)
    }
}
