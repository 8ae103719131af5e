/// Why a journal cannot be read.
public enum JournalFailure: Error, Hashable, Sendable {
    /// The system refused.
    case file(FileFailure)
    /// It does not begin as a journal does.
    case damagedHead(path: String)
    /// A record was damaged after it was written; `index` counts the records before it.
    case damagedRecord(path: String, index: Int, offset: Int)
}

extension JournalFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let failure): "\(failure)"
        case .damagedHead(let path): "\(path) does not begin as a journal does"
        case .damagedRecord(let path, let index, let offset):
            "record \(index) of the journal \(path), at byte \(offset), was damaged after it was written; "
                + "a validator that forgets what it signed must rejoin as an observer: move the journal away"
        }
    }
}

/// An append-only file of records that are on the disk when ``append(_:)`` returns.
///
/// Space is allocated ahead and zeroed, so that an append overwrites and its sync moves data alone (94 µs instead of
/// 219). Opening returns the records; a tail that a crash tore is cut off, anything else that is wrong is refused:
/// a validator must not sign again what it has forgotten. Layout: ``JournalFormat``.
///
/// One thread at a time uses an instance; a ``HomeLock`` keeps other processes away.
public final class JournalFile {
    /// The longest record, 16 MiB.
    public static let maximumRecordLength = 16 << 20
    /// Bytes that are allocated ahead at a time, 1 MiB.
    public static let allocationUnit = 1 << 20

    private let path: String
    private var file: File
    private var generation: UInt32
    /// Where the next record goes.
    private var end: Int
    private var allocated: Int
    private let unit: Int

    /// Whether there is a journal at `path`. A validator that has signed and finds none rejoins as an observer.
    public static func exists(path: String) -> Bool { File.exists(path) }

    /// Opens the journal at `path`, or begins one.
    ///
    /// - Parameter unit: Bytes to allocate at a time.
    /// - Returns: The journal and its records in order.
    public static func open(
        path: String, allocating unit: Int = allocationUnit
    ) throws(JournalFailure) -> (journal: JournalFile, records: [[UInt8]]) {
        if File.exists(path) { return try reopen(path: path, unit: unit) }
        let new = try begin(path: path, generation: 1, records: [], unit: unit)
        return (JournalFile(path, new, generation: 1, unit: unit), [])
    }

    private typealias Layout = (file: File, end: Int, allocated: Int)

    private init(_ path: String, _ layout: Layout, generation: UInt32, unit: Int) {
        self.path = path
        self.generation = generation
        self.unit = unit
        (file, end, allocated) = layout
    }

    /// Adds records with one write and one sync.
    public func append(_ records: [[UInt8]]) {
        if records.isEmpty { return }
        let bytes = JournalFormat.encode(records, at: end, generation: generation)
        allocate(upTo: end + bytes.count)
        file.write(bytes, at: end)
        file.sync()
        end += bytes.count
    }

    /// Replaces all records in one step: a crash leaves the old ones or the new ones. For leaving out what lies below the
    /// floor.
    public func rewrite(_ records: [[UInt8]]) throws(JournalFailure) {
        generation += 1
        (file, end, allocated) = try Self.begin(path: path, generation: generation, records: records, unit: unit)
    }

    /// Bytes of the records.
    public var length: Int { end }

    private func allocate(upTo needed: Int) {
        // Room for the next head too, so that the end of the records is always followed by zeros.
        guard needed + JournalFormat.recordHeadLength > allocated else { return }
        let target = (needed + JournalFormat.recordHeadLength + unit - 1) / unit * unit
        file.write([UInt8](repeating: 0, count: target - allocated), at: allocated)
        file.sync()
        allocated = target
    }

    // MARK: Opening

    private static func reopen(path: String, unit: Int) throws(JournalFailure) -> (
        journal: JournalFile, records: [[UInt8]]
    ) {
        let (file, bytes) = try read(path: path)
        let (records, generation, offset): ([[UInt8]], UInt32, Int)
        switch JournalFormat.read(bytes) {
        case .records(let found, let number, let end): (records, generation, offset) = (found, number, end)
        case .damagedHead: throw .damagedHead(path: path)
        case .damagedRecord(let index, let offset):
            throw .damagedRecord(path: path, index: index, offset: offset)
        }
        if bytes.dropFirst(offset).contains(where: { $0 != 0 }) || offset > bytes.count {
            file.truncate(to: min(offset, bytes.count))
            file.sync()
        }
        let allocated = min(offset, try size(of: file))
        let journal = JournalFile(path, (file, offset, allocated), generation: generation, unit: unit)
        journal.allocate(upTo: offset)
        return (journal, records)
    }

    private static func read(path: String) throws(JournalFailure) -> (File, [UInt8]) {
        do throws(FileFailure) {
            let file = try File(path: path, creates: false)
            return (file, try file.read(from: 0, count: try file.size()))
        } catch { throw .file(error) }
    }

    private static func size(of file: File) throws(JournalFailure) -> Int {
        do throws(FileFailure) { return try file.size() } catch { throw .file(error) }
    }

    /// Writes a new journal beside the old one and gives it the name.
    private static func begin(
        path: String, generation: UInt32, records: [[UInt8]], unit: Int
    ) throws(JournalFailure) -> Layout {
        let temporary = path + ".new"
        do throws(FileFailure) {
            let file = try File(path: temporary, creates: true)
            file.truncate(to: 0)
            let head = JournalFormat.head(generation: generation)
            let bytes = head + JournalFormat.encode(records, at: head.count, generation: generation)
            let allocated = (bytes.count / unit + 1) * unit
            file.write(bytes + [UInt8](repeating: 0, count: allocated - bytes.count), at: 0)
            file.sync()
            File.replace(path, with: temporary)
            return (file, bytes.count, allocated)
        } catch { throw .file(error) }
    }
}
