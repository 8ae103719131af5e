internal import ChainStorage
internal import Foundation
internal import Glibc

/// `<home>/control`: a stream socket for whoever owns the home. A request is three bytes: the version 1, and whether
/// content and keys are wanted, each 0 or 1; the answer is the backup, and its end that of the connection.
final class LocalSocket: Sendable {
    /// Whoever is at the other end reads no more.
    struct Gone: Error, CustomStringConvertible {
        var description: String { "the other end is gone" }
    }

    private static let name = "control"
    /// How long one write or the request may take.
    private static let patience = timeval(tv_sec: 60, tv_usec: 0)

    private let descriptor: Int32

    /// Listens in a home, which belongs to this process alone: a socket that is there was left by a process that has
    /// ended.
    init(listeningIn home: NodeHome) throws(BackupFailure) {
        let directory = try Self.open(home)
        defer { Glibc.close(directory) }
        unlink(home.path + "/" + Self.name)
        descriptor = try Self.make()
        let path = "/proc/self/fd/\(directory)/\(Self.name)"
        guard Self.withAddress(path, { bind(descriptor, $0, $1) }) == 0,
            chmod(home.path + "/" + Self.name, 0o600) == 0, listen(descriptor, 4) == 0
        else {
            Glibc.close(descriptor)
            throw Self.failure(home)
        }
    }

    deinit { Glibc.close(descriptor) }

    /// The next one who asks; nothing once this has been closed.
    func accept() -> Connection? {
        while true {
            let connection = Glibc.accept(descriptor, nil, nil)
            if connection >= 0 {
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                return Connection(connection)
            }
            if errno != EINTR, errno != ECONNABORTED { return nil }
        }
    }

    /// Lets ``accept()`` return.
    func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Asks the process that runs in a home. What comes is what it sends.
    static func ask(_ home: NodeHome, for options: BackupOptions) throws(BackupFailure) -> ByteSource {
        let directory = try open(home)
        defer { Glibc.close(directory) }
        let descriptor = try make()
        let path = "/proc/self/fd/\(directory)/\(name)"
        let request: [UInt8] = [1, options.content ? 1 : 0, options.keys ? 1 : 0]
        guard withAddress(path, { connect(descriptor, $0, $1) }) == 0,
            Glibc.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
        else {
            Glibc.close(descriptor)
            throw .file("the process that uses \(home.path) cannot be asked: \(String(cString: strerror(errno)))")
        }
        return ByteSource(descriptor, name: "what the validator sends")
    }

    /// Someone who asks.
    final class Connection: Sendable {
        private let descriptor: Int32

        init(_ descriptor: Int32) {
            self.descriptor = descriptor
            var patience = LocalSocket.patience
            let length = socklen_t(MemoryLayout<timeval>.size)
            for option in [SO_SNDTIMEO, SO_RCVTIMEO] { setsockopt(descriptor, SOL_SOCKET, option, &patience, length) }
        }

        deinit { Glibc.close(descriptor) }

        func receiveRequest() throws -> BackupOptions {
            var request = [UInt8](repeating: 0, count: 3)
            guard recv(descriptor, &request, 3, Int32(MSG_WAITALL)) == 3, request[0] == 1, request[1] <= 1,
                request[2] <= 1
            else { throw Gone() }
            return BackupOptions(content: request[1] == 1, keys: request[2] == 1)
        }

        func send(_ bytes: [UInt8]) throws {
            try bytes.withUnsafeBytes { buffer in
                var sent = 0
                while sent < buffer.count, let base = buffer.baseAddress {
                    let count = Glibc.send(
                        descriptor, base + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
                    if count < 0, errno == EINTR { continue }
                    if count <= 0 { throw Gone() }
                    sent += count
                }
            }
        }

        /// Ends it, from any thread.
        func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    // MARK: The system's calls

    private static func open(_ home: NodeHome) throws(BackupFailure) -> Int32 {
        let directory = Glibc.open(home.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory < 0 { throw failure(home) }
        return directory
    }

    private static func make() throws(BackupFailure) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if descriptor < 0 { throw .file("no socket: \(String(cString: strerror(errno)))") }
        return descriptor
    }

    private static func failure(_ home: NodeHome) -> BackupFailure {
        .file("\(home.path)/\(name): \(String(cString: strerror(errno)))")
    }

    /// Lends an address. The path goes through a descriptor of the home, for an address holds a hundred bytes and a home's
    /// path may be longer.
    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
