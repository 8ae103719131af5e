public import ChainStorage
public import Codec
internal import ContentStorage
internal import Cryptography
internal import Foundation
internal import Ledger

/// Checks everything that a stopped validator has on disk.
public struct HomeCheck: Sendable {
    /// What was found to be right.
    public struct Summary: Hashable, Sendable {
        /// Blocks, transactions and records.
        public let ledger: IntegrityCheck.Summary
        /// Files of sealed content.
        public let contents: Int
    }

    private let home: NodeHome
    private let lock: HomeLock

    /// - Throws: ``HomeLock/Held`` while a validator runs in the home.
    public init(home: NodeHome) throws {
        self.home = home
        _ = try home.configuration()
        lock = try HomeLock(home: home.path)
    }

    /// Reads every file of the databases, the journal and the content store, then derives everything again from the
    /// blocks.
    ///
    /// - Parameter progress: Called after each block with its height and the last one's.
    /// - Throws: ``IntegrityFinding``: the first difference; anything else is a failure to look.
    public func run(progress: @escaping (Height, Height) -> Void) async throws -> Summary {
        defer { withExtendedLifetime(lock) {} }
        let genesis = try home.genesis()
        let keys = try home.keys()
        // A check makes nothing: a home that has a chain is not at its first start any more.
        guard FileManager.default.fileExists(atPath: home.chainDirectory) else {
            throw DatabaseFailure.missing(path: home.chainDirectory)
        }
        try checkFiles()
        let contents = try await checkContents()
        let ledger = try checkLedger(genesis, keys, progress)
        return Summary(ledger: ledger, contents: contents)
    }

    private func checkFiles() throws {
        for directory in [home.chainDirectory, home.stateDirectory, home.custodyDirectory]
        where FileManager.default.fileExists(atPath: directory) {
            if let finding = IntegrityCheck.checkFiles(of: directory) { throw finding }
        }
        if JournalFile.exists(path: home.journalFile) {
            do throws(JournalFailure) { _ = try JournalFile.open(path: home.journalFile) } catch {
                throw IntegrityFinding.journal(error)
            }
        }
    }

    /// Compares every file of content with its name.
    private func checkContents() async throws -> Int {
        guard FileManager.default.fileExists(atPath: home.contentDirectory) else { return 0 }
        let mark = PlacementMark(in: home.contentDirectory)
        if mark.isDamaged { throw IntegrityFinding.content(path: mark.path) }
        let store = try FileContentStore(root: home.contentDirectory)
        var count = 0
        for shard in UInt8.min...UInt8.max {
            for entry in try await store.list(shard: shard) {
                do throws(ContentFailure) {
                    if try await store.get(entry.id) != nil { count += 1 }
                } catch { throw IntegrityFinding.content(path: store.path(of: entry.id)) }
            }
        }
        return count
    }

    private func checkLedger(
        _ genesis: Genesis, _ keys: NodeKeys, _ progress: @escaping (Height, Height) -> Void
    ) throws -> IntegrityCheck.Summary {
        let chain = try LevelDB(path: home.chainDirectory)
        let state = try LevelDB(path: home.stateDirectory)
        let store: LedgerStore
        do throws(StorageFailure) {
            // Brings the state up to the blocks, as the next start would.
            store = try LedgerStore(chain: chain, state: state, genesis: genesis)
        } catch { throw IntegrityFinding.store(error) }
        try keys.check(store.record(ValidatorID(consensusKey: keys.consensus.publicKey)))
        let scratch = home.path + "/check-\(ProcessInfo.processInfo.processIdentifier)"
        try? FileManager.default.removeItem(atPath: scratch)
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        var check = IntegrityCheck(genesis: genesis)
        check.progress = progress
        return try check.check(
            chain: chain, state: state,
            scratch: (try LevelDB(path: scratch + "/chain"), try LevelDB(path: scratch + "/state")))
    }
}
