internal import Codec
internal import Cryptography
internal import Ledger

/// Which record stands under which key. The first byte is the record's kind; integers are big-endian, so that heights
/// and indexes scan in order.
///
/// | database | kind | then | value |
/// |---|---|---|---|
/// | chain | `01` | | the height record: chain, height, hash and ancestry frontier of the last block |
/// | chain | `02` | | the height (8) of the snapshot that the home was filled from; below it there are no histories |
/// | chain | `03` | | how far a home is that is being filled: `JoinProgress` |
/// | chain | `10` | height (8) | header |
/// | chain | `11` | height (8) | body: an array of the transactions' bytes |
/// | chain | `12` | height (8) | finalization, where this block has one of its own |
/// | chain | `13` | height (8) | receipts: an array |
/// | chain | `20` | block hash (32) | height (8) |
/// | chain | `21` | transaction id (32) | height (8), position in the body (4) |
/// | chain | `30` | subject's state key (32), index (8) | history entry |
/// | chain | `40` | level (1), index (8) | hash of a complete subtree over the block hashes |
/// | chain | `50` | epoch (8) | the height of the block that opened it, and who decides in it; not of epoch 0 |
/// | state | `01` | | the state record: chain, height, root, retained versions |
/// | state | `03` | | the root (32) of the pieces so far, while the home is being filled |
/// | state | `10` | node key (9 to 41) | tree node |
/// | state | `11` | state key (32) | current value |
/// | state | `12` | height (8) | keys of the nodes that this block made stale |
/// | state | `13` | height (8) | root after this block |
/// | state | `14` | height (8) | keys of stale nodes that a snapshot needs or needed |
/// | state | `15` | height (8) | nothing: that the state after this block is a snapshot |
enum KeySpace {
    static let head: [UInt8] = [0x01]
    static let origin: [UInt8] = [0x02]
    static let join: [UInt8] = [0x03]

    enum Chain {
        static func header(_ height: Height) -> [UInt8] { KeySpace.key(0x10, height.rawValue) }
        static func body(_ height: Height) -> [UInt8] { KeySpace.key(0x11, height.rawValue) }
        static func certificate(_ height: Height) -> [UInt8] { KeySpace.key(0x12, height.rawValue) }
        static func receipts(_ height: Height) -> [UInt8] { KeySpace.key(0x13, height.rawValue) }
        static func block(_ hash: BlockHash) -> [UInt8] { KeySpace.key(0x20, hash.digest) }
        static func transaction(_ id: TransactionID) -> [UInt8] { KeySpace.key(0x21, id.digest) }
        static func history(_ subject: Subject, _ index: UInt64) -> [UInt8] {
            KeySpace.key(0x30, subject.stateKey.digest, index)
        }
        static func ancestry(_ position: MerkleTree.Position) -> [UInt8] {
            [0x40, UInt8(position.level)] + bytes(position.index)
        }
        static func epoch(_ epoch: UInt64) -> [UInt8] { KeySpace.key(0x50, epoch) }
    }

    enum State {
        static func node(_ key: NodeKey) -> [UInt8] { key.bytes(after: 0x10) }
        static func value(_ key: StateKey) -> [UInt8] { KeySpace.key(0x11, key.digest) }
        static func stale(_ height: Height) -> [UInt8] { KeySpace.key(0x12, height.rawValue) }
        static func root(_ height: Height) -> [UInt8] { KeySpace.key(0x13, height.rawValue) }
        static func snapshot(_ height: Height) -> [UInt8] { KeySpace.key(0x15, height.rawValue) }
        static func deferred(_ height: Height) -> [UInt8] { KeySpace.key(0x14, height.rawValue) }
    }

    static func bytes(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

    static func bytes(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

    /// The big-endian integer that `bytes` are.
    static func integer(_ bytes: some Collection<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

    // A block makes some ten keys a transaction: each is written into one buffer of its length.

    private static func key(_ kind: UInt8, _ value: UInt64) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 9) { buffer, count in
            let out = UnsafeMutableRawBufferPointer(buffer)
            out[0] = kind
            out.storeBytes(of: value.bigEndian, toByteOffset: 1, as: UInt64.self)
            count = 9
        }
    }

    private static func key(_ kind: UInt8, _ digest: Digest) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 33) { buffer, count in
            let out = UnsafeMutableRawBufferPointer(buffer)
            out[0] = kind
            if let base = out.baseAddress { digest.copy(to: base + 1) }
            count = 33
        }
    }

    private static func key(_ kind: UInt8, _ digest: Digest, _ value: UInt64) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 41) { buffer, count in
            let out = UnsafeMutableRawBufferPointer(buffer)
            out[0] = kind
            if let base = out.baseAddress { digest.copy(to: base + 1) }
            out.storeBytes(of: value.bigEndian, toByteOffset: 33, as: UInt64.self)
            count = 41
        }
    }

    /// Names a record of the chain database for people.
    static func describeChain(_ key: [UInt8]) -> String {
        let rest = Array(key.dropFirst())
        switch (key.first, rest.count) {
        case (0x01, 0): return "height record"
        case (0x02, 0): return "record of the snapshot"
        case (0x03, 0): return "record of how far the home is filled"
        case (0x10, 8): return "header of height \(integer(rest))"
        case (0x11, 8): return "body of height \(integer(rest))"
        case (0x12, 8): return "certificate of height \(integer(rest))"
        case (0x13, 8): return "receipts of height \(integer(rest))"
        case (0x20, 32): return "index of block \(rest.hex)"
        case (0x21, 32): return "index of transaction \(rest.hex)"
        case (0x30, 40): return "history entry \(integer(rest[32...])) of subject \(rest[..<32].map { $0 }.hex)"
        case (0x50, 8): return "opening of epoch \(integer(rest))"
        case (0x40, 9): return "ancestry node \(integer(rest[1...])) of level \(rest[0])"
        default: return "record under the unknown key \(key.hex)"
        }
    }

    /// Names a record of the state database for people.
    static func describeState(_ key: [UInt8]) -> String {
        let rest = Array(key.dropFirst())
        switch (key.first, rest.count) {
        case (0x01, 0): return "state record"
        case (0x03, 0): return "root of the pieces of a snapshot"
        case (0x10, 9...41): return NodeKey(bytes: rest)?.description ?? "node under the unknown key \(key.hex)"
        case (0x11, 32): return "value of state key \(rest.hex)"
        case (0x12, 8): return "stale nodes of height \(integer(rest))"
        case (0x13, 8): return "root of height \(integer(rest))"
        case (0x15, 8): return "snapshot of height \(integer(rest))"
        case (0x14, 8): return "nodes kept for a snapshot, stale at height \(integer(rest))"
        default: return "record under the unknown key \(key.hex)"
        }
    }
}
