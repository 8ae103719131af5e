public import Codec
internal import Cryptography
public import Ledger

/// What a member of staff asks the gateway: `[1, transaction as byte string, code]`.
public struct CosignRequest: Hashable, Sendable {
    /// The most bytes of a request.
    public static let maximumBytes = Transaction.maximumBytes + 256
    /// The most bytes of a code.
    static let maximumCodeLength = 64
    private static let version: UInt64 = 1

    /// The transaction, signed by the member's device.
    public let transaction: Transaction
    /// What the authenticator app shows, or a recovery code.
    public let code: String

    /// A request.
    public init(transaction: Transaction, code: String) {
        self.transaction = transaction
        self.code = code
    }
}

extension CosignRequest: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        guard try reader.readUnsigned() == Self.version else { throw .invalid(field: "version") }
        transaction = try Transaction(decoding: try reader.readBytes(max: Transaction.maximumBytes))
        code = try reader.readText(max: Self.maximumCodeLength)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(Self.version)
        writer.write(bytes: transaction.bytes)
        writer.write(text: code)
    }
}

/// Why the gateway does not sign. The names are stable.
public enum GatewayRefusal: String, Error, CaseIterable, Hashable, Sendable {
    /// The body is no request.
    case malformed = "malformed"
    /// The transaction is for another chain.
    case wrongChain = "wrong-chain"
    /// It asks for something that the gateway never signs for, or in the name of several people.
    case notForStaff = "not-for-staff"
    /// Whoever it is in the name of has no second factor here.
    case notEnrolled = "not-enrolled"
    /// The device of whoever it is in the name of has not signed, or a signature does not hold.
    case deviceSignatureMissing = "device-signature-missing"
    /// It has as many signatures as a transaction may have.
    case tooManySigners = "too-many-signers"
    case wrongCode = "wrong-code"
    case usedCode = "used-code"
    /// Too many wrong codes: nothing is accepted for a while.
    case locked = "locked"
    /// The state cannot be kept: nothing is signed that could not be remembered.
    case stateNotKept = "state-not-kept"
    /// What was kept of the second factor is damaged, or cannot be read.
    case stateUnreadable = "state-unreadable"

    /// What is wrong, for people.
    public var explanation: String {
        switch self {
        case .malformed: "The request is not understood."
        case .wrongChain: "The transaction is for another chain."
        case .notForStaff: "The gateway signs with one member of staff for what staff do, and for nothing else."
        case .notEnrolled: "This member of staff has no second factor at this gateway."
        case .deviceSignatureMissing: "The device of the member of staff has not signed."
        case .tooManySigners: "The transaction has eight signatures already."
        case .wrongCode: "The code is wrong."
        case .usedCode: "The code was used before: wait for the next one."
        case .locked: "Too many wrong codes: nothing is accepted for 15 minutes."
        case .stateNotKept: "The gateway cannot write its state."
        case .stateUnreadable:
            "The gateway cannot read its state: whoever runs it sees more with `careledger-validator gateway list`."
        }
    }

    /// The HTTP status that goes with it.
    var status: Int {
        switch self {
        case .malformed, .wrongChain: 400
        case .notForStaff, .notEnrolled, .deviceSignatureMissing, .tooManySigners, .wrongCode, .usedCode: 403
        case .locked: 429
        case .stateNotKept, .stateUnreadable: 503
        }
    }
}

extension Operation {
    /// The member of staff in whose name an operation is that a gateway may sign with them; nothing for what an organisation
    /// does in its own name.
    ///
    /// A gateway's key is a key of the organisation: were it to sign whatever a device has signed, a stolen device and one
    /// code could register staff.
    func isInTheName(of staff: StaffID) -> Bool {
        switch self {
        case .commitDocument(let operation): operation.staff == staff
        case .requestAccess(let operation): operation.staff == staff
        case .declareEmergency(let operation): operation.staff == staff || operation.second == staff
        case .reviewEmergency(let operation): operation.officer == staff
        case .publishNotice(let operation): operation.officer == staff
        case .eraseDocument(let operation): operation.officer == staff
        case .stateNames(let operation): operation.officer == staff
        case .postMessage(let operation): operation.author?.staff == staff
        default: false
        }
    }
}
