internal import CLevelDB

#if canImport(Glibc)
    internal import Glibc
#endif

/// A LevelDB directory.
///
/// Checksums are verified on every read from the disk. Nothing is compressed: hashes, keys and ciphertext do not get
/// smaller. The library serializes what must be serialized itself, so that
/// threads share one instance.
public final class LevelDB: Database, @unchecked Sendable {
    /// How much memory a database may take and whether it may be created.
    public struct Options: Sendable {
        /// Creates the directory when it is not there.
        public var createsIfMissing = true
        /// Bytes of uncompressed blocks that reads keep.
        public var blockCache = 32 << 20
        /// Bytes of changes that are collected in memory before they become a table; up to two of them exist.
        public var writeBuffer = 32 << 20
        /// Bytes of a table.
        public var tableSize = 16 << 20

        /// The defaults, for a database that grows with the chain.
        public init() {}

        /// For a database that stays small.
        public static var small: Options {
            var options = Options()
            options.blockCache = 1 << 20
            options.writeBuffer = 1 << 20
            options.tableSize = 2 << 20
            return options
        }
    }

    /// The directory.
    public let path: String

    // Handles of a library that locks for itself; they live exactly as long as this object.
    private let handle: OpaquePointer
    private let options: OpaquePointer
    private let cache: OpaquePointer
    private let filter: OpaquePointer
    private let readOptions: OpaquePointer
    private let scanOptions: OpaquePointer
    private let writeOptions: OpaquePointer
    private let syncedWriteOptions: OpaquePointer

    /// Opens a directory, which belongs to this object until it goes away.
    ///
    /// - Throws: ``DatabaseFailure/inUse(path:)`` when another process, or another object of this one, has it open.
    public init(path: String, options settings: Options = Options()) throws(DatabaseFailure) {
        self.path = path
        options = leveldb_options_create()
        cache = leveldb_cache_create_lru(settings.blockCache)
        filter = leveldb_filterpolicy_create_bloom(10)
        leveldb_options_set_create_if_missing(options, settings.createsIfMissing ? 1 : 0)
        leveldb_options_set_paranoid_checks(options, 1)
        leveldb_options_set_cache(options, cache)
        leveldb_options_set_filter_policy(options, filter)
        leveldb_options_set_write_buffer_size(options, settings.writeBuffer)
        leveldb_options_set_max_file_size(options, settings.tableSize)
        leveldb_options_set_compression(options, Int32(leveldb_no_compression))
        readOptions = leveldb_readoptions_create()
        leveldb_readoptions_set_verify_checksums(readOptions, 1)
        scanOptions = leveldb_readoptions_create()
        leveldb_readoptions_set_verify_checksums(scanOptions, 1)
        leveldb_readoptions_set_fill_cache(scanOptions, 0)
        writeOptions = leveldb_writeoptions_create()
        syncedWriteOptions = leveldb_writeoptions_create()
        leveldb_writeoptions_set_sync(syncedWriteOptions, 1)
        var message: UnsafeMutablePointer<CChar>?
        guard let handle = leveldb_open(options, path, &message) else {
            Self.destroy(
                options, cache, filter, reads: [readOptions, scanOptions], writes: [writeOptions, syncedWriteOptions])
            throw Self.failure(Self.take(message), path: path)
        }
        self.handle = handle
    }

    deinit {
        leveldb_close(handle)
        Self.destroy(
            options, cache, filter, reads: [readOptions, scanOptions], writes: [writeOptions, syncedWriteOptions])
    }

    public func get(_ key: [UInt8]) throws(DatabaseFailure) -> [UInt8]? {
        var count = 0
        var message: UnsafeMutablePointer<CChar>?
        let value = key.withChars { leveldb_get(handle, readOptions, $0, $1, &count, &message) }
        if let message { throw Self.failure(Self.take(message), path: path) }
        guard let value else { return nil }
        defer { leveldb_free(value) }
        return Array(UnsafeRawBufferPointer(start: value, count: count))
    }

    public func scan(from start: [UInt8], to end: [UInt8]?, limit: Int) throws(DatabaseFailure) -> [DatabaseEntry] {
        guard let iterator = leveldb_create_iterator(handle, scanOptions) else { return [] }
        defer { leveldb_iter_destroy(iterator) }
        start.withChars { leveldb_iter_seek(iterator, $0, $1) }
        var entries: [DatabaseEntry] = []
        while entries.count < limit, leveldb_iter_valid(iterator) == 1 {
            var count = 0
            let key = Array(UnsafeRawBufferPointer(start: leveldb_iter_key(iterator, &count), count: count))
            if let end, !key.lexicographicallyPrecedes(end) { break }
            let value = UnsafeRawBufferPointer(start: leveldb_iter_value(iterator, &count), count: count)
            entries.append(DatabaseEntry(key: key, value: Array(value)))
            leveldb_iter_next(iterator)
        }
        var message: UnsafeMutablePointer<CChar>?
        leveldb_iter_get_error(iterator, &message)
        if let message { throw Self.failure(Self.take(message), path: path) }
        return entries
    }

