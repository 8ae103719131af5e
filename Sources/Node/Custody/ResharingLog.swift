internal import ChainStorage
internal import Codec
internal import Ledger

/// For which grants this validator may be dealt a share, and how far blocks were read for them; kept in the custody
/// database, so that a validator that was down learns of them.
struct ResharingLog: Sendable {
    private let database: any Database

    /// - Parameter database: The custody database.
    init(database: any Database) { self.database = database }

    /// The last block that was read.
    func height() throws(DatabaseFailure) -> Height {
        guard let bytes = try database.get(CustodyKeySpace.resharingHeight) else { return .genesis }
        return Height(rawValue: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// The grants, ascending.
    func grants() throws(DatabaseFailure) -> [GrantID] {
        var grants: [GrantID] = []
        var start = CustodyKeySpace.expectations
        while true {
            let page = try database.scan(from: start, to: CustodyKeySpace.afterExpectations, limit: 256)
            grants += page.compactMap { CustodyKeySpace.grant(inFragmentKey: $0.key) }
            guard page.count == 256, let last = page.last else { return grants }
            start = last.key + [0]
        }
    }

    /// Takes note of what blocks up to `height` began; one batch, so that neither is there without the other.
    func note(_ grants: [GrantID], upTo height: Height) {
        var batch = WriteBatch()
        for grant in grants { batch.put(CustodyKeySpace.expectation(grant), []) }
        batch.put(CustodyKeySpace.resharingHeight, withUnsafeBytes(of: height.rawValue.bigEndian) { Array($0) })
        database.write(batch, isSynced: !grants.isEmpty)
    }

    /// Nothing more is expected of a grant.
    func remove(_ grant: GrantID) {
        var batch = WriteBatch()
        batch.delete(CustodyKeySpace.expectation(grant))
        database.write(batch, isSynced: false)
    }
}
