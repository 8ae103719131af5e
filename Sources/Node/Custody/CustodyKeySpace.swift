internal import Codec
internal import Cryptography
internal import Ledger

/// Which record stands under which key of the custody database. The first byte is the record's kind; integers are
/// big-endian, so that the log scans in order.
///
/// | kind | then | value |
/// |---|---|---|
/// | `10` | grant (32) | the key fragment, as it was sealed to this validator |
/// | `12` | grant (32), round (8) | this validator's reshared fragment, sealed to itself |
/// | `13` | grant (32), round (8) | what this validator dealt in the round |
/// | `14` | grant (32) | nothing: that the validator may be dealt a share of the grant |
/// | `15` | | the last block that was read for resharings (8) |
/// | `20` | place in the log (8) | served fragment |
/// | `21` | access (32), document (32) | nothing: that this pair stands in the log |
/// | `22` | | how far the log goes, is reported and is about to be |
/// | `30` | subject | what was erased: nothing before the deletion, then how many pieces of content stay (4) |
/// | `31` | | the last block that was read for erasures (8) |
enum CustodyKeySpace {
    static let fragments: [UInt8] = [0x10]
    static let afterFragments: [UInt8] = [0x11]
    static let resharedFragments: [UInt8] = [0x12]
    static let afterResharedFragments: [UInt8] = [0x13]
    static let expectations: [UInt8] = [0x14]
    static let afterExpectations: [UInt8] = [0x15]
    static let resharingHeight: [UInt8] = [0x15]
    static let logState: [UInt8] = [0x22]
    static let erasures: [UInt8] = [0x30]
    static let afterErasures: [UInt8] = [0x31]
    static let erasureHeight: [UInt8] = [0x31]

    static func erasure(_ subject: Subject) -> [UInt8] { erasures + subject.encoded }

    static func fragment(_ grant: GrantID) -> [UInt8] { fragments + grant.bytes }

    static func reshared(_ grant: GrantID) -> [UInt8] { resharedFragments + grant.bytes }

    static func reshared(_ grant: GrantID, _ round: UInt64) -> [UInt8] { reshared(grant) + bigEndian(round) }

    static func deal(_ grant: GrantID) -> [UInt8] { [0x13] + grant.bytes }

    static func deal(_ grant: GrantID, _ round: UInt64) -> [UInt8] { deal(grant) + bigEndian(round) }

    static func expectation(_ grant: GrantID) -> [UInt8] { expectations + grant.bytes }

    private static func bigEndian(_ number: UInt64) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

    /// The grant after a key's first byte; a round may follow.
    static func grant(inFragmentKey key: [UInt8]) -> GrantID? {
        guard key.count == 33 || key.count == 41, let digest = Digest(key.dropFirst().prefix(32)) else { return nil }
        return GrantID(digest)
    }

    static func served(_ place: UInt64) -> [UInt8] { [0x20] + bigEndian(place) }

    static func pair(_ served: ServedFragment) -> [UInt8] { [0x21] + served.access.bytes + served.document.bytes }
}
