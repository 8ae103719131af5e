import Foundation
import Glibc
import Synchronization

/// A program that a test runs.
///
/// Foundation's `Process` learns that a child has ended from a descriptor that the child holds; whatever is started beside it
/// from another thread holds it too, and the end goes unnoticed until that ends. Tests start programs from many threads.
public final class ChildProcess: Sendable {
    /// Why a program was not started.
    public struct Failure: Error, CustomStringConvertible {
        /// Which, and why.
        public let description: String
    }

    /// How a program ended, and what it wrote.
    public struct Finished: Sendable {
        /// Its exit code; 128 and the number of a signal that ended it, as in a shell.
        public let code: Int32
        /// What it wrote to standard output.
        public let output: [UInt8]
        /// What it wrote to standard error.
        public let errors: [UInt8]

        /// Both as text, standard output first.
        public var text: String { String(decoding: output + errors, as: UTF8.self) }
    }

    /// Its id.
    public let identifier: Int32
    private let ended = Mutex<Int32?>(nil)

    /// Starts a program, without any input, that writes to a file.
    public convenience init(
        _ program: String, _ arguments: [String], environment: [String: String], log: String
    ) throws {
        let file = try Self.check(open(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600), log)
        defer { close(file) }
        try self.init(program, arguments, environment, input: nil, output: file, errors: file)
    }

    private init(
        _ program: String, _ arguments: [String], _ environment: [String: String], input: Int32?, output: Int32,
        errors: Int32
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        // What this process has open is its own: a child that kept a listening socket would keep its port taken.
        // Others open more meanwhile: some room for those.
        for descriptor in 3...(Self.highestDescriptor() + 128) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        let words = ([program] + arguments).map { (text: String) in strdup(text) } + [nil]
        let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for string in words + variables { free(string) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, program, &actions, nil, words, variables)
        guard code == 0 else { throw Failure(description: "\(program): \(String(cString: strerror(code)))") }
        identifier = child
    }

    private static func highestDescriptor() -> Int32 {
        let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return open?.compactMap { Int32($0) }.max() ?? 1024
    }

    /// Whether it has not ended yet.
    public var isRunning: Bool { exitCode(waiting: false) == nil }

    /// Waits until it ends, and says how.
    public func wait() -> Int32 { exitCode(waiting: true) ?? -1 }

    private func exitCode(waiting: Bool) -> Int32? {
        ended.withLock { ended in
            if let ended { return ended }
            var status: Int32 = 0
            var result: pid_t
            repeat { result = waitpid(identifier, &status, waiting ? 0 : WNOHANG) } while result < 0 && errno == EINTR
            guard result == identifier else { return result == 0 ? nil : -1 }
            ended = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
            return ended
        }
    }

    /// Runs a program to its end. What goes in and out stands in files without a name: unlike pipes they have no end that
    /// somebody else could hold open.
    ///
    /// - Parameters:
    ///   - program: A path, or a name to be looked for.
    ///   - environment: This process's own when left out.
    public static func run(
        _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil, input: [UInt8] = []
    ) throws -> Finished {
        let (given, output, errors) = (try unnamed(), try unnamed(), try unnamed())
        defer { for file in [given, output, errors] { close(file) } }
        let written = input.withUnsafeBytes { pwrite(given, $0.baseAddress, $0.count, 0) }
        guard written == input.count else { throw Failure(description: "the input of \(program) is not written") }
        let child = try ChildProcess(
            program, arguments, environment ?? ProcessInfo.processInfo.environment, input: given, output: output,
            errors: errors)
        let code = child.wait()
        return Finished(code: code, output: contents(of: output), errors: contents(of: errors))
    }

    private static func unnamed() throws -> Int32 {
        var path = Array((NSTemporaryDirectory() + "/careledger-XXXXXX").utf8CString)
        let file = try check(mkstemp(&path), "a temporary file")
        unlink(path)
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        return file
    }

    private static func contents(of file: Int32) -> [UInt8] {
        let length = Int(lseek(file, 0, SEEK_END))
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            count = max(0, pread(file, buffer.baseAddress, length, 0))
        }
    }

    private static func check(_ result: Int32, _ what: String) throws -> Int32 {
        guard result >= 0 else { throw Failure(description: "\(what): \(String(cString: strerror(errno)))") }
        return result
    }
}
