import ChildProcess
import Foundation
import Glibc
import Testing

/// A program that runs while a test does, with what it prints in a file.
final class RunningProgram {
    private let process: ChildProcess
    private let log: String

    /// - Parameter environment: Beside this process's own.
    init(_ program: String, _ arguments: [String], log: String, environment: [String: String] = [:]) throws {
        self.log = log
        process = try ChildProcess(
            Programs.directory.appending(path: program).path, arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { _, new in new }, log: log)
    }

    deinit {
        if process.isRunning {
            kill(process.identifier, SIGKILL)
            _ = process.wait()
        }
    }

    var identifier: Int32 { process.identifier }
    var isRunning: Bool { process.isRunning }
    /// What it has printed so far.
    var printed: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Waits until it has printed `text`.
    func waitUntilPrinted(_ text: String) throws {
        let isPrinted = Wait.until { printed.contains(text) }
        try #require(isPrinted, "“\(text)” in: \(printed)")
    }

    /// Sends a signal.
    func signal(_ number: Int32) { kill(process.identifier, number) }

    /// Waits until it ends, and says how; a signal counts 128 and its number, as in a shell.
    func end() throws -> Int32 {
        let hasEnded = Wait.until { !process.isRunning }
        try #require(hasEnded, "it ends: \(printed)")
        return process.wait()
    }

    /// Stops it as an operator does.
    @discardableResult func stop() throws -> Int32 {
        signal(SIGTERM)
        return try end()
    }
}

/// Waiting for what other processes do.
enum Wait {
    /// Asks again and again; false when a generous time has passed without.
    static func until(_ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now.advanced(by: .seconds(180))
        while ContinuousClock.now < deadline {
            if try condition() { return true }
            usleep(50_000)
        }
        return false
    }
}

/// A local network as `careledger-validator devnet` makes it: hospitals' and auditor's homes beside the validators'.
struct Devnet {
    static let passphrase = "devnet"

    let path: String

    /// Makes the homes and runs nothing.
    init(_ path: String, validators: Int) throws {
        self.path = path
        let made = try Programs.run(
            "careledger-validator",
            ["devnet", "--validators", "\(validators)", "--home", path, "--prepare-only"])
        try #require(made.code == 0, "\(made.errors)")
    }

    var genesis: String { path + "/genesis.cbor" }
    var auditor: String { path + "/auditor" }
    func validator(_ index: Int) -> String { "\(path)/validator-\(index)" }
    func hospital(_ index: Int) -> String { "\(path)/organizations/hospital-\(index)" }

    /// Starts one validator.
    ///
    /// - Parameter log: Where it prints to; a file in the network's directory when left out.
    func start(_ index: Int, log: String? = nil, environment: [String: String] = [:]) throws -> RunningProgram {
        try RunningProgram(
            "careledger-validator", ["run", "--home", validator(index)], log: log ?? "\(path)/run-\(index).log",
            environment: environment)
    }

    /// What a validator says of itself, nothing while it does not answer.
    func status(of index: Int) throws -> [String: Any]? {
        let run = try Programs.run(
            "careledger-validator", ["status", "--home", validator(index), "--output", "json"])
        let all = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]]
        guard let own = all?[index], own["answers"] as? Bool == true else { return nil }
        return own
    }

    /// Waits until a validator is ready.
    func waitUntilReady(_ index: Int = 0) throws {
        let isReady = try Wait.until { try status(of: index)?["ready"] as? Bool == true }
        try #require(isReady, "validator \(index) is ready")
    }

    /// Runs the wallet of a hospital.
    func wallet(
        _ arguments: [String], hospital index: Int = 0, environment: [String: String] = [:]
    ) throws -> Programs.Run {
        try Programs.run(
            "careledger-wallet", arguments + ["--home", hospital(index)], passphrase: Self.passphrase,
            environment: environment)
    }

    /// Registers a new clinician of a hospital: the smallest thing that changes the ledger. The clinician's home is
    /// `name` in the network's directory, and its passphrase the hospitals'.
    func register(
        _ name: String, hospital index: Int = 0, environment: [String: String] = [:]
    ) throws -> Programs.Run {
        let home = ["--home", "\(path)/\(name)"]
        let made = try Programs.run(
            "careledger-wallet", ["init", "--staff", "--genesis", genesis] + home, passphrase: Self.passphrase)
        try #require(made.code == 0, "\(made.errors)")
        let card = try Programs.run(
            "careledger-wallet", ["whoami", "--output", "json"] + home, passphrase: Self.passphrase
        ).field("card")
        return try wallet(
            [
                "staff", "register", "--card", try #require(card), "--role", "clinician", "--pseudonym", name,
                "--number",
                "number of \(name)", "--output", "json",
            ], hospital: index, environment: environment)
    }
}

extension Programs.Run {
    /// A member of the JSON object that was printed.
    func field(_ name: String) throws -> String? {
        let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        return object?[name].map { "\($0)" }
    }
}