    public func write(_ batch: WriteBatch, isSynced: Bool) {
        let native = leveldb_writebatch_create()
        defer { leveldb_writebatch_destroy(native) }
        for (key, value) in batch.changes {
            key.withChars { key, keyCount in
                if let value {
                    value.withChars { leveldb_writebatch_put(native, key, keyCount, $0, $1) }
                } else {
                    leveldb_writebatch_delete(native, key, keyCount)
                }
            }
        }
        var message: UnsafeMutablePointer<CChar>?
        leveldb_write(handle, isSynced ? syncedWriteOptions : writeOptions, native, &message)
        if let message { DiskRefusal.end("write to", path, Self.take(message)) }
    }

    /// Moves everything into tables, so that nothing stands in the log alone. Takes seconds a gigabyte.
    public func compact() { leveldb_compact_range(handle, nil, 0, nil, 0) }

    /// Begins to walk over everything as it is now.
    func walk() -> LevelDBWalk { LevelDBWalk(self, handle) }

    // MARK: Messages of the library

    fileprivate static func take(_ message: UnsafeMutablePointer<CChar>?) -> String {
        guard let message else { return "no reason given" }
        defer { leveldb_free(message) }
        return String(cString: message)
    }

    fileprivate static func failure(_ message: String, path: String) -> DatabaseFailure {
        if message.contains("/LOCK") { return .inUse(path: path) }
        if message.contains("create_if_missing is false") { return .missing(path: path) }
        if message.hasPrefix("Corruption") { return .damaged(path: path, detail: message) }
        return .unreadable(path: path, detail: message)
    }

    private static func destroy(
        _ options: OpaquePointer, _ cache: OpaquePointer, _ filter: OpaquePointer, reads: [OpaquePointer],
        writes: [OpaquePointer]
    ) {
        reads.forEach(leveldb_readoptions_destroy)
        writes.forEach(leveldb_writeoptions_destroy)
        leveldb_options_destroy(options)
        leveldb_filterpolicy_destroy(filter)
        leveldb_cache_destroy(cache)
    }
}

/// A walk over a database as it was when the walk began, whatever is written meanwhile. Belongs to one thread.
final class LevelDBWalk {
    // The iterator needs the database to stay open.
    private let database: LevelDB
    private let handle: OpaquePointer
    private let snapshot: OpaquePointer
    private let options: OpaquePointer
    private let iterator: OpaquePointer

    fileprivate init(_ database: LevelDB, _ handle: OpaquePointer) {
        self.database = database
        self.handle = handle
        guard let snapshot = leveldb_create_snapshot(handle), let options = leveldb_readoptions_create() else {
            preconditionFailure("the library gives what it allocates")
        }
        leveldb_readoptions_set_verify_checksums(options, 1)
        leveldb_readoptions_set_fill_cache(options, 0)
        leveldb_readoptions_set_snapshot(options, snapshot)
        guard let iterator = leveldb_create_iterator(handle, options) else {
            preconditionFailure("the library gives what it allocates")
        }
        self.snapshot = snapshot
        self.options = options
        self.iterator = iterator
        leveldb_iter_seek_to_first(iterator)
    }

    deinit {
        leveldb_iter_destroy(iterator)
        leveldb_readoptions_destroy(options)
        leveldb_release_snapshot(handle, snapshot)
    }

    /// The value that a key had, nothing when there was none.
    func get(_ key: [UInt8]) throws(DatabaseFailure) -> [UInt8]? {
        var count = 0
        var message: UnsafeMutablePointer<CChar>?
        let value = key.withChars { leveldb_get(handle, options, $0, $1, &count, &message) }
        if let message { throw LevelDB.failure(LevelDB.take(message), path: database.path) }
        guard let value else { return nil }
        defer { leveldb_free(value) }
        return Array(UnsafeRawBufferPointer(start: value, count: count))
    }

    /// The next entries in the order of their keys, no more than `limit` bytes of them or one; none at the end.
    func next(bytes limit: Int) throws(DatabaseFailure) -> [DatabaseEntry] {
        var entries: [DatabaseEntry] = []
        var total = 0
        while leveldb_iter_valid(iterator) == 1 {
            var (keyCount, valueCount) = (0, 0)
            let key = UnsafeRawBufferPointer(start: leveldb_iter_key(iterator, &keyCount), count: keyCount)
            let value = UnsafeRawBufferPointer(start: leveldb_iter_value(iterator, &valueCount), count: valueCount)
            total += keyCount + valueCount + 16
            if total > limit, !entries.isEmpty { break }
            entries.append(DatabaseEntry(key: Array(key), value: Array(value)))
            leveldb_iter_next(iterator)
        }
        var message: UnsafeMutablePointer<CChar>?
        leveldb_iter_get_error(iterator, &message)
        if let message { throw LevelDB.failure(LevelDB.take(message), path: database.path) }
        return entries
    }
}

extension [UInt8] {
    /// Lends the bytes in the library's character type; an empty array has an address too.
    fileprivate func withChars<Result>(_ body: (UnsafePointer<CChar>, Int) -> Result) -> Result {
        withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { return body(base.assumingMemoryBound(to: CChar.self), bytes.count) }
            var nothing: CChar = 0
            return body(&nothing, 0)
        }
    }
}
