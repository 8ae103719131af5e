public import Codec

/// Why a sealed document was not opened. Nothing of what was refused has been handed out.
public enum DocumentRejection: Error, Hashable, Sendable {
    /// The bytes are not what their content id names.
    case wrongContent(ContentID)
    /// The manifest is not well formed.
    case malformedManifest(DecodingFailure)
    /// The manifest belongs to another scope or author.
    case wrongContext
    /// The chain commits to another key than the manifest, or the key at hand is another than both commit to.
    case wrongKey
    /// The manifest was not made with the key.
    case forgedManifest
    /// A block has another length than its place asks for.
    case wrongLength(block: Int)
    /// A segment was altered, moved or cut off.
    case damagedSegment(UInt64)
    /// The true size does not fit the padded size.
    case wrongSize
}
