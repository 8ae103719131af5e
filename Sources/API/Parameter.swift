/// A parameter of a path or a query: its name, where it stands and which texts it accepts.
public struct Parameter: Hashable, Sendable {
    /// Where it stands.
    public enum Place: String, Hashable, Sendable {
        case path, query
    }

    /// Which texts it accepts.
    public enum Form: Hashable, Sendable {
        /// So many lower-case hexadecimal digits.
        case hex(digits: Int)
        /// 64 or 66 lower-case hexadecimal digits: a scope's id is a key, the others are hashes.
        case hexOfSubject
        /// A CIDv1 in base32, 59 characters.
        case contentID
        /// A decimal number without leading zeros, in a range.
        case number(ClosedRange<UInt64>)
        /// A height, or `latest`.
        case heightOrLatest
        /// One of these words.
        case word([String])
        /// `staff-` or `organization-` and 64 hexadecimal digits.
        case grantee
    }

    /// The name.
    public let name: String
    /// Where it stands.
    public let place: Place
    /// Which texts it accepts.
    public let form: Form

    static let heights: ClosedRange<UInt64> = 0...UInt64(Int64.max)

    static let transaction = Parameter(name: "transaction", place: .path, form: .hex(digits: 64))
    static let organization = Parameter(name: "organization", place: .path, form: .hex(digits: 64))
    static let staff = Parameter(name: "staff", place: .path, form: .hex(digits: 64))
    static let scope = Parameter(name: "scope", place: .path, form: .hex(digits: 66))
    static let document = Parameter(name: "document", place: .path, form: .hex(digits: 64))
    static let grant = Parameter(name: "grant", place: .path, form: .hex(digits: 64))
    static let validator = Parameter(name: "validator", place: .path, form: .hex(digits: 64))
    static let access = Parameter(name: "access", place: .path, form: .hex(digits: 64))
    static let key = Parameter(name: "key", place: .path, form: .hex(digits: 66))
    static let grantee = Parameter(name: "grantee", place: .path, form: .grantee)
    static let cid = Parameter(name: "cid", place: .path, form: .contentID)
    static let kind = Parameter(name: "kind", place: .path, form: .word(SubjectPath.allCases.map(\.rawValue)))
    static let subject = Parameter(name: "subject", place: .path, form: .hexOfSubject)
    static let height = Parameter(name: "height", place: .path, form: .number(heights))
    static let round = Parameter(name: "round", place: .path, form: .number(heights))
    static let heightOrLatest = Parameter(name: "height", place: .path, form: .heightOrLatest)

    static let wait = Parameter(name: "wait", place: .query, form: .word(["accepted", "final"]))
    static let from = Parameter(name: "from", place: .query, form: .number(heights))
    static let limit = Parameter(name: "limit", place: .query, form: .number(1...UInt64(HistoryRange.maximumLimit)))
    static let fromHeight = Parameter(name: "from", place: .query, form: .number(heights))
    static let under = Parameter(name: "under", place: .query, form: .number(heights))
    static let fromEpoch = Parameter(name: "from", place: .query, form: .number(heights))
    static let thread = Parameter(name: "thread", place: .path, form: .hex(digits: 64))
    static let change = Parameter(name: "change", place: .path, form: .hex(digits: 64))
    static let underDocument = Parameter(name: "document", place: .query, form: .hex(digits: 64))
    static let underGrant = Parameter(name: "grant", place: .query, form: .hex(digits: 64))
    static let underScope = Parameter(name: "scope", place: .query, form: .hex(digits: 66))
    static let underNotice = Parameter(name: "notice", place: .query, form: .hex(digits: 64))
}
