internal import ChainStorage
public import Codec
internal import ContentStorage
internal import Cryptography
internal import Foundation
internal import Glibc
public import Ledger

/// Makes a home from a backup.
///
/// The home has no journal: its validator has said things since that nobody here knows, so it asks the others where they
/// stand and is silent until it cannot contradict itself, as after any loss of the journal.
public struct HomeRestore: Sendable {
    /// What was restored.
    public struct Summary: Hashable, Sendable {
        /// The chain.
        public var chain: String
        /// The last block.
        public var height: Height
        /// Pieces of sealed content.
        public var contents: Int
        /// Whether the home has its keys; without them they have to be put there before it runs.
        public var hasKeys: Bool
    }

    /// Where everything is put before all of it is there.
    private static let workshop = "restoring"

    private let home: NodeHome

    /// - Parameter home: A directory that is not there yet, or one in which there are at most keys, settings and the
    ///   genesis file.
    public init(to home: NodeHome) { self.home = home }

    /// Restores a home.
    ///
    /// - Parameters:
    ///   - path: The backup.
    ///   - chain: The chain that it must be of, where the home has no genesis file to say so.
    /// - Throws: ``BackupFailure`` and others; the home is then as it was.
    public func run(from path: String, chain wanted: ChainID? = nil) async throws -> Summary {
        let source = try ByteSource(path: path)
        var decoder = try BackupDecoder { try source.read($0) }
        guard let first = try decoder.next(), case .begin(let chain, let height, _) = first else {
            throw BackupFailure.cutShort
        }
        let present = FileManager.default.fileExists(atPath: home.genesisFile) ? try home.genesis().chain : nil
        for expected in [wanted, present].compactMap({ $0 }) where expected != chain {
            throw BackupFailure.otherChain(expected: "\(expected)", found: "\(chain)")
        }
        try Files.makeDirectory(home.path)
        let lock = try HomeLock(home: home.path)
        defer { withExtendedLifetime(lock) {} }
        for path in home.parts + [home.journalFile] where FileManager.default.fileExists(atPath: path) {
            throw BackupFailure.exists(path)
        }
        let workshop = NodeHome(path: home.path + "/" + Self.workshop)
        // What an earlier attempt left.
        try? FileManager.default.removeItem(atPath: workshop.path)
        try Files.makeDirectory(workshop.path)
        defer { try? FileManager.default.removeItem(atPath: workshop.path) }
        let contents = try await fill(workshop, from: &decoder)
        try check(workshop, chain, height)
        try moveIn(workshop)
        return Summary(
            chain: "\(chain)", height: height, contents: contents,
            hasKeys: NodeHome.keyFiles.allSatisfy { FileManager.default.fileExists(atPath: "\(home.path)/\($0)") })
    }

    /// Writes what the backup holds, to its end.
    ///
    /// - Returns: How many pieces of content there were.
    private func fill(_ workshop: NodeHome, from decoder: inout BackupDecoder) async throws -> Int {
        let databases = (
            chain: try LevelDB(path: workshop.chainDirectory), state: try LevelDB(path: workshop.stateDirectory),
            custody: try LevelDB(path: workshop.custodyDirectory, options: .small)
        )
        var contentStore: FileContentStore?
        var contents = 0
        while let record = try decoder.next() {
            switch record {
            case .file(let path, let bytes): try write(bytes, to: path, in: workshop)
            case .entries(let part, let entries):
                var batch = WriteBatch()
                for entry in entries { batch.put(entry.key, entry.value) }
                let database: LevelDB =
                    switch part {
                    case .chain: databases.chain
                    case .state: databases.state
                    case .custody: databases.custody
                    }
                database.write(batch, isSynced: false)
            case .content(let id, let bytes):
                // Room for the chain is for whoever runs the validator to keep.
                let store = try contentStore ?? FileContentStore(root: workshop.contentDirectory, reserve: 0)
                contentStore = store
                try await store.put([try Content(bytes, named: id)])
                contents += 1
            case .begin, .end, .abandoned: break
            }
        }
        for database in [databases.chain, databases.state, databases.custody] {
            database.write(WriteBatch(), isSynced: true)
        }
        return contents
    }

    private func write(_ bytes: [UInt8], to path: String, in workshop: NodeHome) throws {
        guard NodeHome.isBackedUp(path) else { throw BackupFailure.notABackup }
        let file = "\(workshop.path)/\(path)"
        try Files.makeDirectory((file as NSString).deletingLastPathComponent)
        try Files.writePrivate(file, bytes)
    }

    /// Opens what was written as the next start would: the chain is the one that was promised and the state follows from
    /// it.
    private func check(_ workshop: NodeHome, _ chain: ChainID, _ height: Height) throws {
        let genesis = try workshop.genesis()
        guard genesis.chain == chain else {
            throw BackupFailure.otherChain(expected: "\(chain)", found: "\(genesis.chain)")
        }
        let store = try LedgerStore(
            chain: try LevelDB(path: workshop.chainDirectory), state: try LevelDB(path: workshop.stateDirectory),
            genesis: genesis)
        guard store.height == height else { throw BackupFailure.damaged(record: 0) }
    }

    /// Gives everything its place, the chain last: a home without it holds nothing yet.
    private func moveIn(_ workshop: NodeHome) throws {
        let manager = FileManager.default
        func move(_ name: String) throws {
            guard manager.fileExists(atPath: "\(workshop.path)/\(name)") else { return }
            guard rename("\(workshop.path)/\(name)", "\(home.path)/\(name)") == 0 else {
                throw BackupFailure.file("\(home.path)/\(name) cannot be written: \(String(cString: strerror(errno)))")
            }
        }
        // What is there already was put there by whoever restores.
        for name in ["genesis.cbor", "node.json", "keys", "evidence"]
        where !manager.fileExists(atPath: "\(home.path)/\(name)") { try move(name) }
        for name in ["content", "custody", "state", "chain"] { try move(name) }
        let directory = open(home.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        defer { close(directory) }
        fsync(directory)
    }
}

extension NodeHome {
    /// What a home holds that is not put there by its operator.
    fileprivate var parts: [String] { [chainDirectory, stateDirectory, custodyDirectory, contentDirectory] }
}
