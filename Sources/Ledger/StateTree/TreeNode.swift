package import Codec
package import Cryptography

/// A stored node of the state tree.
package enum TreeNode {
    case leaf(TreeLeaf)
    case branch(TreeBranch)
}

/// A key with its value.
package struct TreeLeaf {
    package let key: StateKey
    package let value: [UInt8]

    /// The hash that stands for this leaf in its parent, whatever its depth.
    package var hash: Digest { TreeHash.leaf(key, valueHash: TreeHash.value(value)) }
}

/// Four binary levels in one node: up to sixteen children.
package struct TreeBranch {
    /// What a parent knows of a child.
    package struct Child: Hashable {
        package let hash: Digest
        package let version: Height
        package let isLeaf: Bool
    }

    /// Bit `i` is set when slot `i` is taken, and in `leaves` when a leaf hangs there.
    private(set) var present: UInt16 = 0
    private(set) var leaves: UInt16 = 0
    private var children: [Child] = []

    /// A branch without children, which no tree contains.
    package init() {}

    /// The child in a slot.
    package subscript(slot: Int) -> Child? {
        get { present & (1 << slot) == 0 ? nil : children[index(of: slot)] }
        set {
            let bit: UInt16 = 1 << slot
            let position = index(of: slot)
            leaves &= ~bit
            switch (present & bit != 0, newValue) {
            case (true, let child?): children[position] = child
            case (false, let child?): children.insert(child, at: position)
            case (true, nil): children.remove(at: position)
            case (false, nil): break
            }
            present = newValue == nil ? present & ~bit : present | bit
            if let newValue, newValue.isLeaf { leaves |= bit }
        }
    }

    /// The number of children.
    package var count: Int { children.count }

    /// The hash that stands for this branch in its parent.
    package var hash: Digest { hash(of: 0..<16) }

    /// The hash of the binary subtree over `slots`, whose count is a power of two.
    func hash(of slots: Range<Int>) -> Digest {
        let taken = present & Self.mask(slots)
        if taken == 0 { return .zero }
        if taken & (taken - 1) == 0, slots.count == 1 || taken & leaves != 0 {
            return children[index(of: taken.trailingZeroBitCount)].hash
        }
        let middle = slots.lowerBound + slots.count / 2
        return TreeHash.branch(hash(of: slots.lowerBound..<middle), hash(of: middle..<slots.upperBound))
    }

    /// The only leaf below `slots`, if nothing else is there.
    func onlyLeaf(in slots: Range<Int>) -> Int? {
        let taken = present & Self.mask(slots)
        guard taken != 0, taken & (taken - 1) == 0, taken & leaves != 0 else { return nil }
        return taken.trailingZeroBitCount
    }

    func isEmpty(_ slots: Range<Int>) -> Bool { present & Self.mask(slots) == 0 }

    private func index(of slot: Int) -> Int { (present & ((1 << slot) - 1)).nonzeroBitCount }

    private static func mask(_ slots: Range<Int>) -> UInt16 {
        UInt16(truncatingIfNeeded: (UInt32(1) << slots.count - 1) << slots.lowerBound)
    }
}

// MARK: Bytes

/// Nodes stay inside one store and are read by the million, so they have a fixed layout instead of CBOR:
/// ```
/// leaf    0x00  key (32)  value
/// branch  0x01  taken slots (2)  leaf slots (2)  for each taken slot, in order: version (8)  hash (32)
/// ```
/// Integers are big-endian; bit `i` of a slot set is slot `i`.
extension TreeNode {
    /// The stored form.
    package var bytes: [UInt8] {
        switch self {
        case .leaf(let leaf): leaf.stored
        case .branch(let branch): branch.stored
        }
    }

    /// - Parameter bytes: What ``bytes`` gives; nothing else is a node.
    package init?(bytes: [UInt8]) {
        switch bytes.first {
        case Tag.leaf:
            guard bytes.count >= 33, let key = Digest(bytes[1..<33]) else { return nil }
            self = .leaf(TreeLeaf(key: StateKey(key), value: Array(bytes[33...])))
        case Tag.branch:
            guard let branch = TreeBranch(stored: bytes) else { return nil }
            self = .branch(branch)
        default: return nil
        }
    }
}

private enum Tag {
    static let leaf: UInt8 = 0
    static let branch: UInt8 = 1
}

extension TreeLeaf {
    fileprivate var stored: [UInt8] {
        let length = 33 + value.count
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
            let out = UnsafeMutableRawBufferPointer(buffer)
            out[0] = Tag.leaf
            if let base = out.baseAddress { key.digest.copy(to: base + 1) }
            UnsafeMutableRawBufferPointer(rebasing: out[33...]).copyBytes(from: value)
            initialized = length
        }
    }
}

extension TreeBranch {
    private static let headLength = 5
    private static let childLength = 40

    fileprivate init?(stored bytes: [UInt8]) {
        guard bytes.count >= Self.headLength else { return nil }
        present = UInt16(bytes[1]) << 8 | UInt16(bytes[2])
        leaves = UInt16(bytes[3]) << 8 | UInt16(bytes[4])
        let count = present.nonzeroBitCount
        guard count > 0, leaves & ~present == 0, bytes.count == Self.headLength + count * Self.childLength else {
            return nil
        }
        children.reserveCapacity(16)
        bytes.withUnsafeBytes { bytes in
            var slots = present
            var offset = Self.headLength
            while slots != 0 {
                let bit = slots & ~(slots - 1)
                slots &= slots - 1
                let version = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                guard let hash = bytes.baseAddress.map({ Digest(at: $0 + offset + 8) }) else { return }
                children.append(Child(hash: hash, version: Height(rawValue: version), isLeaf: leaves & bit != 0))
                offset += Self.childLength
            }
        }
    }

    fileprivate var stored: [UInt8] {
        let length = Self.headLength + children.count * Self.childLength
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
            let out = UnsafeMutableRawBufferPointer(buffer)
            out[0] = Tag.branch
            out.storeBytes(of: present.bigEndian, toByteOffset: 1, as: UInt16.self)
            out.storeBytes(of: leaves.bigEndian, toByteOffset: 3, as: UInt16.self)
            var offset = Self.headLength
            for child in children {
                out.storeBytes(of: child.version.rawValue.bigEndian, toByteOffset: offset, as: UInt64.self)
                if let base = out.baseAddress { child.hash.copy(to: base + offset + 8) }
                offset += Self.childLength
            }
            initialized = length
        }
    }
}
