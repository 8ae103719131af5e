public import Codec
internal import Cryptography

/// What the chain sees of what a document is. Its type, title and category are sealed.
public enum DocumentKind: UInt8, CaseIterable, Hashable, Comparable, Sendable {
    /// What an organisation has put on record.
    case record = 1
    /// Another document's content in a scope of its own.
    case share = 2
    /// A message in a thread.
    case message = 3

    public static func < (left: DocumentKind, right: DocumentKind) -> Bool { left.rawValue < right.rawValue }
}

extension DocumentKind: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let kind = DocumentKind(rawValue: UInt8(try reader.readInt(max: 255))) else {
            throw .invalid(field: "document kind")
        }
        self = kind
    }

    public func encode(to writer: inout CBORWriter) { writer.write(UInt64(rawValue)) }
}

/// What staff of one role may do in their organisation: `[role, [operation code…], [purpose…], documents a request, documents
/// a day]`, and behind that `[document kind…]` where not every kind is permitted.
///
/// It only narrows: what ``Authorization`` does not let the role do stays forbidden.
public struct RolePolicy: Hashable, Sendable {
    /// The operations that a policy is about: what staff add, open and declare.
    public static let operations: [Operation.Code] = [.commitDocument, .requestAccess, .declareEmergency]

    /// The role.
    public var role: Role
    /// Which of ``operations``, ascending; may be empty.
    public var permitted: [Operation.Code]
    /// What for they may ask, ascending; may be empty.
    public var purposes: [Purpose]
    /// Documents that one request may name: 1 to 64.
    public var documentsPerRequest: Int
    /// Documents that one member of staff may ask for on one day of UTC, over all grants.
    public var documentsPerDay: Int
    /// Which kinds of document they may write and ask for, ascending; nothing for all of them.
    public var kinds: [DocumentKind]?

    /// A policy.
    public init(
        role: Role, permitted: [Operation.Code], purposes: [Purpose],
        documentsPerRequest: Int = RequestAccess.maximumDocuments,
        documentsPerDay: Int = GrantConsent.maximumDocumentsPerDay, kinds: [DocumentKind]? = nil
    ) {
        self.role = role
        self.permitted = permitted.sorted { $0.rawValue < $1.rawValue }
        self.purposes = purposes.ascending
        self.documentsPerRequest = documentsPerRequest
        self.documentsPerDay = documentsPerDay
        self.kinds = kinds?.sorted()
    }
}

extension RolePolicy: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: 6)
        guard count >= 5 else { throw .invalid(field: "role policy") }
        role = try reader.read()
        permitted = []
        for _ in 0..<(try reader.readArrayCount(max: Self.operations.count)) {
            let code = Operation.Code(rawValue: UInt8(try reader.readInt(max: 255)))
            guard let code, Self.operations.contains(code), code.rawValue > permitted.last?.rawValue ?? 0 else {
                throw .invalid(field: "permitted operations")
            }
            permitted.append(code)
        }
        purposes = try reader.readArray(max: Purpose.allCases.count)
        guard zip(purposes, purposes.dropFirst()).allSatisfy({ $0 < $1 }) else { throw .invalid(field: "purposes") }
        documentsPerRequest = try reader.readInt(max: RequestAccess.maximumDocuments)
        guard documentsPerRequest > 0 else { throw .invalid(field: "documents a request") }
        documentsPerDay = try reader.readInt(max: GrantConsent.maximumDocumentsPerDay)
        guard documentsPerDay > 0 else { throw .invalid(field: "documents a day") }
        if count == 5 { return }
        let kinds = try reader.readArray(of: DocumentKind.self, max: DocumentKind.allCases.count)
        guard zip(kinds, kinds.dropFirst()).allSatisfy({ $0 < $1 }) else { throw .invalid(field: "document kinds") }
        self.kinds = kinds
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(kinds == nil ? 5 : 6)
        writer.write(role)
        writer.beginArray(permitted.count)
        for code in permitted { writer.write(UInt64(code.rawValue)) }
        writer.write(array: purposes)
        writer.write(UInt64(documentsPerRequest))
        writer.write(UInt64(documentsPerDay))
        if let kinds { writer.write(array: kinds) }
    }
}

/// Says what an organisation's staff may do, role by role, and which keys co-sign for it and do nothing else, from the next
/// block on. Signed by the organisation. It replaces the policy that was there.
///
/// `[23, organisation, [role policy…], [co-signing key…]]`
public struct SetPolicy: Hashable, Sendable {
    /// The most keys that co-sign.
    public static let maximumCosigners = 8

    /// Whose staff.
    public var organization: OrganizationID
    /// At most one a role, ascending by role; a role without one is bound by ``Authorization`` alone.
    public var roles: [RolePolicy]
    /// Keys of gateways, ascending: each of them alone co-signs what staff do, and signs for nothing else.
    public var cosigners: [KeyID]

    /// A policy.
    public init(organization: OrganizationID, roles: [RolePolicy], cosigners: [KeyID] = []) {
        self.organization = organization
        self.roles = roles.sorted { $0.role < $1.role }
        self.cosigners = cosigners.ascending
    }
}

extension SetPolicy: OperationContent {
    var code: Operation.Code { .setPolicy }
    static var count: Int { 4 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        organization = try reader.read()
        roles = try Self.roles(from: &reader)
        cosigners = try Self.cosigners(from: &reader)
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(organization)
        writer.write(array: roles)
        writer.write(array: cosigners)
    }

    static func roles(from reader: inout CBORReader) throws(DecodingFailure) -> [RolePolicy] {
        let roles = try reader.readArray(of: RolePolicy.self, max: Role.allCases.count)
        guard zip(roles, roles.dropFirst()).allSatisfy({ $0.role < $1.role }) else { throw .invalid(field: "roles") }
        return roles
    }

    static func cosigners(from reader: inout CBORReader) throws(DecodingFailure) -> [KeyID] {
        let keys = try reader.readArray(of: KeyID.self, max: maximumCosigners)
        guard zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }) else { throw .invalid(field: "co-signers") }
        return keys
    }
}
