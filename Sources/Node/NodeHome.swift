internal import ChainStorage
internal import Codec
public import Cryptography
internal import Foundation
public import Ledger
public import P2P

/// The directory that one validator lives in.
///
/// ```
/// genesis.cbor            what every validator has
/// node.json               what the operator decides
/// lock                    held while a process runs here
/// keys/consensus.key      32 bytes in hex; signs votes and requests
/// keys/sealing.key        32 bytes in hex; opens the fragments sealed to this validator
/// keys/tls.key, tls.crt   PEM
/// chain/ state/ custody/ content/ journal
/// control                 a socket, while a process runs here
/// ```
/// Files under `keys` are readable by their owner alone, and a home in which they are not is not used.
public struct NodeHome: Sendable {
    /// The directory.
    public let path: String

    /// A home at `path`, which need not exist yet.
    public init(path: String) { self.path = path }

    /// The genesis file.
    public var genesisFile: String { path + "/genesis.cbor" }
    /// The operator's settings.
    public var configurationFile: String { path + "/node.json" }
    /// The database of blocks.
    public var chainDirectory: String { path + "/chain" }
    /// The database of the state tree.
    public var stateDirectory: String { path + "/state" }
    /// The database of sealed fragments.
    public var custodyDirectory: String { path + "/custody" }
    /// The content store.
    public var contentDirectory: String { path + "/content" }
    /// The consensus journal.
    public var journalFile: String { path + "/journal" }
    /// Proofs that a validator has contradicted itself.
    var evidenceDirectory: String { path + "/evidence" }
    private var keysDirectory: String { path + "/keys" }

    // MARK: Making one

    /// Makes the directory, fresh keys and a `node.json`.
    ///
    /// - Throws: ``NodeHomeFailure/exists(_:)`` when there are keys already: they are never replaced.
    public static func make(
        at path: String, configuration: Configuration = Configuration()
    ) throws(NodeHomeFailure) -> (home: NodeHome, keys: NodeKeys) {
        let home = NodeHome(path: path)
        guard !FileManager.default.fileExists(atPath: home.keysDirectory) else { throw .exists(home.keysDirectory) }
        try Files.makeDirectory(path)
        try Files.makeDirectory(home.keysDirectory)
        let tls: TLSIdentity
        do { tls = try TLSIdentity.make() } catch { throw .unwritable(home.keysDirectory, "\(error)") }
        let keys = NodeKeys(consensus: .random(), sealing: .random(), tls: tls)
        try Files.writePrivate(home.keysDirectory + "/consensus.key", Self.text(keys.consensus.secretBytes))
        try Files.writePrivate(home.keysDirectory + "/sealing.key", Self.text(keys.sealing.seed))
        let pem = Array(tls.withPrivateKeyPEM { $0 }.utf8)
        try Files.writePrivate(home.keysDirectory + "/tls.key", pem)
        try Files.writePrivate(home.keysDirectory + "/tls.crt", Array(tls.certificatePEM.utf8))
        try Files.write(home.configurationFile, Array(configuration.json.utf8))
        // Keys that are made here have said nothing yet, which an empty journal says. A home that has keys and no journal
        // has lost it, or was restored: its validator asks the others before it speaks.
        do throws(JournalFailure) { _ = try JournalFile.open(path: home.journalFile) } catch {
            throw .unwritable(home.journalFile, "\(error)")
        }
        return (home, keys)
    }

    /// Puts the genesis file into its place; one that is there already must be the same.
    public func install(_ genesis: Genesis) throws(NodeHomeFailure) {
        let bytes = genesis.encoded
        if let present = try? Files.read(genesisFile) {
            guard present == bytes else { throw .anotherGenesis(genesisFile) }
            return
        }
        try Files.write(genesisFile, bytes)
    }

    // MARK: Reading it

    /// Reads the operator's settings.
    public func configuration() throws(NodeHomeFailure) -> Configuration {
        let bytes = try Files.read(configurationFile)
        do throws(DescriptionFailure) { return try Configuration(json: bytes) } catch { throw .configuration(error) }
    }

    /// Reads the genesis file.
    public func genesis() throws(NodeHomeFailure) -> Genesis {
        let bytes = try Files.read(genesisFile)
        guard let genesis = try? Genesis(decoding: bytes) else { throw .malformed(genesisFile) }
        return genesis
    }

