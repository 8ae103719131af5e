public import Codec
internal import Cryptography

/// One thing that a transaction asks the ledger to do: an array whose first item is the operation's code.
public indirect enum Operation: Hashable, Sendable {
    case openScope(OpenScope)
    case authorizeAuthor(AuthorizeAuthor)
    case withdrawAuthor(WithdrawAuthor)
    case registerStaff(RegisterStaff)
    case endStaff(EndStaff)
    case commitDocument(CommitDocument)
    case grantConsent(GrantConsent)
    case acknowledgeGrant(AcknowledgeGrant)
    case revokeConsent(RevokeConsent)
    case requestAccess(RequestAccess)
    case recordService(RecordService)
    case rotateScope(RotateScope)
    case closeScope(CloseScope)
    case eraseDocument(EraseDocument)
    case confirmErasure(ConfirmErasure)
    case restrictScope(RestrictScope)
    case shareDocument(ShareDocument)
    case declareEmergency(DeclareEmergency)
    case reviewEmergency(ReviewEmergency)
    case freeze(Freeze)
    case unfreeze(Unfreeze)
    case publishNotice(PublishNotice)
    case setPolicy(SetPolicy)
    case proposeChange(ProposeChange)
    case approveChange(ApproveChange)
    case reportEvidence(ReportEvidence)
    case appointGuardians(AppointGuardians)
    case proposeOwner(ProposeOwner)
    case vetoOwner(VetoOwner)
    case confirmOwner(ConfirmOwner)
    case recoverDocuments(RecoverDocuments)
    case stateNames(StateNames)
    case postMessage(PostMessage)
    case reshareGrant(ReshareGrant)
    case answerResharing(AnswerResharing)

    /// Which operation: its number on the wire, which never changes its meaning.
    public enum Code: UInt8, CaseIterable, Hashable, Sendable {
        case openScope = 1
        case authorizeAuthor = 2
        case withdrawAuthor = 3
        case registerStaff = 4
        case endStaff = 5
        case commitDocument = 6
        case grantConsent = 7
        case acknowledgeGrant = 8
        case revokeConsent = 9
        case requestAccess = 10
        case recordService = 11
        case rotateScope = 12
        case closeScope = 13
        case eraseDocument = 14
        case confirmErasure = 15
        case restrictScope = 16
        case shareDocument = 17
        case declareEmergency = 18
        case reviewEmergency = 19
        case freeze = 20
        case unfreeze = 21
        case publishNotice = 22
        case setPolicy = 23
        case proposeChange = 26
        case approveChange = 27
        case reportEvidence = 28
        case reshareGrant = 30
        case answerResharing = 31
        case appointGuardians = 32
        case proposeOwner = 33
        case vetoOwner = 34
        case confirmOwner = 35
        case recoverDocuments = 24
        case stateNames = 29
        case postMessage = 25
    }

    /// What identifiers made by an operation are hashes in.
    static let domain = Domain("operation")

    /// Which operation.
    public var code: Code { content.code }

    var content: any OperationContent {
        switch self {
        case .openScope(let operation): operation
        case .authorizeAuthor(let operation): operation
        case .withdrawAuthor(let operation): operation
        case .registerStaff(let operation): operation
        case .endStaff(let operation): operation
        case .commitDocument(let operation): operation
        case .grantConsent(let operation): operation
        case .acknowledgeGrant(let operation): operation
        case .revokeConsent(let operation): operation
        case .requestAccess(let operation): operation
        case .recordService(let operation): operation
        case .rotateScope(let operation): operation
        case .closeScope(let operation): operation
        case .eraseDocument(let operation): operation
        case .confirmErasure(let operation): operation
        case .restrictScope(let operation): operation
        case .shareDocument(let operation): operation
        case .declareEmergency(let operation): operation
        case .reviewEmergency(let operation): operation
        case .freeze(let operation): operation
        case .unfreeze(let operation): operation
        case .publishNotice(let operation): operation
        case .setPolicy(let operation): operation
        case .proposeChange(let operation): operation
        case .approveChange(let operation): operation
        case .reportEvidence(let operation): operation
        case .appointGuardians(let operation): operation
        case .proposeOwner(let operation): operation
        case .vetoOwner(let operation): operation
        case .confirmOwner(let operation): operation
        case .recoverDocuments(let operation): operation
        case .stateNames(let operation): operation
        case .postMessage(let operation): operation
        case .reshareGrant(let operation): operation
        case .answerResharing(let operation): operation
        }
    }
}

