public import ChainStorage
public import Codec
internal import Foundation
internal import Ledger

/// Checks everything that a stopped validator has on disk.
public struct HomeCheck {
    private let home: NodeHome
    private let lock: HomeLock

    /// - Throws: ``HomeLock/Held`` while a validator runs in the home.
    public init(home: NodeHome) throws {
        self.home = home
        lock = try HomeLock(home: home.path)
    }

    /// Reads every file of the databases, then derives everything again from the blocks.
    ///
    /// - Parameter progress: Called after each block with its height and the last one's.
    /// - Throws: ``IntegrityFinding``: the first difference; anything else is a failure to look.
    public func run(progress: @escaping (Height, Height) -> Void) throws -> IntegrityCheck.Summary {
        defer { withExtendedLifetime(lock) {} }
        let genesis = try home.genesis()
        for directory in [home.chainDirectory, home.stateDirectory, home.custodyDirectory]
        where FileManager.default.fileExists(atPath: directory) {
            if let finding = IntegrityCheck.checkFiles(of: directory) { throw finding }
        }
        if JournalFile.exists(path: home.journalFile) {
            do throws(JournalFailure) { _ = try JournalFile.open(path: home.journalFile) } catch {
                throw IntegrityFinding.journal(error)
            }
        }
        let chain = try LevelDB(path: home.chainDirectory)
        let state = try LevelDB(path: home.stateDirectory)
        do throws(StorageFailure) {
            // Brings the state up to the blocks, as the next start would.
            _ = try LedgerStore(chain: chain, state: state, genesis: genesis)
        } catch { throw IntegrityFinding.store(error) }
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
