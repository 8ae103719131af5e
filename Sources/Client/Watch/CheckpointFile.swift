public import Cryptography
public import Ledger
internal import API
internal import Codec

/// Checkpoints on disk.
public enum CheckpointFile {
    /// Reads and judges a checkpoint.
    ///
    /// - Parameter cosigners: Whose word counts beside that of those whom the file shows to be auditors.
    /// - Throws: ``HomeFailure/malformed(_:_:)`` with the reason when it is not believed.
    public static func read(
        _ path: String, _ genesis: Genesis, cosigners: [PublicKey] = []
    ) throws(HomeFailure) -> Checkpoint {
        let bytes = try HomeFiles.read(path)
        guard bytes.count <= Checkpoint.maximumBytes else { throw .malformed(path, "it is longer than a checkpoint") }
        let checkpoint: Checkpoint
        do { checkpoint = try Checkpoint(decoding: bytes) } catch { throw .malformed(path, "\(error)") }
        do {
            try checkpoint.verify(TrustAnchor(genesis), known: Set(cosigners))
        } catch { throw .malformed(path, "\(error)") }
        return checkpoint
    }

    /// Writes a checkpoint into a directory, as `checkpoint-<height>.cbor` and as `latest.cbor`; each is whole at any
    /// moment, so that a web server may publish the directory.
    ///
    /// - Returns: The path of the first.
    @discardableResult
    public static func write(_ checkpoint: Checkpoint, to directory: String) throws(HomeFailure) -> String {
        try HomeFiles.makeDirectory(directory)
        let path = "\(directory)/checkpoint-\(checkpoint.header.height).cbor"
        try HomeFiles.replace(path, checkpoint.encoded)
        try HomeFiles.replace("\(directory)/latest.cbor", checkpoint.encoded)
        return path
    }
}
