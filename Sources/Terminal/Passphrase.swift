public import ArgumentParser
public import Cryptography
internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#endif

/// Where the passphrase of a home comes from: `--passphrase-file`, the environment, or the terminal, in this order.
public struct PassphraseOptions: ParsableArguments {
    /// The variable that holds it for programs without a terminal.
    public static let variable = "CARELEDGER_PASSPHRASE"

    @Option(
        help: ArgumentHelp(
            "A file whose first line is the passphrase; else \(Self.variable) or the terminal.", valueName: "file"))
    public var passphraseFile: String?

    public init() {}

    /// The passphrase of a home that exists.
    public func passphrase(of home: String) throws(ProgramFailure) -> SecretBytes {
        if let given = try given() { return given }
        return try Passphrase.ask("Passphrase of \(home): ")
    }

    /// The passphrase of a home that is to be made: asked for twice.
    public func newPassphrase(of home: String) throws(ProgramFailure) -> SecretBytes {
        if let given = try given() { return given }
        let first = try Passphrase.ask("New passphrase of \(home): ")
        guard try Passphrase.ask("Once more: ") == first else { throw ProgramFailure("the two passphrases differ") }
        return first
    }

    private func given() throws(ProgramFailure) -> SecretBytes? {
        if let passphraseFile { return try Passphrase.read(passphraseFile) }
        return ProcessInfo.processInfo.environment[Self.variable].map { SecretBytes(copying: $0.utf8) }
    }
}

/// Secrets that people type or keep in a file.
public enum Passphrase {
    /// The first line of a file.
    public static func read(_ path: String) throws(ProgramFailure) -> SecretBytes {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ProgramFailure("the passphrase file \(path) cannot be read")
        }
        let line = data.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty else { throw ProgramFailure("the passphrase file \(path) begins with an empty line") }
        return SecretBytes(copying: line)
    }

    /// Asks at the terminal without echo, whatever standard input and output are.
    public static func ask(_ question: String) throws(ProgramFailure) -> SecretBytes {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else {
            throw ProgramFailure(
                "there is no terminal to ask for the passphrase: set \(PassphraseOptions.variable) or give "
                    + "--passphrase-file", code: .usage)
        }
        defer { close(terminal) }
        var before = termios()
        tcgetattr(terminal, &before)
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(terminal, TCSAFLUSH, &silent)
        defer { tcsetattr(terminal, TCSAFLUSH, &before) }
        write(question, to: terminal)
        var line: [UInt8] = []
        defer { line.erase() }
        var byte: UInt8 = 0
        while Glibc.read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        write("\n", to: terminal)
        guard !line.isEmpty else { throw ProgramFailure("an empty passphrase opens nothing") }
        return SecretBytes(copying: line)
    }

    private static func write(_ text: String, to terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(terminal, bytes, bytes.count)
    }
}
