public import Codec

/// The epochs of a scope that have ended, oldest first: `[first epoch, [[delegating key, ended]…]]`. There is no leaf
/// before the first rotation.
///
/// Grants and documents of an ended epoch are checked under its delegating key.
public struct ScopeEpochsRecord: StateRecord {
    /// An epoch that has ended.
    public struct Epoch: Hashable, Sendable {
        /// A, under which authors sealed.
        public var delegatingKey: KeyID
        /// The block that began the next one.
        public var ended: Height
    }

    public typealias ID = ScopeID
    public static var kind: StateKind { .scopeEpochs }
    /// The most rotations of a scope; the leaf then has about 10 KB.
    public static let maximumEpochs = 256

    /// Which epoch the first one is.
    public var first: UInt64
    /// The epochs.
    public var epochs: [Epoch]

    init(first: UInt64) {
        self.first = first
        epochs = []
    }

    /// The delegating key of an epoch that has ended.
    public func delegatingKey(of epoch: UInt64) -> KeyID? {
        guard epoch >= first, epoch - first < UInt64(epochs.count) else { return nil }
        return epochs[Int(epoch - first)].delegatingKey
    }

    public static func bytes(of id: ScopeID) -> [UInt8] { id.bytes }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        first = try reader.readUnsigned(max: UInt64(UInt32.max))
        epochs = try reader.readArray(max: Self.maximumEpochs)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(first)
        writer.write(array: epochs)
    }
}

extension ScopeEpochsRecord.Epoch: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        delegatingKey = try reader.read()
        ended = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(delegatingKey)
        writer.write(ended)
    }
}

extension ScopeRecord {
    /// The delegating key of the scope's epoch or of one that has ended.
    ///
    /// - Parameter ended: The scope's leaf of ended epochs, if it has one.
    public func delegatingKey(of epoch: UInt64, ended: ScopeEpochsRecord?) -> KeyID? {
        epoch == self.epoch ? delegatingKey : ended?.delegatingKey(of: epoch)
    }
}
