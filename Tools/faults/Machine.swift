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
        process = try network.inside {
            try spawn(program, ["run", "--home", home], output: log, environment: environment)
        }
    }

    /// Whether the validator runs; notices when it has ended.
    var isRunning: Bool {
        guard let process else { return false }
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return true }
        self.process = nil
        if !mayFail { unexpectedEnd = unexpectedEnd ?? exitCode(status) }
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
                return exitCode(status)
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
}
