internal import Codec

extension WorkingState {
    /// The rules that this block is executed by.
    var version: ProtocolVersion { reader.protocolRecord.version(at: block.height) }

    /// Whether a version can be activated: versions follow on each other, so that a slip of the pen cannot stop every
    /// node, and each with the notice that operators need. The present version takes back what is decided and lies ahead.
    func check(_ activation: ProtocolActivation) throws(Refusal) {
        let record = versions[.only] ?? ProtocolRecord()
        let present = record.version(at: block.height)
        if activation.version == present, record.upcoming(after: block.height) != nil { return }
        guard activation.version == present.next else { throw .versionOutOfOrder }
        let notice = ProtocolActivation.shortestNotice...ProtocolActivation.longestNotice
        guard activation.height > block.height,
            notice.contains(activation.height.rawValue - block.height.rawValue)
        else { throw .activationOutOfRange }
    }

    /// Decides, in the stead of what was decided before and lies ahead.
    func activate(_ activation: ProtocolActivation) {
        let present = (versions[.only] ?? ProtocolRecord()).version(at: block.height)
        versions[.only] = ProtocolRecord(
            version: present, activation: activation.version == present ? nil : activation)
    }

    /// Whether two organisations' names are the same by the rules of this block. Only the letters a to z are folded: what
    /// else has two cases depends on the edition of Unicode that a program was built with.
    func isSameName(_ one: String, _ other: String) -> Bool {
        guard version >= .caseless else { return one == other }
        return one.utf8.elementsEqual(other.utf8) { Self.folded($0) == Self.folded($1) }
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
