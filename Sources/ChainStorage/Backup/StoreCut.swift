internal import Codec

/// A home's databases as they are at one moment, however much is written while they are read.
///
/// A home whose process was killed at that moment would hold the same, and goes on from it in the same way: custody is
/// looked at first, then the state, then the chain, so that nothing is ahead of the chain that it follows from. Takes no
/// copy and little memory; what is deleted meanwhile stays on the disk until the cut goes. Belongs to one thread.
public final class StoreCut {
    /// The last block.
    public let tip: ChainTip
    private var rest: [(part: BackupRecord.Part, walk: LevelDBWalk)]

    /// Looks at open databases.
    ///
    /// - Parameter custody: Nothing for a home that has none yet.
    /// - Throws: When the home has no chain, or is being filled from a snapshot.
    public init(chain: LevelDB, state: LevelDB, custody: LevelDB?) throws(StorageFailure) {
        let custody = custody.map { (part: BackupRecord.Part.custody, walk: $0.walk()) }
        let state = (part: BackupRecord.Part.state, walk: state.walk())
        let blocks = chain.walk()
        if try blocks.value(KeySpace.join) != nil { throw .unfinished }
        guard let bytes = try blocks.value(KeySpace.head), let tip = try? ChainTip(decoding: bytes) else {
            throw .damaged(record: KeySpace.describeChain(KeySpace.head))
        }
        self.tip = tip
        rest = [(part: .chain, walk: blocks), state] + (custody.map { [$0] } ?? [])
    }

    /// The next entries, about a mebibyte of them; nothing when all have been given.
    public func next() throws(StorageFailure) -> BackupRecord? {
        while let (part, walk) = rest.first {
            let entries: [DatabaseEntry]
            do throws(DatabaseFailure) { entries = try walk.next(bytes: BackupRecord.pageBytes) } catch {
                throw .database(error)
            }
            if !entries.isEmpty { return .entries(part, entries) }
            rest.removeFirst()
        }
        return nil
    }
}

extension LevelDBWalk {
    fileprivate func value(_ key: [UInt8]) throws(StorageFailure) -> [UInt8]? {
        do throws(DatabaseFailure) { return try get(key) } catch { throw .database(error) }
    }
}
