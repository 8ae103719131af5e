#if canImport(Glibc)
    internal import Glibc
#endif

/// What the system says when it refuses to open or read a file.
public struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// The system's number for the reason.
    public let code: Int32
    public let description: String

    init(_ action: String, _ path: String) {
        self.path = path
        code = errno
        description = "\(action) \(path): \(String(cString: strerror(errno)))"
    }
}

/// An open file. Reading may fail and says so; writing may not: a failed write or sync ends the process.
final class File {
    let path: String
    private let descriptor: Int32

    /// - Parameter flags: Of open(2).
    init(path: String, flags: Int32) throws(FileFailure) {
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw FileFailure("open", path) }
    }

    deinit { close(descriptor) }

    /// Opens for reading and writing.
    convenience init(path: String, creates: Bool) throws(FileFailure) {
        try self.init(path: path, flags: O_RDWR | (creates ? O_CREAT : 0))
    }

    /// The whole file.
    static func contents(of path: String) throws(FileFailure) -> [UInt8] {
        let file = try File(path: path, flags: O_RDONLY)
        return try file.read(from: 0, count: try file.size())
    }

    /// Whether something stands at `path`.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The names in a directory, sorted.
    static func names(in directory: String) throws(FileFailure) -> [String] {
        guard let stream = opendir(directory) else { throw FileFailure("open", directory) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Bytes of the file.
    func size() throws(FileFailure) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFailure("read", path) }
        return Int(status.st_size)
    }

    /// Reads up to `count` bytes; fewer only at the end of the file.
    func read(from offset: Int, count: Int) throws(FileFailure) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = 0
            while initialized < count, let base = buffer.baseAddress {
                let result = pread(descriptor, base + initialized, count - initialized, off_t(offset + initialized))
                if result < 0, errno == EINTR { continue }
                failed = result < 0
                if result <= 0 { return }
                initialized += result
            }
        }
        if failed { throw FileFailure("read", path) }
        return bytes
    }

    /// Writes all of `bytes`.
    func write(_ bytes: [UInt8], at offset: Int) {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count, let base = buffer.baseAddress {
                let result = pwrite(descriptor, base + written, buffer.count - written, off_t(offset + written))
                if result < 0, errno == EINTR { continue }
                if result <= 0 { DiskRefusal.end("write to", path) }
                written += result
            }
        }
    }

    /// Brings what was written to the disk.
    func sync() {
        if fdatasync(descriptor) != 0 { DiskRefusal.end("sync", path) }
    }

    /// Takes the file for this process until it ends. Returns whether nobody else has it.
    func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Cuts the file.
    func truncate(to size: Int) {
        if ftruncate(descriptor, off_t(size)) != 0 { DiskRefusal.end("cut", path) }
    }

    /// Puts the file `from` in the place of `to`, on the disk when this returns.
    static func replace(_ to: String, with from: String) {
        if rename(from, to) != 0 { DiskRefusal.end("replace", to) }
        syncDirectory(of: to)
    }

    /// Brings the name of a file to the disk.
    static func syncDirectory(of path: String) {
        let end = path.lastIndex(of: "/")
        let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0, fsync(descriptor) == 0 else { DiskRefusal.end("sync", directory) }
        close(descriptor)
    }
}

enum Process {
    /// This process.
    static var identifier: Int32 { getpid() }
}
