package import ChainStorage
package import Codec
package import Ledger

/// What the chain says is to be deleted here, from the block that says so until everybody has confirmed; kept in the
/// custody database, so that no kill and no outage makes a validator forget it.
package struct ErasureLog: Sendable {
    /// A document or grant of which something may be left.
    package struct Entry: Hashable, Sendable {
        /// What was erased or has ended.
        package let subject: Subject
        /// How many pieces of content stay because others name them; nothing before the deletion.
        package let kept: Int?
    }

    private let database: any Database

    /// - Parameter database: The custody database.
    package init(database: any Database) { self.database = database }

    /// The last block that was read for erasures.
    package func height() throws(DatabaseFailure) -> Height {
        guard let bytes = try database.get(CustodyKeySpace.erasureHeight) else { return .genesis }
        return Height(rawValue: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// What is not finished, documents before grants.
    package func entries() throws(DatabaseFailure) -> [Entry] {
        var entries: [Entry] = []
        var start = CustodyKeySpace.erasures
        while true {
            let page = try database.scan(from: start, to: CustodyKeySpace.afterErasures, limit: 256)
            for found in page {
                guard let subject = try? Subject(decoding: Array(found.key.dropFirst())) else {
                    throw .damaged(path: "custody", detail: "erasure")
                }
                let kept = found.value.isEmpty ? nil : found.value.reduce(0) { $0 << 8 | Int($1) }
                entries.append(Entry(subject: subject, kept: kept))
            }
            guard page.count == 256, let last = page.last else { return entries }
            start = last.key + [0]
        }
    }

    /// Takes note of what blocks up to `height` erase; one batch, so that neither is there without the other.
    package func note(_ subjects: [Subject], upTo height: Height) throws(DatabaseFailure) {
        var batch = WriteBatch()
        for subject in subjects {
            let key = CustodyKeySpace.erasure(subject)
            if try database.get(key) == nil { batch.put(key, []) }
        }
        batch.put(CustodyKeySpace.erasureHeight, withUnsafeBytes(of: height.rawValue.bigEndian) { Array($0) })
        database.write(batch, isSynced: !subjects.isEmpty)
    }

    /// Takes note that what was held is deleted.
    package func settle(_ subject: Subject, kept: Int) {
        var batch = WriteBatch()
        let count = UInt32(clamping: kept)
        batch.put(CustodyKeySpace.erasure(subject), withUnsafeBytes(of: count.bigEndian) { Array($0) })
        database.write(batch, isSynced: true)
    }

    /// Nothing is left to do.
    package func remove(_ subject: Subject) {
        var batch = WriteBatch()
        batch.delete(CustodyKeySpace.erasure(subject))
        database.write(batch, isSynced: false)
    }
}
