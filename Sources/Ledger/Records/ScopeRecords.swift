public import Codec
public import Cryptography

/// A scope: `[delegating key, epoch, sponsor, opened]`, and `closed` behind them once it is.
public struct ScopeRecord: StateRecord {
    public typealias ID = ScopeID
    public static var kind: StateKind { .scope }

    /// A, under which authors seal in this epoch.
    public var delegatingKey: KeyID
    /// How often the category's keys were replaced.
    public var epoch: UInt64
    /// The hospital that vouched for the patient.
    public var sponsor: OrganizationID
    /// The block that opened it.
    public var opened: Height
    /// The block that closed it for good.
    public var closed: Height?

    init(_ operation: OpenScope, at height: Height) {
        delegatingKey = KeyID(operation.delegatingKey)
        epoch = operation.epoch
        sponsor = operation.sponsor
        opened = height
        closed = nil
    }

    public static func bytes(of id: ScopeID) -> [UInt8] { id.bytes }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: 5)
        guard count >= 4 else { throw .invalid(field: "scope") }
        delegatingKey = try reader.read()
        epoch = try reader.readUnsigned(max: UInt64(UInt32.max))
        sponsor = try reader.read()
        opened = try reader.read()
        closed = count == 5 ? try reader.read() : nil
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(closed == nil ? 4 : 5)
        writer.write(delegatingKey)
        writer.write(epoch)
        writer.write(sponsor)
        writer.write(opened)
        if let closed { writer.write(closed) }
    }
}

/// That an organisation may add documents to a scope: `[epoch, card, since]`. Withdrawing removes the leaf.
public struct AuthorRecord: StateRecord {
    /// Which organisation, which scope.
    public struct ID: Hashable, Sendable {
        /// The scope.
        public var scope: ScopeID
        /// Who may add.
        public var organization: OrganizationID

        /// An author of a scope.
        public init(scope: ScopeID, organization: OrganizationID) {
            self.scope = scope
            self.organization = organization
        }
    }

    public static var kind: StateKind { .author }

    /// The scope's epoch.
    public var epoch: UInt64
    /// The scope card sealed to the organisation.
    public var card: ContentID
    /// The block that permitted it.
    public var since: Height

    init(epoch: UInt64, card: ContentID, since: Height) {
        self.epoch = epoch
        self.card = card
        self.since = since
    }

    public static func bytes(of id: ID) -> [UInt8] { id.scope.bytes + id.organization.bytes }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        epoch = try reader.readUnsigned(max: UInt64(UInt32.max))
        card = try reader.read()
        since = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(epoch)
        writer.write(card)
        writer.write(since)
    }
}

/// That an enrolment voucher was used, by whom: a scope.
public struct VoucherRecord: StateRecord {
    /// Which voucher.
    public struct ID: Hashable, Sendable {
        var organization: OrganizationID
        var code: [UInt8]

        /// The voucher of `organization` with this code.
        public init(organization: OrganizationID, code: [UInt8]) {
            self.organization = organization
            self.code = code
        }
    }

    public static var kind: StateKind { .voucher }

    /// Who used it.
    public var scope: ScopeID

    init(scope: ScopeID) { self.scope = scope }

    public static func bytes(of id: ID) -> [UInt8] { id.organization.bytes + id.code }

    public init(from reader: inout CBORReader) throws(DecodingFailure) { scope = try reader.read() }

    public func encode(to writer: inout CBORWriter) { writer.write(scope) }
}
