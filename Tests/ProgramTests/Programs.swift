import ChildProcess
import Foundation

/// The built programs, run as processes.
enum Programs {
    /// What a run printed and how it ended.
    struct Run {
        let code: Int32
        let output: String
        let errors: String
    }

    /// The programs stand beside the test bundle.
    static let directory = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - passphrase: What the environment gives; nothing leaves it out.
    ///   - input: Standard input.
    ///   - extra: Variables beside this process's own.
    static func run(
        _ program: String, _ arguments: [String], passphrase: String? = "correct horse", input: String = "",
        environment extra: [String: String] = [:]
    ) throws -> Run {
        var environment = ProcessInfo.processInfo.environment
        environment["CARELEDGER_PASSPHRASE"] = passphrase
        environment["CARELEDGER_HOME"] = nil
        let finished = try ChildProcess.run(
            directory.appending(path: program).path, arguments,
            environment: environment.merging(extra) { _, new in new }, input: Array(input.utf8))
        return Run(
            code: finished.code, output: String(decoding: finished.output, as: UTF8.self),
            errors: String(decoding: finished.errors, as: UTF8.self))
    }

    /// Gives a directory that is gone afterwards.
    static func withDirectory<Value>(_ body: (String) throws -> Value) throws -> Value {
        let path = FileManager.default.temporaryDirectory.appending(path: "careledger-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }
}
