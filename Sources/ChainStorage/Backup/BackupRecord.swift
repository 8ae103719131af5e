public import Codec
public import Cryptography
public import Ledger

/// One piece of a backup.
public enum BackupRecord: Hashable, Sendable {
    /// Which of a home's databases an entry is of.
    public enum Part: Int, Hashable, Sendable, CaseIterable {
        case chain = 1
        case state = 2
        case custody = 3
    }

    /// The most bytes of one record. Entries are collected up to ``pageBytes``; a single one may be longer than that.
    public static let maximumLength = 32 << 20
    /// The bytes of entries that go into one record, more or less.
    static let pageBytes = 1 << 20

    /// The first record: `[1, chain, height of the last block, its hash]`.
    case begin(ChainID, Height, BlockHash)
    /// A small file of the home, by its path in it: `[2, path, bytes]`.
    case file(path: String, [UInt8])
    /// Entries of a database, in the order of their keys: `[3, part, [[key, value]…]]`.
    case entries(Part, [DatabaseEntry])
    /// Sealed content: `[4, content id, bytes]`.
    case content(ContentID, [UInt8])
    /// The last record: `[5, records before it, checksum]`.
    case end(records: UInt64, checksum: Digest)
    /// Instead of the rest, from a process that cannot go on, why: `[6, reason]`. Never in a file.
    case abandoned(String)
}

extension BackupRecord: CBORCodable {
    private static let maximumText = 512

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: 4)
        switch (try reader.readInt(max: 255), count) {
        case (1, 4): self = .begin(try reader.read(), try reader.read(), try reader.read())
        case (2, 3):
            let path = try reader.readText(max: Self.maximumText)
            self = .file(path: path, try reader.readBytes(max: Self.maximumLength))
        case (3, 3):
            guard let part = Part(rawValue: try reader.readInt(max: 255)) else { throw .invalid(field: "part") }
            var entries: [DatabaseEntry] = []
            for _ in 0..<(try reader.readArrayCount(max: Self.maximumLength)) {
                try reader.readArray(count: 2)
                let key = try reader.readBytes(max: Self.maximumLength)
                entries.append(DatabaseEntry(key: key, value: try reader.readBytes(max: Self.maximumLength)))
            }
            self = .entries(part, entries)
        case (4, 3): self = .content(try reader.read(), try reader.readBytes(max: Self.maximumLength))
        case (5, 3): self = .end(records: try reader.readUnsigned(), checksum: try reader.read())
        case (6, 2): self = .abandoned(try reader.readText(max: Self.maximumText))
        default: throw .invalid(field: "backup record")
        }
    }

    public var expectedLength: Int {
        switch self {
        case .begin, .end, .abandoned: 128
        case .file(_, let bytes), .content(_, let bytes): bytes.count + 128
        case .entries(_, let entries): entries.reduce(32) { $0 + $1.key.count + $1.value.count + 12 }
        }
    }

    public func encode(to writer: inout CBORWriter) {
        switch self {
        case .begin(let chain, let height, let hash):
            writer.beginArray(4)
            writer.write(1)
            writer.write(chain)
            writer.write(height)
            writer.write(hash)
        case .file(let path, let bytes):
            writer.beginArray(3)
            writer.write(2)
            writer.write(text: path)
            writer.write(bytes: bytes)
        case .entries(let part, let entries):
            writer.beginArray(3)
            writer.write(3)
            writer.write(UInt64(part.rawValue))
            writer.beginArray(entries.count)
            for entry in entries {
                writer.beginArray(2)
                writer.write(bytes: entry.key)
                writer.write(bytes: entry.value)
            }
        case .content(let id, let bytes):
            writer.beginArray(3)
            writer.write(4)
            writer.write(id)
            writer.write(bytes: bytes)
        case .end(let records, let checksum):
            writer.beginArray(3)
            writer.write(5)
            writer.write(records)
            writer.write(checksum)
        case .abandoned(let reason):
            writer.beginArray(2)
            writer.write(6)
            writer.write(text: reason)
        }
    }
}
