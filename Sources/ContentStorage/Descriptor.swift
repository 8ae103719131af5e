#if canImport(Glibc)
    internal import Glibc
#endif

/// An open file or directory, closed when nobody holds it any more.
final class Descriptor: Sendable {
    /// What the system knows of a file.
    struct Status {
        /// Bytes.
        var size: Int
        /// Nanoseconds since 1970 at which it was last written or refreshed.
        var modified: Int64
    }

    let raw: Int32

    /// - Throws: If it cannot be opened.
    convenience init(_ path: String, flags: Int32) throws(ContentFailure) {
        let raw = open(path, flags | O_CLOEXEC, 0o600)
        guard raw >= 0 else { throw .system(call: "open", code: errno) }
        self.init(raw: raw)
    }

    /// - Returns: Nothing if there is no such file.
    convenience init?(existing path: String, flags: Int32) throws(ContentFailure) {
        let raw = open(path, flags | O_CLOEXEC)
        guard raw >= 0 else {
            if errno == ENOENT { return nil }
            throw .system(call: "open", code: errno)
        }
        self.init(raw: raw)
    }

    private init(raw: Int32) { self.raw = raw }

    deinit { close(raw) }

    func status() throws(ContentFailure) -> Status {
        var status = stat()
        guard fstat(raw, &status) == 0 else { throw .system(call: "fstat", code: errno) }
        return Status(
            size: Int(status.st_size),
            modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
    }

    func sync() throws(ContentFailure) {
        guard fsync(raw) == 0 else { throw .system(call: "fsync", code: errno) }
    }

    /// - Returns: Nothing if the file ends before `count` bytes.
    func read(count: Int) throws(ContentFailure) -> [UInt8]? {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                let result = Glibc.read(raw, buffer.baseAddress.map { $0 + filled }, count - filled)
                if result < 0, errno == EINTR { continue }
                if result < 0 { code = errno }
                guard result > 0 else { break }
                filled += result
            }
        }
        guard code == 0 else { throw .system(call: "read", code: code) }
        return bytes.count == count ? bytes : nil
    }

    func write(_ bytes: [UInt8]) throws(ContentFailure) {
        var code: Int32 = 0
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let result = Glibc.write(raw, buffer.baseAddress.map { $0 + written }, buffer.count - written)
                if result < 0, errno == EINTR { continue }
                guard result > 0 else {
                    code = errno
                    return
                }
                written += result
            }
        }
        guard code == 0 else { throw .system(call: "write", code: code) }
    }
}