    /// Reads the keys; files that others may read are refused.
    public func keys() throws(NodeHomeFailure) -> NodeKeys {
        let consensusFile = keysDirectory + "/consensus.key"
        guard let consensus = SigningKey(try secret(consensusFile)) else { throw .malformed(consensusFile) }
        let sealingFile = keysDirectory + "/sealing.key"
        guard let sealing = SealingKey(try secret(sealingFile)) else { throw .malformed(sealingFile) }
        let key = try Files.readPrivate(keysDirectory + "/tls.key")
        let certificate = try Files.readPrivate(keysDirectory + "/tls.crt")
        do throws(TLSIdentityFailure) {
            let tls = try TLSIdentity(
                certificatePEM: String(decoding: certificate, as: UTF8.self),
                privateKeyPEM: String(decoding: key, as: UTF8.self))
            return NodeKeys(consensus: consensus, sealing: sealing, tls: tls)
        } catch {
            throw .malformed(keysDirectory + "/tls.key")
        }
    }

    private func secret(_ file: String) throws(NodeHomeFailure) -> SecretBytes {
        var text = try Files.readPrivate(file)
        defer { text.erase() }
        if text.last == UInt8(ascii: "\n") { text.removeLast() }
        guard text.count == 64, var bytes = [UInt8](hex: String(decoding: text, as: UTF8.self)) else {
            throw .malformed(file)
        }
        defer { bytes.erase() }
        return SecretBytes(copying: bytes)
    }

    private static func text(_ secret: SecretBytes) -> [UInt8] {
        var bytes = secret.copy()
        defer { bytes.erase() }
        return Array(bytes.hex.utf8) + [UInt8(ascii: "\n")]
    }
}

/// The secrets of one validator.
public struct NodeKeys: Sendable {
    /// Signs votes, acknowledgements and requests to other nodes.
    public var consensus: SigningKey
    /// Opens what is sealed to this validator.
    public var sealing: SealingKey
    /// Speaks TLS.
    public var tls: TLSIdentity

    /// The three keys.
    public init(consensus: SigningKey, sealing: SealingKey, tls: TLSIdentity) {
        self.consensus = consensus
        self.sealing = sealing
        self.tls = tls
    }

    /// Refuses a home whose certificate or sealing key is not what the chain has for its consensus key.
    ///
    /// - Parameter card: What the chain has; nothing for a node that is no validator and only follows.
    public func check(_ card: ValidatorCardRecord?) throws(NodeHomeFailure) {
        guard let card else { return }
        guard card.certificate == tls.certificate, card.sealingKey == sealing.publicKey else { throw .otherKeys }
    }
}

extension NodeKeys: CustomStringConvertible {
    /// Only what is public.
    public var description: String { "keys of validator \(consensus.publicKey)" }
}

/// Why a home cannot be used.
public enum NodeHomeFailure: Error, Hashable, Sendable {
    /// It is there already.
    case exists(String)
    /// A file or directory that must be there is not.
    case missing(String)
    /// A file of secrets that others can read or write.
    case notPrivate(String)
    /// A file whose content is not what its name promises.
    case malformed(String)
    /// `node.json` has a mistake.
    case configuration(DescriptionFailure)
    /// The disk refuses, for the reason that the system gives.
    case unwritable(String, String)
    /// Another genesis file stands there.
    case anotherGenesis(String)
    /// The genesis lists this node's consensus key with another certificate or sealing key.
    case otherKeys
}

extension NodeHomeFailure: CustomStringConvertible {
    /// One clear sentence.
    public var description: String {
        switch self {
        case .exists(let file): "\(file) exists already; keys are never replaced"
        case .missing(let file): "\(file) is missing: \(Self.remedy(forMissing: file))"
        case .notPrivate(let file): "\(file) must be readable by its owner alone (chmod 600)"
        case .malformed(let file): "\(file) is damaged or something else"
        case .configuration(let failure): "node.json: \(failure)"
        case .unwritable(let file, let reason): "\(file) cannot be written: \(reason)"
        case .anotherGenesis(let file): "\(file) is the genesis of another chain"
        case .otherKeys: "the chain lists this node with another certificate or sealing key"
        }
    }

    private static func remedy(forMissing file: String) -> String {
        switch file.split(separator: "/").last {
        case "node.json": "make a home with `careledger-validator init`"
        case "genesis.cbor": "put the consortium's genesis file there"
        default: "restore it from the backup"
        }
    }
}
