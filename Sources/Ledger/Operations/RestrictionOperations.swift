public import Codec

/// What a patient takes out of what grants allow: `[1, organisation]` or `[2, grant, from or null, until or null]`.
public enum ScopeRestriction: Hashable, Sendable {
    /// Never this organisation, nor its staff, whatever has been or will be granted.
    case never(OrganizationID)
    /// Of this grant only documents whose commitment became final within these times, one of which may be open.
    case documents(GrantID, from: Timestamp?, until: Timestamp?)
}

extension ScopeRestriction: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: 4)
        switch (try reader.readInt(max: 255), count) {
        case (1, 2): self = .never(try reader.read())
        case (2, 4):
            let grant: GrantID = try reader.read()
            let from: Timestamp? = try reader.readOptional()
            let until: Timestamp? = try reader.readOptional()
            guard from != nil || until != nil else { throw .invalid(field: "restriction") }
            self = .documents(grant, from: from, until: until)
        default: throw .invalid(field: "restriction")
        }
    }

    public func encode(to writer: inout CBORWriter) {
        switch self {
        case .never(let organization):
            writer.beginArray(2)
            writer.write(1)
            writer.write(organization)
        case .documents(let grant, let from, let until):
            writer.beginArray(4)
            writer.write(2)
            writer.write(grant)
            writer.write(optional: from)
            writer.write(optional: until)
        }
    }
}

/// Puts a restriction in force, or lifts it. Signed by the scope key.
///
/// `[16, scope, restriction, in force]`
public struct RestrictScope: Hashable, Sendable {
    /// The scope.
    public var scope: ScopeID
    /// What is taken out.
    public var restriction: ScopeRestriction
    /// Whether it begins; it ends otherwise.
    public var isInForce: Bool

    /// A restriction.
    public init(scope: ScopeID, restriction: ScopeRestriction, isInForce: Bool = true) {
        self.scope = scope
        self.restriction = restriction
        self.isInForce = isInForce
    }
}

extension RestrictScope: OperationContent {
    var code: Operation.Code { .restrictScope }
    static var count: Int { 4 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        scope = try reader.read()
        restriction = try reader.read()
        isInForce = try reader.readBool()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(scope)
        writer.write(restriction)
        writer.write(isInForce)
    }
}
