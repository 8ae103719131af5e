public import Codec
import Cryptography

extension StateProof: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(UInt64(siblings.count))
        var taken = [UInt8](repeating: 0, count: (siblings.count + 7) / 8)
        var hashes: [UInt8] = []
        for (level, sibling) in siblings.enumerated() where sibling != .zero {
            taken[level / 8] |= 0x80 >> UInt8(level % 8)
            hashes += sibling.bytes
        }
        writer.write(bytes: taken)
        writer.write(bytes: hashes)
        writer.write(end)
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        let depth = try reader.readInt(max: Self.maximumDepth)
        let taken = Array(try reader.readBytes(exactly: (depth + 7) / 8))
        let unused = taken.count * 8 - depth
        guard taken.last.map({ $0.trailingZeroBitCount >= unused }) ?? true else {
            throw .invalid(field: "taken levels")
        }
        let count = taken.reduce(0) { $0 + $1.nonzeroBitCount }
        var hashes = try reader.readBytes(exactly: count * 32)
        var siblings: [Digest] = []
        siblings.reserveCapacity(depth)
        for level in 0..<depth {
            guard taken[level / 8] & (0x80 >> UInt8(level % 8)) != 0 else {
                siblings.append(.zero)
                continue
            }
            guard let sibling = Digest(hashes.prefix(32)), sibling != .zero else { throw .invalid(field: "sibling") }
            siblings.append(sibling)
            hashes = hashes.dropFirst(32)
        }
        self.init(siblings: siblings, end: try End(from: &reader))
    }
}

extension StateProof.End: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        switch self {
        case .value(let value):
            writer.beginArray(2)
            writer.write(UInt64(0))
            writer.write(bytes: value)
        case .nothing:
            writer.beginArray(1)
            writer.write(UInt64(1))
        case .other(let key, let valueHash):
            writer.beginArray(3)
            writer.write(UInt64(2))
            writer.write(key.digest)
            writer.write(valueHash)
        }
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: 3)
        switch (count, try reader.readUnsigned(max: 2)) {
        case (2, 0): self = .value(try reader.readBytes(max: StateProof.maximumValueLength))
        case (1, 1): self = .nothing
        case (3, 2): self = .other(key: StateKey(try reader.read(Digest.self)), valueHash: try reader.read(Digest.self))
        default: throw .invalid(field: "end of the path")
        }
    }
}
