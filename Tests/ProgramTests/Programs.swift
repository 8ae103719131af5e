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
        let process = Process()
        process.executableURL = directory.appending(path: program)
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["CARELEDGER_PASSPHRASE"] = passphrase
        environment["CARELEDGER_HOME"] = nil
        process.environment = environment.merging(extra) { _, new in new }
        let (output, errors, standardInput) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = standardInput
        try process.run()
        standardInput.fileHandleForWriting.write(Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Run(
            code: process.terminationStatus, output: String(decoding: printed, as: UTF8.self),
            errors: String(decoding: said, as: UTF8.self))
    }

    /// Gives a directory that is gone afterwards.
    static func withDirectory<Value>(_ body: (String) throws -> Value) throws -> Value {
        let path = FileManager.default.temporaryDirectory.appending(path: "careledger-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }
}
