internal import Foundation
internal import Glibc

/// Small files, whole, with their permissions.
enum Files {
    /// Far above any file that is read whole: a genesis of a thousand members is under 8 MiB.
    private static let maximumLength = 16 << 20

    static func makeDirectory(_ path: String) throws(NodeHomeFailure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .unwritable(path, error.localizedDescription)
        }
    }

    static func read(_ path: String) throws(NodeHomeFailure) -> [UInt8] {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { throw .missing(path) }
        guard let size = attributes[.size] as? Int, size <= maximumLength,
            let data = FileManager.default.contents(atPath: path)
        else { throw .malformed(path) }
        return Array(data)
    }

    /// Reads a file that nobody but its owner may read or write.
    static func readPrivate(_ path: String) throws(NodeHomeFailure) -> [UInt8] {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { throw .missing(path) }
        guard let mode = attributes[.posixPermissions] as? Int, mode & 0o077 == 0 else { throw .notPrivate(path) }
        return try read(path)
    }

    static func write(_ path: String, _ bytes: [UInt8]) throws(NodeHomeFailure) {
        try create(path, bytes, mode: 0o644)
    }

    static func writePrivate(_ path: String, _ bytes: [UInt8]) throws(NodeHomeFailure) {
        try create(path, bytes, mode: 0o600)
    }

    private static func create(_ path: String, _ bytes: [UInt8], mode: mode_t) throws(NodeHomeFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
        guard descriptor >= 0 else { throw .unwritable(path, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        // The system writes part of it where it has no room for all.
        guard written < 0 || written == bytes.count else { throw .unwritable(path, String(cString: strerror(ENOSPC))) }
        guard written >= 0, fsync(descriptor) == 0 else { throw .unwritable(path, String(cString: strerror(errno))) }
    }
}
