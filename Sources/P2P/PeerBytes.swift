internal import Codec
internal import Cryptography
internal import NIOCore

/// The decoders of this module as functions from bytes to bytes, for those who try to break them.
package enum PeerBytes {
    /// Frames as they cross the wire, one of each kind that has a payload.
    package static let sampleFrames: [[UInt8]] = FrameKind.allCases.map { kind in
        bytes(of: Frame(kind: kind, payload: [UInt8](repeating: 7, count: 40)))
    }

    /// The payload of a first frame.
    package static let sampleGreeting = Greeting(
        chain: .zero, sender: .sha256([1]), receiver: .sha256([3])
    ).encoded

    /// Decodes one frame that takes up all of `input` and encodes it again; nothing if it is refused or not complete.
    package static func reencodeFrame(_ input: [UInt8]) -> [UInt8]? {
        var decoder = FrameDecoder()
        decoder.raiseLimit()
        var buffer = ByteBuffer(bytes: input)
        guard let frame = try? decoder.decode(buffer: &buffer), buffer.readableBytes == 0 else { return nil }
        return bytes(of: frame)
    }

    /// Decodes a greeting and encodes it again; nothing if it is refused.
    package static func reencodeGreeting(_ input: [UInt8]) -> [UInt8]? { (try? Greeting(decoding: input))?.encoded }

    private static func bytes(of frame: Frame) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.write(frame)
        return Array(buffer.readableBytesView)
    }
}
