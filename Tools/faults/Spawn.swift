import Foundation
import Glibc

/// Starts a program with standard input from nowhere.
///
/// Foundation's `Process` learns that a child has ended from a descriptor that the child held; one that is started beside it
/// would hold it too, and the end would not be noticed.
///
/// - Parameters:
///   - output: The file that standard output is appended to.
///   - errors: The file that standard error is appended to; standard output's when left out.
///   - extra: Variables beside this process's own.
func spawn(
    _ program: String, _ arguments: [String], output: String, errors: String? = nil,
    environment extra: [String: String] = [:]
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    if let errors {
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    } else {
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
    }
    let words = ([program] + arguments).map { (text: String) in strdup(text) } + [nil]
    let all = ProcessInfo.processInfo.environment.merging(extra) { _, new in new }
    let variables = all.map { strdup("\($0)=\($1)") } + [nil]
    defer { for string in words + variables { free(string) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, program, &actions, nil, words, variables)
    guard code == 0 else { throw SystemFailure(description: "\(program) cannot be started: errno \(code)") }
    return child
}

/// How a process ended: its number, or 128 and a signal's.
func exitCode(_ status: Int32) -> Int32 { status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f }
