public import Codec

/// That a patient denies an organisation a scope: the block since which. Lifting the denial removes the leaf.
public struct DenialRecord: StateRecord {
    /// Which organisation, which scope.
    public struct ID: Hashable, Sendable {
        /// The scope.
        public var scope: ScopeID
        /// Who is denied it.
        public var organization: OrganizationID

        /// The denial of `scope` to `organization`.
        public init(scope: ScopeID, organization: OrganizationID) {
            self.scope = scope
            self.organization = organization
        }
    }

    public static var kind: StateKind { .denial }

    /// The block.
    public var since: Height

    init(since: Height) { self.since = since }

    public static func bytes(of id: ID) -> [UInt8] { id.scope.bytes + id.organization.bytes }

    public init(from reader: inout CBORReader) throws(DecodingFailure) { since = try reader.read() }

    public func encode(to writer: inout CBORWriter) { writer.write(since) }
}

/// Which documents a grant is confined to by the time of their commitment: `[from or null, until or null]`.
public struct GrantWindowRecord: StateRecord {
    public typealias ID = GrantID
    public static var kind: StateKind { .grantWindow }

    /// The first moment.
    public var from: Timestamp?
    /// The last moment.
    public var until: Timestamp?

    init(from: Timestamp?, until: Timestamp?) {
        self.from = from
        self.until = until
    }

    /// Whether a document that was committed at `time` is within the window.
    public func contains(_ time: Timestamp) -> Bool {
        if let from, time < from { return false }
        if let until, time > until { return false }
        return true
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        from = try reader.readOptional()
        until = try reader.readOptional()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(optional: from)
        writer.write(optional: until)
    }
}
