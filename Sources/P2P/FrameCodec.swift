internal import Codec
internal import NIOCore

/// Frames as they cross the wire: four bytes of length, big-endian, then the CBOR array `[kind, payload]`.
///
/// The length is judged as soon as its four bytes are there, before anything is kept for what follows it; bytes that
/// have not arrived take no memory.
struct FrameDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = Frame

    /// Before the greeting a peer gets no more than this.
    static let greetingLimit = 512
    /// The array's head, the kind, and the byte string's head.
    static let largestHead = 7

    /// The longest payload accepted now.
    private(set) var limit = greetingLimit

    /// From now on, full-size frames.
    mutating func raiseLimit() { limit = Frame.maximumPayload }

    mutating func decode(buffer: inout ByteBuffer) throws -> Frame? {
        guard let announced = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
        let length = Int(announced)
        guard length <= limit + Self.largestHead else { throw PeerFault.frameTooLong(bytes: length, limit: limit) }
        guard buffer.readableBytes >= 4 + length else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        guard var body = buffer.readSlice(length: length) else { return nil }
        return try Self.frame(from: &body)
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> Frame? {
        // A frame cut short by the end of the connection is lost with it.
        try decode(buffer: &buffer)
    }

    private static func frame(from body: inout ByteBuffer) throws(PeerFault) -> Frame {
        // Only the head goes through the reader, so that the payload is copied once.
        var head = CBORReader(body.getBytes(at: body.readerIndex, length: min(body.readableBytes, largestHead)) ?? [])
        let kind: FrameKind
        let count: UInt64
        do throws(DecodingFailure) {
            try head.readArray(count: 2)
            let code = try head.readUnsigned(max: UInt64(FrameKind.bulk.rawValue))
            let (major, argument) = try head.readAnyHead()
            guard major == 2, let known = FrameKind(rawValue: UInt8(code)) else {
                throw DecodingFailure.invalid(field: "kind")
            }
            kind = known
            count = argument
        } catch {
            throw .malformedFrame
        }
        body.moveReaderIndex(forwardBy: head.position)
        guard count == UInt64(body.readableBytes), count <= UInt64(Frame.maximumPayload),
            let payload = body.readBytes(length: Int(count))
        else { throw .malformedFrame }
        return Frame(kind: kind, payload: payload)
    }
}

extension ByteBuffer {
    /// Appends a frame as it crosses the wire.
    mutating func write(_ frame: Frame) {
        var head = CBORWriter(capacity: FrameDecoder.largestHead)
        head.beginArray(2)
        head.write(UInt64(frame.kind.rawValue))
        head.writeBytesHead(frame.payload.count)
        reserveCapacity(minimumWritableBytes: 4 + head.bytes.count + frame.payload.count)
        writeInteger(UInt32(head.bytes.count + frame.payload.count))
        writeBytes(head.bytes)
        writeBytes(frame.payload)
    }
}
