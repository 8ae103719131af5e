public import Codec
import Cryptography

/// The first nibbles of a state key: where a node hangs in the tree. 0 to 64 nibbles of four bits, most significant first.
public struct NibblePath: Sendable {
    /// The longest path: a whole state key.
    public static let maximumCount = 64

    // The nibbles from the top bit downwards; what lies beyond `count` is zero.
    private var words: SIMD4<UInt64> = .zero
    private var length: UInt8 = 0

    /// The path to the root.
    public init() {}

    /// Nibbles from the root to the node.
    public var count: Int { Int(length) }

    /// The nibble at `index`, counted from the root.
    public subscript(index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: words[index >> 4] >> UInt64(60 - (index & 15) * 4)) & 15
    }

    /// The two nibbles at `2 * index` and behind it.
    func byte(at index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: words[index >> 3] >> UInt64(56 - (index & 7) * 8))
    }

    /// The path to the child in slot `nibble`.
    public func appending(_ nibble: Int) -> NibblePath {
        precondition(count < Self.maximumCount && nibble < 16, "a node at depth 64 is a leaf")
        var path = self
        path.words[count >> 4] |= UInt64(nibble) << UInt64(60 - (count & 15) * 4)
        path.length += 1
        return path
    }

    /// Whether `key` begins with these nibbles.
    public func isPrefix(of key: StateKey) -> Bool {
        (0..<count).allSatisfy { self[$0] == key.digest.nibble(at: $0) }
    }
}

extension NibblePath: Hashable {
    public func hash(into hasher: inout Hasher) {
        // Paths are short: the last bits of the first word are zero until there are 15 nibbles.
        hasher.combine(words[0] ^ UInt64(length))
        if count > 16 { hasher.combine(words) }
    }
}

extension NibblePath: CustomStringConvertible {
    public var description: String { (0..<count).map { String(self[$0], radix: 16) }.joined() }
}

/// Names one version of one tree node: the height of the block that wrote it and where it hangs.
///
/// A node is never overwritten: a later block writes the same path under its own height, so that recent roots stay
/// readable, and a store that orders keys bytewise appends.
public struct NodeKey: Hashable, Sendable {
    /// The height of the block that wrote the node.
    public let version: Height
    /// Where the node hangs.
    public let path: NibblePath

    /// The node that the block at `version` wrote at `path`.
    public init(version: Height, path: NibblePath) {
        self.version = version
        self.path = path
    }

    /// Version (8 bytes, big-endian), count of nibbles (1 byte), the nibbles two to a byte, a last odd one padded with 0.
    public var bytes: [UInt8] { bytes(after: nil) }

    /// How many bytes ``bytes`` has.
    package var length: Int { 9 + (path.count + 1) / 2 }

    /// ``bytes`` with one byte before them, in one buffer: what a store puts before a node's key.
    package func bytes(after first: UInt8?) -> [UInt8] {
        let start = first == nil ? 0 : 1
        let length = start + length
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            let out = UnsafeMutableRawBufferPointer(buffer)
            if let first { out[0] = first }
            out.storeBytes(of: version.rawValue.bigEndian, toByteOffset: start, as: UInt64.self)
            out[start + 8] = UInt8(path.count)
            // Nibbles beyond the count are zero, so that whole bytes of the words are what stands there.
            for index in 0..<(path.count + 1) / 2 { out[start + 9 + index] = path.byte(at: index) }
            count = length
        }
    }

    /// - Parameter bytes: What ``bytes`` gives; nothing else names a node.
    public init?(bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count >= 9, bytes[8] <= NibblePath.maximumCount, bytes.count == 9 + (Int(bytes[8]) + 1) / 2 else {
            return nil
        }
        var path = NibblePath()
        for index in 0..<Int(bytes[8]) {
            let byte = bytes[9 + index / 2]
            path = path.appending(Int(index & 1 == 0 ? byte >> 4 : byte & 15))
        }
        if path.count & 1 == 1, let last = bytes.last, last & 15 != 0 { return nil }
        self.init(version: Height(rawValue: bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }), path: path)
    }
}

extension NodeKey: CustomStringConvertible {
    public var description: String { "node \(path.count == 0 ? "root" : path.description) of height \(version)" }
}