extension Operation: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: 32)
        guard count > 0, let code = Code(rawValue: UInt8(try reader.readInt(max: 255))) else {
            throw .invalid(field: "operation")
        }
        switch code {
        case .openScope: self = .openScope(try OpenScope(fields: count, from: &reader))
        case .authorizeAuthor: self = .authorizeAuthor(try AuthorizeAuthor(fields: count, from: &reader))
        case .withdrawAuthor: self = .withdrawAuthor(try WithdrawAuthor(fields: count, from: &reader))
        case .registerStaff: self = .registerStaff(try RegisterStaff(fields: count, from: &reader))
        case .endStaff: self = .endStaff(try EndStaff(fields: count, from: &reader))
        case .commitDocument: self = .commitDocument(try CommitDocument(fields: count, from: &reader))
        case .grantConsent: self = .grantConsent(try GrantConsent(fields: count, from: &reader))
        case .acknowledgeGrant: self = .acknowledgeGrant(try AcknowledgeGrant(fields: count, from: &reader))
        case .revokeConsent: self = .revokeConsent(try RevokeConsent(fields: count, from: &reader))
        case .requestAccess: self = .requestAccess(try RequestAccess(fields: count, from: &reader))
        case .recordService: self = .recordService(try RecordService(fields: count, from: &reader))
        case .rotateScope: self = .rotateScope(try RotateScope(fields: count, from: &reader))
        case .closeScope: self = .closeScope(try CloseScope(fields: count, from: &reader))
        case .eraseDocument: self = .eraseDocument(try EraseDocument(fields: count, from: &reader))
        case .confirmErasure: self = .confirmErasure(try ConfirmErasure(fields: count, from: &reader))
        case .restrictScope: self = .restrictScope(try RestrictScope(fields: count, from: &reader))
        case .shareDocument: self = .shareDocument(try ShareDocument(fields: count, from: &reader))
        case .declareEmergency: self = .declareEmergency(try DeclareEmergency(fields: count, from: &reader))
        case .reviewEmergency: self = .reviewEmergency(try ReviewEmergency(fields: count, from: &reader))
        case .freeze: self = .freeze(try Freeze(fields: count, from: &reader))
        case .unfreeze: self = .unfreeze(try Unfreeze(fields: count, from: &reader))
        case .publishNotice: self = .publishNotice(try PublishNotice(fields: count, from: &reader))
        case .setPolicy: self = .setPolicy(try SetPolicy(fields: count, from: &reader))
        case .proposeChange: self = .proposeChange(try ProposeChange(fields: count, from: &reader))
        case .approveChange: self = .approveChange(try ApproveChange(fields: count, from: &reader))
        case .reportEvidence: self = .reportEvidence(try ReportEvidence(fields: count, from: &reader))
        case .appointGuardians: self = .appointGuardians(try AppointGuardians(fields: count, from: &reader))
        case .proposeOwner: self = .proposeOwner(try ProposeOwner(fields: count, from: &reader))
        case .vetoOwner: self = .vetoOwner(try VetoOwner(fields: count, from: &reader))
        case .confirmOwner: self = .confirmOwner(try ConfirmOwner(fields: count, from: &reader))
        case .recoverDocuments: self = .recoverDocuments(try RecoverDocuments(fields: count, from: &reader))
        case .stateNames: self = .stateNames(try StateNames(fields: count, from: &reader))
        case .postMessage: self = .postMessage(try PostMessage(fields: count, from: &reader))
        case .reshareGrant: self = .reshareGrant(try ReshareGrant(fields: count, from: &reader))
        case .answerResharing: self = .answerResharing(try AnswerResharing(fields: count, from: &reader))
        }
    }

    public func encode(to writer: inout CBORWriter) { content.encode(to: &writer) }
}

/// What the operations' types have in common: `[code, field…]`, the fields in the order of declaration.
protocol OperationContent: CBOREncodable, Hashable, Sendable {
    /// Its number.
    var code: Operation.Code { get }
    /// Items of the array, the code included.
    static var count: Int { get }
    /// Reads the items after the code.
    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure)
    /// Writes the items after the code.
    func encodeContents(to writer: inout CBORWriter)
    /// What people wrote, readable by everybody who reads the chain.
    var clearTexts: [String] { get }
}

extension OperationContent {
    /// None: an operation that has some says so.
    var clearTexts: [String] { [] }

    init(fields count: Int, from reader: inout CBORReader) throws(DecodingFailure) {
        guard count == Self.count else { throw .invalid(field: "operation") }
        try self.init(contentsFrom: &reader)
    }

    /// Appends the one encoding of the operation.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(Self.count)
        writer.write(UInt64(code.rawValue))
        encodeContents(to: &writer)
    }

    /// The hash that identifies what the operation makes.
    var operationDigest: Digest { .hash(encoded, in: Operation.domain) }
}
