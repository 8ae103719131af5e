public import ArgumentParser
internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#endif

/// How all programs run: parse, do, print one sentence when it fails, end with the exit code that says what kind of
/// failure it was.
public enum Program {
    /// Runs a program to its end.
    ///
    /// - Parameter root: The command with all others below it.
    public static func run<Root: AsyncParsableCommand>(_ root: Root.Type) async -> Never {
        // A reader that goes away (`| head`) ends the program at the next write, quietly.
        signal(SIGPIPE, SIG_DFL)
        do {
            var command = try Root.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            exit(0)
        } catch {
            // Usage errors, help and completion scripts are ArgumentParser's to print.
            guard Root.exitCode(for: error) == .failure else { Root.exit(withError: error) }
            let failure = ProgramFailure(error)
            note("\(Root._commandName): \(failure.message)")
            exit(failure.code.rawValue)
        }
    }

    /// Prints a line for the person at the terminal, apart from the command's output.
    public static func note(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
