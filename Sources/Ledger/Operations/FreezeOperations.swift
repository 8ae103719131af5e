public import Codec
internal import Cryptography

/// What can be stopped at once: `[kind, identifier]`, the kinds being those of ``StateKind``.
public enum FreezeTarget: Hashable, Sendable {
    /// An organisation: it and its staff neither add nor open anything.
    case organization(OrganizationID)
    /// A member of staff, whichever key they use.
    case staff(StaffID)
    /// A validator's doors: it serves no content and no fragment. It goes on voting.
    case validator(ValidatorID)
    /// A signing key of an organisation or of a member of staff.
    case key(KeyID)

    var bytes: [UInt8] { encoded }
}

extension FreezeTarget: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        switch StateKind(rawValue: UInt8(try reader.readInt(max: 255))) {
        case .organization: self = .organization(try reader.read())
        case .staff: self = .staff(try reader.read())
        case .validator: self = .validator(try reader.read())
        case .keyHolder: self = .key(try reader.read())
        default: throw .invalid(field: "target")
        }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        switch self {
        case .organization(let id):
            writer.write(UInt64(StateKind.organization.rawValue))
            writer.write(id)
        case .staff(let id):
            writer.write(UInt64(StateKind.staff.rawValue))
            writer.write(id)
        case .validator(let id):
            writer.write(UInt64(StateKind.validator.rawValue))
            writer.write(id)
        case .key(let id):
            writer.write(UInt64(StateKind.keyHolder.rawValue))
            writer.write(id)
        }
    }
}

extension FreezeTarget: CustomStringConvertible {
    public var description: String {
        switch self {
        case .organization(let id): "organisation \(id)"
        case .staff(let id): "staff \(id)"
        case .validator(let id): "validator \(id)"
        case .key(let id): "key \(id)"
        }
    }
}

/// Stops somebody or something of an organisation from the next block on, and opens an incident. Signed by a privacy
/// officer of the organisation, or by the organisation, which alone freezes itself.
///
/// `[20, target, privacy officer or null, reason]`
public struct Freeze: Hashable, Sendable {
    /// What stops.
    public var target: FreezeTarget
    /// Who orders it; nothing for the organisation itself.
    public var officer: StaffID?
    /// The organisation's own code of the reason.
    public var reason: UInt32

    /// What the freeze opens.
    public var incident: IncidentID { IncidentID(operationDigest) }

    /// A freeze.
    public init(target: FreezeTarget, officer: StaffID? = nil, reason: UInt32) {
        self.target = target
        self.officer = officer
        self.reason = reason
    }
}

extension Freeze: OperationContent {
    var code: Operation.Code { .freeze }
    static var count: Int { 4 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        target = try reader.read()
        officer = try reader.readOptional()
        reason = UInt32(try reader.readInt(max: Int(UInt32.max)))
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(target)
        writer.write(optional: officer)
        writer.write(UInt64(reason))
    }
}

/// Ends a freeze from the next block on. Signed by the organisation: whoever was frozen does not thaw themselves.
///
/// `[21, target, reason]`
public struct Unfreeze: Hashable, Sendable {
    /// What may go on.
    public var target: FreezeTarget
    /// The organisation's own code of the reason.
    public var reason: UInt32

    /// The end of a freeze.
    public init(target: FreezeTarget, reason: UInt32) {
        self.target = target
        self.reason = reason
    }
}

extension Unfreeze: OperationContent {
    var code: Operation.Code { .unfreeze }
    static var count: Int { 3 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        target = try reader.read()
        reason = UInt32(try reader.readInt(max: Int(UInt32.max)))
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(target)
        writer.write(UInt64(reason))
    }
}
