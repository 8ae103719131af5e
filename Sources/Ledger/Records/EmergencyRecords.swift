public import Codec

/// A declared emergency: `[grant, scope, organisation, staff, second, [document…], reason, drill, declared, time, review or
/// null]`, a review being `[privacy officer, justified, reason, height, time]`.
public struct EmergencyRecord: StateRecord {
    public typealias ID = AccessID
    public static var kind: StateKind { .emergency }

    /// What a privacy officer found.
    public struct Review: Hashable, Sendable {
        /// Who.
        public var officer: StaffID
        /// Whether there was reason to break the glass.
        public var isJustified: Bool
        /// The organisation's own code of the finding.
        public var reason: UInt32
        /// The block.
        public var height: Height
        /// The block's time.
        public var time: Timestamp
    }

    /// The emergency grant.
    public var grant: GrantID
    /// What it is about.
    public var scope: ScopeID
    /// Who declared it.
    public var organization: OrganizationID
    /// Who opens the documents.
    public var staff: StaffID
    /// Who confirmed it.
    public var second: StaffID
    /// What was opened, ascending.
    public var documents: [DocumentID]
    /// The organisation's own code of the reason.
    public var reason: UInt32
    /// Whether nothing opened.
    public var isDrill: Bool
    /// The block.
    public var declared: Height
    /// The block's time.
    public var time: Timestamp
    /// Nothing until it has been reviewed.
    public var review: Review?

    init(_ operation: DeclareEmergency, scope: ScopeID, organization: OrganizationID, in block: BlockContext) {
        grant = operation.grant
        self.scope = scope
        self.organization = organization
        staff = operation.staff
        second = operation.second
        documents = operation.documents
        reason = operation.reason
        isDrill = operation.isDrill
        declared = block.height
        time = block.time
        review = nil
    }

    /// The last moment for its review.
    public var reviewDue: Timestamp { time.advanced(byMilliseconds: DeclareEmergency.reviewPeriod) }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 11)
        grant = try reader.read()
        scope = try reader.read()
        organization = try reader.read()
        staff = try reader.read()
        second = try reader.read()
        documents = try reader.readAscending(max: RequestAccess.maximumDocuments, field: "documents")
        reason = UInt32(try reader.readInt(max: Int(UInt32.max)))
        isDrill = try reader.readBool()
        declared = try reader.read()
        time = try reader.read()
        review = try reader.readOptional()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(11)
        writer.write(grant)
        writer.write(scope)
        writer.write(organization)
        writer.write(staff)
        writer.write(second)
        writer.write(array: documents)
        writer.write(UInt64(reason))
        writer.write(isDrill)
        writer.write(declared)
        writer.write(time)
        writer.write(optional: review)
    }
}

extension EmergencyRecord.Review: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 5)
        officer = try reader.read()
        isJustified = try reader.readBool()
        reason = UInt32(try reader.readInt(max: Int(UInt32.max)))
        height = try reader.read()
        time = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(5)
        writer.write(officer)
        writer.write(isJustified)
        writer.write(UInt64(reason))
        writer.write(height)
        writer.write(time)
    }
}

/// The emergencies of an organisation that nobody has reviewed, oldest first: `[[emergency, due]…]`, at most 64. Drills are
/// not among them.
public struct ReviewDutiesRecord: StateRecord {
    public typealias ID = OrganizationID
    public static var kind: StateKind { .reviewDuties }
    /// The most reviews that an organisation may owe.
    public static let maximumDuties = 64

    /// A review that is owed.
    public struct Duty: Hashable, Sendable {
        /// The emergency.
        public var emergency: AccessID
        /// The last moment for its review.
        public var due: Timestamp
    }

    /// What is owed, oldest first.
    public var duties: [Duty]

    init(duties: [Duty] = []) { self.duties = duties }

    /// Whether a review is overdue in a block at `time`.
    public func isOverdue(at time: Timestamp) -> Bool { duties.contains { time > $0.due } }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        duties = try reader.readArray(max: Self.maximumDuties)
    }

    public func encode(to writer: inout CBORWriter) { writer.write(array: duties) }
}

extension ReviewDutiesRecord.Duty: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        emergency = try reader.read()
        due = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(emergency)
        writer.write(due)
    }
}

/// That a member of staff has broken the glass of a scope: `[newest emergency, the last height at which it opens]`. Until
/// then they may see what a grantee sees.
public struct EmergencyStandingRecord: StateRecord {
    /// Which scope, who.
    public struct ID: Hashable, Sendable {
        /// The scope.
        public var scope: ScopeID
        /// Who declared the emergency.
        public var staff: StaffID

        /// The emergency of `scope` that `staff` declared.
        public init(scope: ScopeID, staff: StaffID) {
            self.scope = scope
            self.staff = staff
        }
    }

    public static var kind: StateKind { .emergencyStanding }

    /// The newest emergency.
    public var emergency: AccessID
    /// The last height at which it opens anything.
    public var expires: Height

    init(emergency: AccessID, expires: Height) {
        self.emergency = emergency
        self.expires = expires
    }

    public static func bytes(of id: ID) -> [UInt8] { id.scope.bytes + id.staff.bytes }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        emergency = try reader.read()
        expires = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(emergency)
        writer.write(expires)
    }
}
