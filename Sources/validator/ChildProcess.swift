import Foundation
import Glibc

/// A program that runs beside this one, in the same process group, with this one's standard error.
///
/// Its standard input is a pipe that this process holds open and never writes to: when this process ends, however it
/// ends, the pipe does too, and the child knows.
final class ChildProcess {
    let identifier: pid_t
    private let input: Int32

    /// - Throws: When the program cannot be started.
    init(_ program: String, _ arguments: [String], logFile: String) throws {
        var pipe: [Int32] = [0, 0]
        guard Glibc.pipe(&pipe) == 0 else { throw ProgramFailure(message: "no pipe: errno \(errno)") }
        // The next child must not hold this one's pipe open.
        for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(pipe[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipe[0], 0)
        posix_spawn_file_actions_addopen(&actions, 2, logFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 2, 1)
        var child: pid_t = 0
        let strings = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        let code = posix_spawn(&child, program, &actions, nil, strings, environ)
        guard code == 0 else {
            close(pipe[1])
            throw ProgramFailure(message: "\(program) cannot be started: errno \(code)")
        }
        identifier = child
        input = pipe[1]
    }

    /// Waits until one of the children has ended.
    ///
    /// - Returns: Which one, and its exit code, or 128 and the signal; nothing when there are none.
    static func waitForAny() -> (identifier: pid_t, code: Int32)? {
        var status: Int32 = 0
        while true {
            let ended = waitpid(-1, &status, 0)
            if ended < 0, errno == EINTR { continue }
            guard ended > 0 else { return nil }
            return (ended, status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f)
        }
    }

    deinit { close(input) }
}
