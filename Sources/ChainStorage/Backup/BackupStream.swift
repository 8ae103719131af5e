internal import Codec
public import Cryptography

/// Frames the records of a backup: `"CLB1"`, then for each record its length (4, big-endian) and its encoding.
///
/// The checksum of no records is zero, and that of more is SHA-256 over the checksum of those before and the record. So
/// whatever is missing, added or altered anywhere shows at the end, and what has no end is no backup.
public struct BackupEncoder: Sendable {
    /// How a backup begins.
    public static let head = Array("CLB1".utf8)

    private var count: UInt64 = 0
    /// The checksum of the records so far.
    public private(set) var checksum = Digest.zero

    /// Before the first record.
    public init() {}

    /// The frame of the next record.
    public mutating func frame(_ record: BackupRecord) -> [UInt8] {
        let bytes = record.encoded
        precondition(bytes.count <= BackupRecord.maximumLength, "a record of a backup has a bounded length")
        count += 1
        checksum = .sha256(checksum.bytes + bytes)
        return KeySpace.bytes(UInt32(bytes.count)) + bytes
    }

    /// The frame of the last record.
    public mutating func end() -> [UInt8] { frame(.end(records: count, checksum: checksum)) }
}

/// Takes the records out of a backup, in order and one at a time, and judges the whole at its end.
public struct BackupDecoder {
    private let read: (Int) throws -> [UInt8]
    private var count: UInt64 = 0
    /// The checksum of the records so far.
    public private(set) var checksum = Digest.zero
    private var hasEnded = false

    /// - Parameter read: Gives that many of the next bytes, fewer only at the end.
    public init(read: @escaping (Int) throws -> [UInt8]) throws {
        self.read = read
        guard try read(BackupEncoder.head.count) == BackupEncoder.head else { throw BackupFailure.notABackup }
    }

    /// The next record. After the last one, which is checked here and not given, nothing.
    ///
    /// - Throws: ``BackupFailure``, or what reading throws. What came before counts for nothing then.
    public mutating func next() throws -> BackupRecord? {
        if hasEnded { return nil }
        let head = try read(4)
        guard head.count == 4 else { throw BackupFailure.cutShort }
        let length = Int(KeySpace.integer(head))
        guard length <= BackupRecord.maximumLength else { throw BackupFailure.damaged(record: count) }
        let bytes = try read(length)
        guard bytes.count == length else { throw BackupFailure.cutShort }
        guard let record = try? BackupRecord(decoding: bytes) else { throw BackupFailure.damaged(record: count) }
        switch record {
        case .abandoned(let reason): throw BackupFailure.abandoned(reason)
        case .end(let records, let sum):
            guard records == count, sum == checksum, try read(1).isEmpty else {
                throw BackupFailure.damaged(record: count)
            }
            hasEnded = true
            return nil
        case .begin where count > 0: throw BackupFailure.damaged(record: count)
        case .file, .entries, .content:
            if count == 0 { throw BackupFailure.damaged(record: 0) }
        case .begin: break
        }
        count += 1
        checksum = .sha256(checksum.bytes + bytes)
        return record
    }
}

/// Why there is no backup, or none can be used.
public enum BackupFailure: Error, Hashable, Sendable {
    /// It does not begin as a backup does.
    case notABackup
    /// It ends before its end.
    case cutShort
    /// A record is not what was written; `record` counts those before it.
    case damaged(record: UInt64)
    /// It is of another chain than is wanted.
    case otherChain(expected: String, found: String)
    /// Something stands where it is to be written.
    case exists(String)
    /// Whoever was making it gave up, and why.
    case abandoned(String)
    /// The system refuses to read or write, and what it says.
    case file(String)
}

extension BackupFailure: CustomStringConvertible {
    /// One clear sentence.
    public var description: String {
        switch self {
        case .notABackup: "this is not a backup, or one of another version"
        case .cutShort: "the backup is not whole: it ends before its end"
        case .damaged(let record): "the backup is damaged at record \(record)"
        case .otherChain(let expected, let found): "the backup is of chain \(found), not of chain \(expected)"
        case .exists(let path): "\(path) exists already and is not replaced"
        case .abandoned(let reason): "the backup was given up: \(reason)"
        case .file(let sentence): sentence
        }
    }
}
