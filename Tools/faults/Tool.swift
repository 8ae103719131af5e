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
        let name = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        let files = [name + ".out", name + ".err"]
        defer { for file in files { unlink(file) } }
        let child = try spawn(
            "/usr/bin/timeout", ["\(seconds)", path] + arguments, output: files[0], errors: files[1],
            environment: ["CARELEDGER_PASSPHRASE": Consortium.passphrase])
        var status: Int32 = 0
        while waitpid(child, &status, 0) != child {
            guard errno == EINTR else {
                throw SystemFailure(description: "\(path) cannot be waited for: errno \(errno)")
            }
        }
        let texts = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
        return Run(code: exitCode(status), output: texts[0], errors: texts[1])
    }
}
