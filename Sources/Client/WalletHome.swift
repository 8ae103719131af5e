public import Ledger
internal import Codec
internal import Cryptography

/// A directory that holds one identity on one chain: `genesis.cbor`, `keystore.cbor`, `head.cbor`,
/// `epochs.cbor`, `nodes.cbor`, `evidence/`, `lock`.
public struct WalletHome: Hashable, Sendable {
    /// Where it is.
    public let path: String

    /// The home at a path; nothing is read yet.
    public init(path: String) { self.path = path }

    /// The consortium's genesis file.
    public var genesisFile: String { path + "/genesis.cbor" }
    /// The sealed secrets.
    public var keystoreFile: String { path + "/keystore.cbor" }
    /// The highest final block seen.
    public var headFile: String { path + "/head.cbor" }
    /// Who has decided since which block, as far as that was learned.
    public var epochsFile: String { path + "/epochs.cbor" }
    /// Where the validators are that the genesis file does not name.
    public var nodesFile: String { path + "/nodes.cbor" }
    /// Proofs of wrongdoing.
    public var evidenceDirectory: String { path + "/evidence" }
    /// Held while a program writes.
    public var lockFile: String { path + "/lock" }

    /// Whether there is an identity here.
    public var exists: Bool { HomeFiles.exists(keystoreFile) }

    /// Whether the home knows its chain.
    public var hasGenesis: Bool { HomeFiles.exists(genesisFile) }

    /// Makes the directory and puts the genesis file there.
    ///
    /// - Throws: ``HomeFailure/otherChain`` when the home belongs to another chain already.
    public func prepare(_ genesis: Genesis) throws(HomeFailure) {
        try HomeFiles.makeDirectory(path)
        if HomeFiles.exists(genesisFile) {
            let present = try loadGenesis()
            guard present.chain == genesis.chain else { throw .otherChain(path, present.chain) }
        } else {
            try HomeFiles.replace(genesisFile, genesis.encoded)
        }
    }

    /// Reads the genesis file.
    public func loadGenesis() throws(HomeFailure) -> Genesis { try Self.loadGenesis(at: genesisFile) }

    /// Reads a genesis file anywhere.
    public static func loadGenesis(at path: String) throws(HomeFailure) -> Genesis {
        let bytes = try HomeFiles.read(path)
        do { return try Genesis(decoding: bytes) } catch { throw .malformed(path, "\(error)") }
    }
}

/// Why a home cannot be used.
public enum HomeFailure: Error, Hashable, Sendable {
    /// The file is not there.
    case missing(String)
    /// The file is damaged, or not what its name says.
    case malformed(String, String)
    /// Others may read or write the file.
    case notPrivate(String)
    /// The file or directory cannot be written, and why.
    case unwritable(String, String)
    /// Another program is using the home.
    case locked(String)
    /// There is an identity already; it is never overwritten.
    case occupied(String)
    /// The home belongs to another chain.
    case otherChain(String, ChainID)
    /// The password does not open the keystore, or the file was altered.
    case wrongPassword
    /// The machine has not the memory that the keystore's cost demands.
    case outOfMemory
}

extension HomeFailure: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .missing(let path): "\(path) is not there"
        case .malformed(let path, let why): "\(path) is damaged or something else: \(why)"
        case .notPrivate(let path): "\(path) may be read by others: restrict it to its owner (chmod 600)"
        case .unwritable(let path, let why): "\(path) cannot be written: \(why)"
        case .locked(let path): "another program is using \(path)"
        case .occupied(let path): "\(path) holds an identity already, which is never overwritten"
        case .otherChain(let path, let chain): "\(path) belongs to another chain (\(chain))"
        case .wrongPassword: "the password does not open the keystore"
        case .outOfMemory: "there is not enough memory to open the keystore"
        }
    }
}
