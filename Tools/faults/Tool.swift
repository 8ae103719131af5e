import Foundation
import Glibc

/// A program that is run to its end.
struct Tool {
    private let path: String

    init(_ path: String) { self.path = path }

    /// How a run ended and what it printed.
    struct Run {
        let code: Int32
        let output: String
        let errors: String

        /// A member of the JSON object that was printed.
        func field(_ name: String) throws -> String {
            let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
            guard let value = object?[name] else { throw SystemFailure(description: "no \(name) in: \(output)") }
            return "\(value)"
        }
    }

    /// Runs it and takes no failure.
    @discardableResult
    func run(_ arguments: [String], seconds: Int = 300) throws -> Run {
        let run = try attempt(arguments, seconds: seconds)
        guard run.code == 0 else {
            let words = ([URL(filePath: path).lastPathComponent] + arguments).joined(separator: " ")
            throw SystemFailure(description: "\(words) ended with \(run.code): \(run.errors)")
        }
        return run
    }

    /// Runs it, and ends it when it has taken too long.
    func attempt(_ arguments: [String], seconds: Int = 300) throws -> Run {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["\(seconds)", path] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["CARELEDGER_PASSPHRASE": Consortium.passphrase]
        ) { _, new in new }
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        let files = [directory + ".out", directory + ".err"]
        defer { for file in files { unlink(file) } }
        let handles = try files.map { file in
            _ = FileManager.default.createFile(atPath: file, contents: nil)
            return try FileHandle(forWritingTo: URL(filePath: file))
        }
        (process.standardOutput, process.standardError) = (handles[0], handles[1])
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let texts = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
        return Run(code: process.terminationStatus, output: texts[0], errors: texts[1])
    }
}
