public import Codec
internal import Cryptography

/// Who belongs to the consortium now: `[[organisation…], [auditor…]]`, each ascending.
///
/// The records of those who have left stay: histories name them. Being listed here is what gives rights.
public struct ConsortiumRecord: StateRecord {
    public typealias ID = Only
    public static var kind: StateKind { .consortium }

    /// The organisations, 1 to 1024.
    public var organizations: [OrganizationID]
    /// The auditors, at most 1024; those whose appointment has expired among them.
    public var auditors: [AuditorID]

    init(organizations: [OrganizationID], auditors: [AuditorID]) {
        self.organizations = organizations.sorted()
        self.auditors = auditors.sorted()
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        organizations = try reader.readAscending(max: Genesis.maximumMembers, field: "organizations")
        auditors = try reader.readArray(max: Genesis.maximumMembers)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(array: organizations)
        writer.write(array: auditors)
    }
}

/// A change that was proposed: `[proposer, change, proposed, expires, [approved by…], decided or null]`.
public struct ChangeRecord: StateRecord {
    public typealias ID = ChangeID
    public static var kind: StateKind { .change }

    /// Who proposed it.
    public var organization: OrganizationID
    /// What it is.
    public var change: Change
    /// The block that put it to the vote.
    public var proposed: Height
    /// The last moment at which it can be approved.
    public var expires: Timestamp
    /// Who has approved it, ascending.
    public var approvals: [OrganizationID]
    /// The block that made it, nothing before.
    public var decided: Height?

    init(_ operation: ProposeChange, at height: Height) {
        organization = operation.organization
        change = operation.change
        proposed = height
        expires = operation.expires
        approvals = []
        decided = nil
    }

    /// Whether it can be approved.
    public func isOpen(at time: Timestamp) -> Bool { decided == nil && time <= expires }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 6)
        organization = try reader.read()
        change = try reader.read()
        proposed = try reader.read()
        expires = try reader.read()
        approvals = try reader.readArray(max: Genesis.maximumMembers)
        decided = try reader.readOptional()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(6)
        writer.write(organization)
        writer.write(change)
        writer.write(proposed)
        writer.write(expires)
        writer.write(array: approvals)
        writer.write(optional: decided)
    }
}

/// The changes that are put to the vote, oldest first: an array. Those that have expired leave with the next proposal.
public struct DocketRecord: StateRecord {
    public typealias ID = Only
    public static var kind: StateKind { .docket }
    /// The most open proposals of one organisation.
    public static let maximumPerOrganization = 8

    /// The proposals.
    public var changes: [ChangeID]

    init(changes: [ChangeID]) { self.changes = changes }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        changes = try reader.readArray(max: Genesis.maximumMembers * Self.maximumPerOrganization)
    }

    public func encode(to writer: inout CBORWriter) { writer.write(array: changes) }
}

/// The validators that have left the set and may follow the chain, the last to leave at the end: an array.
///
/// A key that was replaced is not among them, nor is one of an organisation that was expelled.
public struct ObserversRecord: StateRecord {
    public typealias ID = Only
    public static var kind: StateKind { .observers }
    /// The most observers; with another one the first leaves.
    public static let maximumCount = Genesis.maximumValidators

    /// The observers.
    public var validators: [ValidatorID]

    init(validators: [ValidatorID]) { self.validators = validators.suffix(Self.maximumCount) }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        validators = try reader.readArray(max: Self.maximumCount)
    }

    public func encode(to writer: inout CBORWriter) { writer.write(array: validators) }
}

/// That evidence against a validator was reported: the block.
public struct EvidenceRecord: StateRecord {
    /// Whom, and about which view.
    public struct ID: Hashable, Sendable {
        let validator: ValidatorID
        let epoch: UInt64
        let view: UInt64
    }

    public static var kind: StateKind { .evidence }

    /// The block with the report.
    public var reported: Height

    init(reported: Height) { self.reported = reported }

    public static func bytes(of id: ID) -> [UInt8] {
        var writer = CBORWriter()
        writer.beginArray(3)
        writer.write(id.validator)
        writer.write(id.epoch)
        writer.write(id.view)
        return writer.bytes
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) { reported = try reader.read() }

    public func encode(to writer: inout CBORWriter) { writer.write(reported) }
}
