public import ArgumentParser
public import Client
internal import Cryptography
public import Ledger

/// `--checkpoint FILE`: a head that auditors vouch for, which nothing may contradict.
public struct CheckpointOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A head that an auditor cosigned: nodes that show less, or something else, are refused.",
            valueName: "file"))
    public var checkpoint: String?

    @Option(
        help: ArgumentHelp(
            "A key whose cosignature counts beside those of auditors whom the file shows to be some (repeatable).",
            valueName: "key"))
    public var cosigner: [String] = []

    public init() {}

    /// Reads and judges the checkpoint that was given.
    public func load(_ genesis: Genesis) throws -> Checkpoint? {
        guard let checkpoint else { return nil }
        let keys = try cosigner.map { text in
            guard let bytes = [UInt8](hex: text), let key = PublicKey(bytes) else {
                throw ProgramFailure("\(text) is no key: 66 hexadecimal digits", code: .usage)
            }
            return key
        }
        do { return try CheckpointFile.read(checkpoint, genesis, cosigners: keys) } catch {
            if case .malformed = error { throw ProgramFailure("\(error)", code: .notVerified) }
            throw error
        }
    }
}
