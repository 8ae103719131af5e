internal import Codec
internal import Cryptography
internal import Ledger

/// Which record stands under which key of the custody database. The first byte is the record's kind; integers are
/// big-endian, so that the log scans in order.
///
/// | kind | then | value |
/// |---|---|---|
/// | `10` | grant (32) | the key fragment, as it was sealed to this validator |
/// | `20` | place in the log (8) | served fragment |
/// | `21` | access (32), document (32) | nothing: that this pair stands in the log |
/// | `22` | | how far the log goes, is reported and is about to be |
/// | `30` | subject | what was erased: nothing before the deletion, then how many pieces of content stay (4) |
/// | `31` | | the last block that was read for erasures (8) |
enum CustodyKeySpace {
    static let fragments: [UInt8] = [0x10]
    static let afterFragments: [UInt8] = [0x11]
    static let logState: [UInt8] = [0x22]
    static let erasures: [UInt8] = [0x30]
    static let afterErasures: [UInt8] = [0x31]
    static let erasureHeight: [UInt8] = [0x31]

    static func erasure(_ subject: Subject) -> [UInt8] { erasures + subject.encoded }

    static func fragment(_ grant: GrantID) -> [UInt8] { fragments + grant.bytes }

    static func grant(inFragmentKey key: [UInt8]) -> GrantID? {
        guard key.count == 33, let digest = Digest(key.dropFirst()) else { return nil }
        return GrantID(digest)
    }

    static func served(_ place: UInt64) -> [UInt8] { [0x20] + withUnsafeBytes(of: place.bigEndian) { Array($0) } }

    static func pair(_ served: ServedFragment) -> [UInt8] { [0x21] + served.access.bytes + served.document.bytes }
}
