/// An ordered map from bytes to bytes on disk, changed by atomic batches.
///
/// ``LevelDB`` is the one that ships; ``InMemoryDatabase`` serves the simulator and forgets like a disk does.
public protocol Database: AnyObject, Sendable {
    /// The value under `key`, nothing when there is none.
    func get(_ key: [UInt8]) throws(DatabaseFailure) -> [UInt8]?

    /// At most `limit` entries in bytewise order of their keys, the first at or after `start`, all before `end`.
    ///
    /// - Parameter end: Nothing stands for the end of the database.
    func scan(from start: [UInt8], to end: [UInt8]?, limit: Int) throws(DatabaseFailure) -> [DatabaseEntry]

    /// Carries out all of `batch` or, should the process or the machine stop before this returns, perhaps nothing.
    ///
    /// A write that fails ends the process: nobody knows what is on the disk then, and a store that lied is not asked
    /// again.
    ///
    /// - Parameter isSynced: Whether this batch and all before it are on the disk when this returns. Otherwise a crash
    ///   of the machine loses some of the last batches, the later ones first.
    func write(_ batch: WriteBatch, isSynced: Bool)
}

/// A key with its value.
public struct DatabaseEntry: Hashable, Sendable {
    /// The key.
    public let key: [UInt8]
    /// What stands under it.
    public let value: [UInt8]

    /// A key with its value.
    public init(key: [UInt8], value: [UInt8]) {
        self.key = key
        self.value = value
    }
}

/// Changes that happen together. A key's last change counts.
public struct WriteBatch: Sendable {
    /// Keys with their new values; nothing deletes.
    public private(set) var changes: [(key: [UInt8], value: [UInt8]?)] = []

    /// No changes.
    public init() {}

    /// Sets a value.
    public mutating func put(_ key: [UInt8], _ value: [UInt8]) { changes.append((key, value)) }

    /// Removes a key, which need not be there.
    public mutating func delete(_ key: [UInt8]) { changes.append((key, nil)) }
}

/// Why a database cannot be opened or read.
public enum DatabaseFailure: Error, Hashable, Sendable {
    /// Another process has it open.
    case inUse(path: String)
    /// It is not there and was not to be created.
    case missing(path: String)
    /// Its files contradict themselves.
    case damaged(path: String, detail: String)
    /// The system refused.
    case unreadable(path: String, detail: String)
}

extension DatabaseFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .inUse(let path): "another process uses \(path)"
        case .missing(let path): "there is no database at \(path)"
        case .damaged(let path, let detail): "the database at \(path) is damaged: \(detail)"
        case .unreadable(let path, let detail): "the database at \(path) cannot be read: \(detail)"
        }
    }
}
