public import Codec

/// What can be measured of a control: in proved histories, or by asking running nodes.
public enum ControlCheck: UInt64, CaseIterable, Hashable, Sendable {
    // In histories: whoever has the evidence measures the same.
    /// Every organisation's and member of staff's history is complete.
    case completeHistories = 1
    /// Every access came after a grant that allowed it.
    case accessesAllowed = 2
    /// No device key was registered twice.
    case uniqueKeys = 3
    /// Clinicians cannot act without their organisation's signature.
    case secondSignature = 4
    /// Every registration ends by itself.
    case registrationsEnd = 5
    /// What was refused stands in the histories.
    case refusalsRecorded = 6
    /// Every committed document is padded and commits to its key: it is sealed.
    case documentsSealed = 7
    /// The ledger knows emergency access, and its uses stand in the histories.
    case emergencyAccess = 8

    // Of running nodes: the auditor signs what they saw.
    /// Nodes answer over TLS 1.3 with the genesis file's certificates and no others.
    case pinnedTransport = 32
    /// A request without a signature is refused.
    case unsignedRefused = 33
    /// A request signed by a key that is on nobody's record is refused.
    case strangerRefused = 34
    /// All nodes that answer prove the same block at the same height.
    case nodesAgree = 35
    /// As many nodes are ready as decide.
    case quorumReady = 36
    /// The latest final block is recent.
    case recentBlock = 37

    /// Whether it is measured by asking nodes.
    public var isObserved: Bool { rawValue >= 32 }
}

/// What a check found: `[check, holds, what was counted]`.
public struct ControlMeasurement: Hashable, Sendable {
    /// The most UTF-8 bytes of ``detail``.
    static let maximumDetail = 256

    /// What was measured.
    public let check: ControlCheck
    /// Whether it is as it should be.
    public let holds: Bool
    /// What was counted, in a few words without a name.
    public let detail: String

    /// What a check found; a longer detail is cut.
    init(_ check: ControlCheck, holds: Bool, _ detail: String) {
        self.check = check
        self.holds = holds
        var detail = detail
        while detail.utf8.count > Self.maximumDetail { detail.removeLast() }
        self.detail = detail
    }
}

extension ControlMeasurement: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        guard let check = ControlCheck(rawValue: try reader.readUnsigned()), check.isObserved else {
            throw .invalid(field: "check")
        }
        self.check = check
        holds = try reader.readBool()
        detail = try reader.readText(max: Self.maximumDetail)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(check.rawValue)
        writer.write(holds)
        writer.write(text: detail)
    }
}
