public import Codec

/// What a member of staff is employed as.
public enum Role: UInt8, CaseIterable, Hashable, Sendable {
    /// Treats patients: writes documents and asks to open them.
    case clinician = 1
    /// Works at the registration desk: adds documents on behalf of clinicians.
    case registrar = 2
    /// Answers for data protection: may open what a grant allows, never adds.
    case privacyOfficer = 3
    /// A device or an interface engine, not a person.
    case service = 4

    /// The name in files and on the command line.
    public var name: String {
        switch self {
        case .clinician: "clinician"
        case .registrar: "registrar"
        case .privacyOfficer: "privacy-officer"
        case .service: "service"
        }
    }

    /// The role of that name.
    public init?(name: String) {
        guard let role = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = role
    }
}

extension Role: Comparable, CBORCodable {
    public static func < (left: Role, right: Role) -> Bool { left.rawValue < right.rawValue }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let role = Role(rawValue: UInt8(try reader.readInt(max: 255))) else { throw .invalid(field: "role") }
        self = role
    }

    public func encode(to writer: inout CBORWriter) { writer.write(UInt64(rawValue)) }
}
