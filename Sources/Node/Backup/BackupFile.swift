internal import ChainStorage
internal import Foundation
internal import Glibc

/// A backup while it is written: under a name that says that it is not whole, until it is.
final class PartialFile {
    private let path: String
    private let descriptor: Int32
    private var isOpen = true

    private var temporary: String { path + ".partial" }

    /// Begins to write what will stand at `path`, where nothing may stand yet. What an earlier attempt left is replaced.
    init(becoming path: String) throws(BackupFailure) {
        guard !FileManager.default.fileExists(atPath: path) else { throw .exists(path) }
        self.path = path
        unlink(path + ".partial")
        descriptor = open(path + ".partial", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        // The mask of whoever runs this may take from the mode, and never adds to it.
        guard descriptor >= 0 else { throw .file("\(path) cannot be written: \(String(cString: strerror(errno)))") }
    }

    deinit {
        if isOpen {
            close(descriptor)
            unlink(temporary)
        }
    }

    func write(_ bytes: [UInt8]) throws(BackupFailure) {
        let isWritten = bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return false }
                written += count
            }
            return true
        }
        if !isWritten { throw failure() }
    }

    /// Gives it its name, once all of it is on the disk.
    func finish() throws(BackupFailure) {
        guard fsync(descriptor) == 0 else { throw failure() }
        guard !FileManager.default.fileExists(atPath: path) else { throw .exists(path) }
        guard rename(temporary, path) == 0 else { throw failure() }
        isOpen = false
        close(descriptor)
        let directory = open((path as NSString).deletingLastPathComponent.nonEmpty, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure() }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure() }
    }

    private func failure() -> BackupFailure {
        .file("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}

extension String {
    fileprivate var nonEmpty: String { isEmpty ? "." : self }
}

/// Bytes that come one after the other, from a file or a socket.
final class ByteSource {
    private let descriptor: Int32
    private let name: String

    /// - Parameter descriptor: Closed with this object.
    init(_ descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// Opens a file.
    convenience init(path: String) throws(BackupFailure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file("\(path) cannot be read: \(String(cString: strerror(errno)))") }
        self.init(descriptor, name: path)
    }

    deinit { close(descriptor) }

    /// That many bytes, fewer only at the end.
    func read(_ count: Int) throws(BackupFailure) -> [UInt8] {
        var isFailed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                let result = Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled)
                if result < 0, errno == EINTR { continue }
                isFailed = result < 0
                if result <= 0 { return }
                filled += result
            }
        }
        if isFailed { throw .file("\(name) cannot be read: \(String(cString: strerror(errno)))") }
        return bytes
    }
}
