import Client
import Foundation
import Glibc

/// One hospital's machine: a network, a disk, a clock, and a validator that runs on it.
final class Machine {
    let index: Int
    let home: String
    let node: NodeAddress
    let page: FaultyLibrary.Page
    private let program: String
    private let log: String
    private let network: NetworkNamespace
    private let environment: [String: String]
    /// The validator; nothing while none runs.
    private(set) var process: pid_t?
    /// How it ended when nobody had asked it to: a number, or 128 and a signal's.
    private(set) var unexpectedEnd: Int32?
    /// Whether it may end by itself now.
    var mayFail = false

    init(
        _ index: Int, program: String, directory: String, node: NodeAddress, network: NetworkNamespace,
        library: FaultyLibrary
    ) throws {
        self.index = index
        self.program = program
        self.node = node
        self.network = network
        home = "\(directory)/validator-\(index)"
        log = "\(directory)/validator-\(index).log"
        page = try FaultyLibrary.Page(at: "\(directory)/validator-\(index).faults")
        environment = library.environment(page)
    }

    /// Starts the validator in its network.
    func start() throws {
        precondition(process == nil, "one validator runs on a machine")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let arguments = [program, "run", "--home", home].map { (text: String) in strdup(text) } + [nil]
        let all = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let variables = all.map { strdup("\($0)=\($1)") } + [nil]
        defer { for string in arguments + variables { free(string) } }
        var child: pid_t = 0
        let code = try network.inside { posix_spawn(&child, program, &actions, nil, arguments, variables) }
        guard code == 0 else { throw SystemFailure(description: "\(program) cannot be started: errno \(code)") }
        process = child
    }

    /// Whether the validator runs; notices when it has ended.
    var isRunning: Bool {
        guard let process else { return false }
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return true }
        self.process = nil
        if !mayFail { unexpectedEnd = unexpectedEnd ?? Self.code(status) }
        return false
    }

    /// Sends a signal, if there is somebody to hear it.
    func signal(_ number: Int32) {
        if isRunning, let process { Glibc.kill(process, number) }
    }

    /// Ends the validator without warning.
    func kill() {
        guard isRunning, let process else { return }
        Glibc.kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        self.process = nil
    }

    /// Stops the validator as an operator does.
    ///
    /// - Returns: How it ended; nothing when it does not.
    func stop() async throws -> Int32? {
        guard isRunning, let process else { return nil }
        Glibc.kill(process, SIGTERM)
        for _ in 0..<1200 {
            var status: Int32 = 0
            if waitpid(process, &status, WNOHANG) == process {
                self.process = nil
                return Self.code(status)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return nil
    }

    /// The last lines that it printed.
    var lastWords: String {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(8).joined(separator: "\n")
    }

    private static func code(_ status: Int32) -> Int32 {
        status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }
}
