public import Codec

/// What an organisation's staff may do: `[terms, since, what held before or null]`, terms being `[[role policy…], [co-signing
/// key…]]`.
///
/// A policy holds from the block after the one that set it. Until then the one before holds, which the record keeps.
public struct PolicyRecord: StateRecord {
    public typealias ID = OrganizationID
    public static var kind: StateKind { .policy }

    /// Roles and co-signers.
    public struct Terms: Hashable, Sendable {
        /// Ascending by role.
        public var roles: [RolePolicy]
        /// Ascending.
        public var cosigners: [KeyID]

        /// What holds for a role; nothing where ``Authorization`` alone does.
        public func policy(for role: Role) -> RolePolicy? { roles.first { $0.role == role } }
    }

    /// The newest.
    public var terms: Terms
    /// The block that set them.
    public var since: Height
    /// What held before.
    public var earlier: Terms?

    init(_ operation: SetPolicy, after earlier: Terms?, at height: Height) {
        terms = Terms(roles: operation.roles, cosigners: operation.cosigners)
        since = height
        self.earlier = earlier
    }

    /// What holds in a block; nothing where nothing has been set.
    public func terms(at height: Height) -> Terms? { height > since ? terms : earlier }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        terms = try reader.read()
        since = try reader.read()
        earlier = try reader.readOptional()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(terms)
        writer.write(since)
        writer.write(optional: earlier)
    }
}

extension PolicyRecord.Terms: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        roles = try SetPolicy.roles(from: &reader)
        cosigners = try SetPolicy.cosigners(from: &reader)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(array: roles)
        writer.write(array: cosigners)
    }
}

/// How many documents a member of staff has asked for on a day: `[day, documents]`.
public struct UsageRecord: StateRecord {
    public typealias ID = StaffID
    public static var kind: StateKind { .usage }

    /// The day of UTC.
    public var day: UInt64
    /// Documents asked for on it.
    public var documents: Int

    init(day: UInt64, documents: Int) {
        self.day = day
        self.documents = documents
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        day = try reader.readUnsigned()
        documents = try reader.readInt()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(day)
        writer.write(UInt64(documents))
    }
}
