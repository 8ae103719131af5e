public import Codec
public import Cryptography
/// That something of an organisation is frozen, or was: `[organisation, incident, since, lifted or null]`.
public struct FreezeRecord: StateRecord {
    public typealias ID = FreezeTarget
    public static var kind: StateKind { .freeze }

    /// Whose it is.
    public var organization: OrganizationID
    /// What the newest freeze opened.
    public var incident: IncidentID
    /// The block that froze it; it is frozen from the next one on.
    public var since: Height
    /// The block that ended the freeze; it is the last in which it holds.
    public var lifted: Height?

    init(organization: OrganizationID, incident: IncidentID, since: Height) {
        self.organization = organization
        self.incident = incident
        self.since = since
        lifted = nil
    }

    /// Whether it is frozen in a block.
    public func holds(at height: Height) -> Bool {
        guard height > since else { return false }
        guard let lifted else { return true }
        return height <= lifted
    }

    public static func bytes(of id: FreezeTarget) -> [UInt8] { id.bytes }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        organization = try reader.read()
        incident = try reader.read()
        since = try reader.read()
        lifted = try reader.readOptional()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(organization)
        writer.write(incident)
        writer.write(since)
        writer.write(optional: lifted)
    }
}

/// What a freeze opened: `[organisation, target, reason, height, time]`.
public struct IncidentRecord: StateRecord {
    public typealias ID = IncidentID
    public static var kind: StateKind { .incident }

    /// Whose it is.
    public var organization: OrganizationID
    /// What was frozen.
    public var target: FreezeTarget
    /// The organisation's own code.
    public var reason: UInt32
    /// The block.
    public var opened: Height
    /// The block's time: by then the organisation knew.
    public var time: Timestamp

    init(_ operation: Freeze, of organization: OrganizationID, in block: BlockContext) {
        self.organization = organization
        target = operation.target
        reason = operation.reason
        opened = block.height
        time = block.time
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 5)
        organization = try reader.read()
        target = try reader.read()
        reason = UInt32(try reader.readInt(max: Int(UInt32.max)))
        opened = try reader.read()
        time = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(5)
        writer.write(organization)
        writer.write(target)
        writer.write(UInt64(reason))
        writer.write(opened)
        writer.write(time)
    }
}

/// A notice: `[organisation, cause, scope or null, due, height, time, text]`.
public struct NoticeRecord: StateRecord {
    public typealias ID = NoticeID
    public static var kind: StateKind { .notice }

    /// Who told.
    public var organization: OrganizationID
    /// What of.
    public var cause: NoticeCause
    /// Whom: the scope's patient, or the authority.
    public var scope: ScopeID?
    /// The deadline.
    public var due: Timestamp
    /// The block.
    public var published: Height
    /// The block's time.
    public var time: Timestamp
    /// The sealed text.
    public var text: ContentID

    init(_ operation: PublishNotice, in block: BlockContext) {
        organization = operation.organization
        cause = operation.cause
        scope = operation.scope
        due = operation.due
        published = block.height
        time = block.time
        text = operation.text
    }

    /// Whether it came after its deadline.
    public var isLate: Bool { time > due }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 7)
        organization = try reader.read()
        cause = try reader.read()
        scope = try reader.readOptional()
        due = try reader.read()
        published = try reader.read()
        time = try reader.read()
        text = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(7)
        writer.write(organization)
        writer.write(cause)
        writer.write(optional: scope)
        writer.write(due)
        writer.write(published)
        writer.write(time)
        writer.write(text)
    }
}
