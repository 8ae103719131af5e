public import Codec

/// The first thing that is wrong with a home.
public enum IntegrityFinding: Error, Hashable, Sendable {
    /// A file's bytes contradict its checksums or its format; `offset` is where the damaged part begins.
    case file(path: String, offset: Int, problem: String)
    /// A file that should be there is not, or cannot be read.
    case missingFile(path: String)
    /// The journal was damaged.
    case journal(JournalFailure)
    /// Something that a database holds cannot be read, or does not follow from the blocks before it.
    case store(StorageFailure)
    /// A block does not continue the chain before it.
    case block(height: Height, problem: BlockProblem)
    /// A record is there although nothing in the blocks makes it so.
    case unexpectedRecord(String)
    /// A record that the blocks make necessary is not there.
    case missingRecord(String)
    /// A record has another value than the blocks give it, from byte `offset` on.
    case differentRecord(String, offset: Int)
    /// A file of sealed content whose bytes are not what its name says.
    case content(path: String)

    /// What a block gets wrong on its own.
    public enum BlockProblem: String, Hashable, Sendable {
        case chain = "it is of another chain"
        case height = "it gives another height"
        case time = "its time is not above its parent's"
        case parent = "it does not build on the block before"
        case ancestry = "its ancestry root is not that of the blocks before"
        case transactions = "its transactions root is not that of its body"
        case validators = "it names other validators than the state"
        case epoch = "it gives another epoch than follows from the blocks before"
        case signature = "a transaction's signature does not hold"
        case certificate = "its certificate does not make it final"
        case noCertificate = "it is the last of the chain or of its epoch and has no certificate"
    }
}

extension IntegrityFinding: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let path, let offset, let problem): "\(path), byte \(offset): \(problem)"
        case .missingFile(let path): "\(path) is missing or cannot be read"
        case .journal(let failure): "\(failure)"
        case .store(let failure): "\(failure)"
        case .block(let height, let problem): "block at height \(height): \(problem.rawValue)"
        case .unexpectedRecord(let record): "the \(record) is there and nothing in the blocks makes it so"
        case .missingRecord(let record): "the \(record) is missing"
        case .differentRecord(let record, let offset): "the \(record) differs from byte \(offset) on"
        case .content(let path):
            "\(path) is not what its name says; a running validator fetches it again from another one"
        }
    }
}
