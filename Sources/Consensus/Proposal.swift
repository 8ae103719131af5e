public import Codec
public import Cryptography

/// All that consensus knows of a block: its hash, the hash it builds on, its height.
public struct BlockReference: Hashable, Sendable {
    /// The block's hash.
    public let hash: Digest
    /// The hash of the block it builds on.
    public let parent: Digest
    /// Its position in the chain.
    public let height: Height

    /// A block by its hash, its parent's hash and its height.
    public init(hash: Digest, parent: Digest, height: Height) {
        self.hash = hash
        self.parent = parent
        self.height = height
    }

    /// Whether the block builds on `parent`.
    func isChild(of parent: BlockReference) -> Bool { self.parent == parent.hash && height == parent.height.next }
}

extension BlockReference: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        hash = try reader.read()
        parent = try reader.read()
        height = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(hash)
        writer.write(parent)
        writer.write(height)
    }
}

/// What a leader puts to the vote: a block, and the earlier view whose block it builds on.
///
/// The view is here and not in the block, so that a later leader can propose the same block again.
public struct Proposal: Hashable, Sendable {
    /// The epoch whose validators vote.
    public let epoch: Epoch
    /// The leader's turn, from 1.
    public let view: View
    /// The view in which the parent was notarized; always below `view`.
    public let parentView: View
    /// The block.
    public let block: BlockReference

    /// - Returns: Nothing unless `parentView < view`.
    public init?(epoch: Epoch, view: View, parentView: View, block: BlockReference) {
        guard parentView < view else { return nil }
        self.epoch = epoch
        self.view = view
        self.parentView = parentView
        self.block = block
    }
}

extension Proposal: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        let (epoch, view) = (try reader.read(Epoch.self), try reader.read(View.self))
        let (parentView, block) = (try reader.read(View.self), try reader.read(BlockReference.self))
        guard let proposal = Proposal(epoch: epoch, view: view, parentView: parentView, block: block) else {
            throw .invalid(field: "parent view")
        }
        self = proposal
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(epoch)
        writer.write(view)
        writer.write(parentView)
        writer.write(block)
    }
}
