internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#endif

/// A file of the user's, read and written in pieces, private to them.
final class LocalFile: Sendable {
    private let path: String
    private let raw: Int32

    enum Mode {
        case reading
        /// Created if need be, and kept as it is.
        case writing
        /// Created, and emptied if it was there.
        case replacing
    }

    init(_ path: String, _ mode: Mode) throws(RecordFailure) {
        self.path = path
        switch mode {
        case .reading: raw = open(path, O_RDONLY | O_CLOEXEC)
        case .writing: raw = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        case .replacing: raw = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        }
        guard raw >= 0 else { throw .file(path: path, code: errno) }
    }

    deinit { close(raw) }

    func size() throws(RecordFailure) -> UInt64 {
        var status = stat()
        guard fstat(raw, &status) == 0 else { throw failure() }
        return UInt64(status.st_size)
    }

    /// Reads what comes next.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(RecordFailure) -> Int {
        while true {
            let count = Glibc.read(raw, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw failure() }
        }
    }

    /// Reads exactly these bytes.
    func read(_ range: Range<UInt64>) throws(RecordFailure) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            filled = 0
            while filled < range.count {
                let count = pread(
                    raw, buffer.baseAddress.map { $0 + filled }, range.count - filled,
                    off_t(range.lowerBound) + off_t(filled))
                if count < 0, errno == EINTR { continue }
                if count < 0 { code = errno }
                guard count > 0 else { break }
                filled += count
            }
        }
        guard code == 0, bytes.count == range.count else { throw .file(path: path, code: code == 0 ? EIO : code) }
        return bytes
    }

    /// Writes at an offset.
    func write(_ bytes: ArraySlice<UInt8>, at offset: UInt64) throws(RecordFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(
                    raw, buffer.baseAddress.map { $0 + written }, buffer.count - written, off_t(offset) + off_t(written)
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure() }
            written += count
        }
    }

    func truncate(to size: UInt64) throws(RecordFailure) {
        guard ftruncate(raw, off_t(size)) == 0 else { throw failure() }
    }

    func sync() throws(RecordFailure) {
        guard fsync(raw) == 0 else { throw failure() }
    }

    private func failure() -> RecordFailure { .file(path: path, code: errno) }

    // MARK: Names

    /// Writes a small file whole and syncs it.
    static func create(_ path: String, _ bytes: [UInt8]) throws(RecordFailure) {
        let file = try LocalFile(path, .replacing)
        try file.write(bytes[...], at: 0)
        try file.sync()
    }

    /// Reads a small file whole.
    static func contents(_ path: String) throws(RecordFailure) -> [UInt8] {
        let file = try LocalFile(path, .reading)
        return try file.read(0..<file.size())
    }

    /// Gives a file or directory another name, for good.
    static func move(_ path: String, to target: String) throws(RecordFailure) {
        guard rename(path, target) == 0 else { throw .file(path: target, code: errno) }
        let parent = (target as NSString).deletingLastPathComponent
        try LocalFile(parent.isEmpty ? "." : parent, .reading).sync()
    }

    static func makeDirectory(_ path: String) throws(RecordFailure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .file(path: path, code: EACCES)
        }
    }

    static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    static func names(in directory: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
    }
}
