public import Codec

/// What has a history: everything that happens to it stands in one hash chain.
public enum Subject: Hashable, Sendable {
    case organization(OrganizationID)
    case staff(StaffID)
    case scope(ScopeID)
    case document(DocumentID)
    case grant(GrantID)
    case validator(ValidatorID)

    /// Which sort of subject.
    public enum Kind: UInt8, CaseIterable, Hashable, Sendable {
        case organization = 1
        case staff = 2
        case scope = 3
        case document = 4
        case grant = 5
        case validator = 6
    }

    /// Which sort this one is.
    public var kind: Kind {
        switch self {
        case .organization: .organization
        case .staff: .staff
        case .scope: .scope
        case .document: .document
        case .grant: .grant
        case .validator: .validator
        }
    }

    /// The identifier's bytes: 33 of a scope, else 32.
    public var id: [UInt8] {
        switch self {
        case .organization(let id): id.bytes
        case .staff(let id): id.bytes
        case .scope(let id): id.bytes
        case .document(let id): id.bytes
        case .grant(let id): id.bytes
        case .validator(let id): id.bytes
        }
    }

    /// The state leaf that holds its record and the head of its history.
    public var stateKey: StateKey {
        switch self {
        case .organization(let id): OrganizationRecord.key(id)
        case .staff(let id): StaffRecord.key(id)
        case .scope(let id): ScopeRecord.key(id)
        case .document(let id): DocumentRecord.key(id)
        case .grant(let id): GrantRecord.key(id)
        case .validator(let id): ValidatorRecord.key(id)
        }
    }
}

extension Subject: Comparable {
    public static func < (left: Subject, right: Subject) -> Bool {
        left.kind == right.kind ? left.id.lexicographicallyPrecedes(right.id) : left.kind.rawValue < right.kind.rawValue
    }
}

extension Subject: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        guard let kind = Kind(rawValue: UInt8(try reader.readInt(max: 255))) else { throw .invalid(field: "subject") }
        switch kind {
        case .organization: self = .organization(try reader.read())
        case .staff: self = .staff(try reader.read())
        case .scope: self = .scope(try reader.read())
        case .document: self = .document(try reader.read())
        case .grant: self = .grant(try reader.read())
        case .validator: self = .validator(try reader.read())
        }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(UInt64(kind.rawValue))
        writer.write(bytes: id)
    }
}

extension Subject: CustomStringConvertible {
    public var description: String {
        "\(kind) \(id.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())"
    }
}
