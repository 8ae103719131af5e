internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#endif

/// Small files of a home, read and replaced whole.
package enum HomeFiles {
    /// Far above any of them.
    private static let maximumLength = 64 << 20

    package static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    package static func makeDirectory(_ path: String) throws(HomeFailure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw .unwritable(path, "\(error.localizedDescription)") }
    }

    package static func read(_ path: String) throws(HomeFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw errno == ENOENT ? .missing(path) : .malformed(path, reason) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size <= maximumLength else {
            throw .malformed(path, "it is too long")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
            }
            guard count > 0 else { throw .malformed(path, "it cannot be read") }
            offset += count
        }
        return bytes
    }

    /// Reads a file that nobody but its owner may read or write.
    package static func readPrivate(_ path: String) throws(HomeFailure) -> [UInt8] {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .missing(path) }
        guard status.st_mode & 0o077 == 0 else { throw .notPrivate(path) }
        return try read(path)
    }

    /// Writes a file beside its place, syncs it and moves it there: the old or the new one is whole at any moment.
    /// Nobody but the owner may read it.
    package static func replace(_ path: String, _ bytes: [UInt8]) throws(HomeFailure) {
        let temporary = "\(path).\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unwritable(path, reason) }
        let written = writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
        let failure = reason
        close(descriptor)
        guard written, rename(temporary, path) == 0 else {
            unlink(temporary)
            throw .unwritable(path, written ? reason : failure)
        }
        syncDirectory(of: path)
    }

    /// Removes a file; none is fine too.
    package static func remove(_ path: String) { if unlink(path) == 0 { syncDirectory(of: path) } }

    /// What was renamed or removed is so after a crash as well. Some file systems cannot, and need not be told.
    private static func syncDirectory(of path: String) {
        let parent = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
            }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

extension HomeFiles {
    /// Keeps other programs from something that a file stands for; the system lets go of it however the program ends.
    package final class Lock: Sendable {
        private let descriptor: Int32

        /// Waits until no other program holds it.
        package init(waitingFor path: String) throws(HomeFailure) {
            descriptor = try Self.open(path)
            while flock(descriptor, LOCK_EX) != 0 {
                guard errno == EINTR else {
                    close(descriptor)
                    throw .unwritable(path, String(cString: strerror(errno)))
                }
            }
        }

        /// - Throws: ``HomeFailure/locked(_:)`` when another program holds it.
        fileprivate init(_ path: String, of home: WalletHome) throws(HomeFailure) {
            descriptor = try Self.open(path)
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw .locked(home.path)
            }
        }

        /// Lets others have it; it ends by itself as well.
        package func release() { flock(descriptor, LOCK_UN) }

        deinit { close(descriptor) }

        private static func open(_ path: String) throws(HomeFailure) -> Int32 {
            let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .unwritable(path, String(cString: strerror(errno))) }
            return descriptor
        }
    }
}

/// Keeps other programs out of a home while one works in it; the system lets go of it however the program ends.
public final class WalletLock: Sendable {
    private let lock: HomeFiles.Lock

    /// - Throws: ``HomeFailure/locked(_:)`` when another program holds the home.
    public convenience init(_ home: WalletHome) throws(HomeFailure) { try self.init(home, file: home.lockFile) }

    /// What a gateway holds while it serves from a home: no second one does, and commands still may.
    ///
    /// - Throws: ``HomeFailure/locked(_:)`` when another gateway serves from the home.
    public static func gateway(_ home: WalletHome) throws(HomeFailure) -> WalletLock {
        try WalletLock(home, file: home.path + "/gateway.lock")
    }

    private init(_ home: WalletHome, file: String) throws(HomeFailure) {
        try HomeFiles.makeDirectory(home.path)
        lock = try HomeFiles.Lock(file, of: home)
    }
}
