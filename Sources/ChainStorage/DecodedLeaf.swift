internal import Codec
internal import Ledger
internal import Synchronization

/// Keeps a record that is read far more often than it changes decoded for as long as its leaf's bytes stay the same.
///
/// Nobody has to say that the leaf has changed: whoever asks shows the bytes that stand there now.
final class DecodedLeaf<Record: StateRecord>: Sendable {
    private let kept: Mutex<(bytes: [UInt8], record: Record)?> = Mutex(nil)

    /// The record that these bytes of a stored leaf are.
    func record(of bytes: [UInt8]) -> Record {
        // Bytes that come from one cache are one buffer: comparing them is comparing two addresses.
        if let record = kept.withLock({ $0?.bytes == bytes ? $0?.record : nil }) { return record }
        do {
            let record = try Leaf<Record>(decoding: bytes).record
            kept.withLock { $0 = (bytes, record) }
            return record
        } catch { preconditionFailure("a stored \(Record.kind) decodes: \(error)") }
    }
}
