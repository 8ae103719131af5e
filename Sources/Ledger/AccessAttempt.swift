public import Codec
public import Cryptography

/// An attempt to open documents, whichever operation made it: an ordinary request, or the declaration of an emergency.
public struct AccessAttempt: Hashable, Sendable {
    /// What makes an attempt one of an emergency.
    public struct Emergency: Hashable, Sendable {
        /// The colleague who declared it too.
        public let second: StaffID
        /// Whether it only rehearses: everything is recorded, nothing opens.
        public let isDrill: Bool
    }

    /// The request's identifier.
    public let access: AccessID
    /// The consent that it rests on.
    public let grant: GrantID
    /// Who asks.
    public let staff: StaffID
    /// What for is opened, ascending.
    public let documents: [DocumentID]
    /// What for.
    public let purpose: Purpose
    /// The organisation's own code of the reason.
    public let reason: UInt32
    /// Hash of the key that validators seal their answers to.
    public let replyKeyDigest: Digest
    /// The last height at which validators may answer.
    public let expires: Height
    /// Nothing for an ordinary request.
    public let emergency: Emergency?

    /// Whether it is a declared emergency rather than an ordinary request.
    public var isEmergency: Bool { emergency != nil }
    /// Whether documents open when it is applied.
    public var opensDocuments: Bool { emergency?.isDrill != true }

    /// An ordinary request.
    public init(_ operation: RequestAccess) {
        access = operation.access
        grant = operation.grant
        staff = operation.staff
        documents = operation.documents
        purpose = operation.purpose
        reason = operation.reason
        replyKeyDigest = operation.replyKeyDigest
        expires = operation.expires
        emergency = nil
    }

    /// A declared emergency: its purpose is emergency treatment.
    public init(_ operation: DeclareEmergency) {
        access = operation.access
        grant = operation.grant
        staff = operation.staff
        documents = operation.documents
        purpose = DeclareEmergency.purpose
        reason = operation.reason
        replyKeyDigest = operation.replyKeyDigest
        expires = operation.expires
        emergency = Emergency(second: operation.second, isDrill: operation.isDrill)
    }
}

extension Operation {
    /// The attempt to open documents that the operation is; nothing for any other operation.
    public var accessAttempt: AccessAttempt? {
        switch self {
        case .requestAccess(let operation): AccessAttempt(operation)
        case .declareEmergency(let operation): AccessAttempt(operation)
        default: nil
        }
    }
}
