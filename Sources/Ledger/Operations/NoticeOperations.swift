public import Codec
public import Cryptography

/// What a notice is about: `[1, incident]` or `[2, emergency]`.
public enum NoticeCause: Hashable, Sendable {
    /// Something was frozen.
    case incident(IncidentID)
    /// The glass was broken.
    case emergency(AccessID)
}

extension NoticeCause: CBORCodable, CustomStringConvertible {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        switch try reader.readInt(max: 255) {
        case 1: self = .incident(try reader.read())
        case 2: self = .emergency(try reader.read())
        default: throw .invalid(field: "cause")
        }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        switch self {
        case .incident(let id):
            writer.write(UInt64(1))
            writer.write(id)
        case .emergency(let id):
            writer.write(UInt64(2))
            writer.write(id)
        }
    }

    public var description: String {
        switch self {
        case .incident(let id): "incident \(id)"
        case .emergency(let id): "emergency \(id)"
        }
    }
}

/// What a notice has to say beside its text: the items of 45 CFR 164.404(c) and GDPR 33(3), as codes.
///
/// `[occurred from, occurred to, discovered, [nature…], [information…], [consequence…], [measure…], [advice…], [contact…],
/// people, records, delay or null]`
public struct NoticeContents: Hashable, Sendable {
    /// The first moment of what happened.
    public var occurredFrom: Timestamp
    /// The last moment of what happened.
    public var occurredTo: Timestamp
    /// When the organisation learned of it: what the deadlines count from.
    public var discovered: Timestamp
    public var nature: [BreachNature]
    public var information: [BreachedInformation]
    public var consequences: [BreachConsequence]
    public var measures: [BreachMeasure]
    public var advice: [BreachAdvice]
    public var contacts: [NoticeContact]
    /// How many people it concerns, about.
    public var people: UInt32
    /// How many records it concerns, about.
    public var records: UInt32
    /// Why it comes late; nothing when it does not.
    public var delay: NoticeDelay?

    /// What a notice says.
    public init(
        occurredFrom: Timestamp, occurredTo: Timestamp, discovered: Timestamp, nature: [BreachNature],
        information: [BreachedInformation], consequences: [BreachConsequence], measures: [BreachMeasure],
        advice: [BreachAdvice], contacts: [NoticeContact], people: UInt32, records: UInt32, delay: NoticeDelay? = nil
    ) {
        self.occurredFrom = occurredFrom
        self.occurredTo = occurredTo
        self.discovered = discovered
        self.nature = nature.ascending
        self.information = information.ascending
        self.consequences = consequences.ascending
        self.measures = measures.ascending
        self.advice = advice.ascending
        self.contacts = contacts.ascending
        self.people = people
        self.records = records
        self.delay = delay
    }
}

extension NoticeContents: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 12)
        occurredFrom = try reader.read()
        occurredTo = try reader.read()
        discovered = try reader.read()
        nature = try Self.items(from: &reader)
        information = try Self.items(from: &reader)
        consequences = try Self.items(from: &reader)
        measures = try Self.items(from: &reader)
        advice = try Self.items(from: &reader)
        contacts = try Self.items(from: &reader)
        people = UInt32(try reader.readInt(max: Int(UInt32.max)))
        records = UInt32(try reader.readInt(max: Int(UInt32.max)))
        delay = try reader.readOptional()
    }

    private static func items<Item: NoticeItem>(from reader: inout CBORReader) throws(DecodingFailure) -> [Item] {
        try reader.readAscending(max: Item.allCases.count, field: Item.field)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(12)
        writer.write(occurredFrom)
        writer.write(occurredTo)
        writer.write(discovered)
        writer.write(array: nature)
        writer.write(array: information)
        writer.write(array: consequences)
        writer.write(array: measures)
        writer.write(array: advice)
        writer.write(array: contacts)
        writer.write(UInt64(people))
        writer.write(UInt64(records))
        writer.write(optional: delay)
    }
}

/// Tells a patient, or the authority, of an incident or an emergency. Signed by a privacy officer of the organisation, and
/// by the organisation where their registration asks for it.
///
/// `[22, organisation, privacy officer, cause, scope or null, contents, text]`
public struct PublishNotice: Hashable, Sendable {
    /// How long after the discovery the authority has to know: 72 hours (GDPR 33(1)).
    public static let authorityPeriod: UInt64 = 72 * 3_600_000
    /// How long after the discovery a person has to know: 60 days (45 CFR 164.404(b)).
    public static let personPeriod: UInt64 = 60 * 86_400_000

    /// Who tells.
    public var organization: OrganizationID
    /// The privacy officer.
    public var officer: StaffID
    /// What of.
    public var cause: NoticeCause
    /// Whose scope it concerns; nothing for the notice to the authority.
    public var scope: ScopeID?
    /// What it says in codes.
    public var contents: NoticeContents
    /// The text, sealed to the scope's key, or to the organisation's own for the authority.
    public var text: ContentID

    /// A notice.
    public init(
        organization: OrganizationID, officer: StaffID, cause: NoticeCause, scope: ScopeID?, contents: NoticeContents,
        text: ContentID
    ) {
        self.organization = organization
        self.officer = officer
        self.cause = cause
        self.scope = scope
        self.contents = contents
        self.text = text
    }

    /// What the notice makes.
    public var notice: NoticeID { NoticeID(operationDigest) }

    /// Its deadline.
    public var due: Timestamp {
        contents.discovered.advanced(byMilliseconds: scope == nil ? Self.authorityPeriod : Self.personPeriod)
    }
}

extension PublishNotice: OperationContent {
    var code: Operation.Code { .publishNotice }
    static var count: Int { 7 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        organization = try reader.read()
        officer = try reader.read()
        cause = try reader.read()
        scope = try reader.readOptional()
        contents = try reader.read()
        text = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(organization)
        writer.write(officer)
        writer.write(cause)
        writer.write(optional: scope)
        writer.write(contents)
        writer.write(text)
    }
}
