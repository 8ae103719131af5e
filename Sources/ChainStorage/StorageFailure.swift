public import Codec
public import Ledger

/// Why stored records cannot be used.
public enum StorageFailure: Error, Hashable, Sendable {
    /// The database does not answer.
    case database(DatabaseFailure)
    /// A record is missing or is not what it should be; `careledger-validator check` says more.
    case damaged(record: String)
    /// The home belongs to another chain than the genesis file.
    case otherChain(expected: ChainID, found: ChainID)
    /// A later version of the program wrote it.
    case unknownFormat(UInt64)
    /// Executing a stored block again does not give what its header says.
    case contradiction(height: Height, field: String)
    /// A stored block is executed by rules that this program does not have.
    case newerRules(ProtocolActivation)
    /// The home was filled from a snapshot and does not have what histories tell of blocks up to it.
    case notKept(before: Height)
    /// The home is being filled from a snapshot.
    case unfinished
}

extension StorageFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .database(let failure): "\(failure)"
        case .damaged(let record): "the \(record) is missing or damaged"
        case .otherChain(let expected, let found):
            "the home is of chain \(found), the genesis file of chain \(expected)"
        case .unknownFormat(let version): "the home has format \(version), which this version does not know"
        case .notKept(let height):
            "this node was filled from the snapshot of block \(height) and does not keep what histories tell up to it: ask "
                + "another node"
        case .unfinished: "the home is being filled from a snapshot: run the validator until it has ended"
        case .newerRules(let activation):
            "from block \(activation.height) on the chain follows version \(activation.version) of the rules, which this program does "
                + "not have: install a newer one"
        case .contradiction(let height, let field): "the \(field) of height \(height) does not follow from its block"
        }
    }
}

extension Database {
    func value(_ key: [UInt8]) throws(StorageFailure) -> [UInt8]? {
        do throws(DatabaseFailure) { return try get(key) } catch { throw .database(error) }
    }

    func entries(from start: [UInt8], to end: [UInt8]?, limit: Int) throws(StorageFailure) -> [DatabaseEntry] {
        do throws(DatabaseFailure) {
            return try scan(from: start, to: end, limit: limit)
        } catch { throw .database(error) }
    }
}

/// For the rules, which know no I/O: a ledger that cannot be read any more ends the process.
package func answered<Value>(_ read: () throws(StorageFailure) -> Value) -> Value {
    do throws(StorageFailure) { return try read() } catch { DiskRefusal.end("read", "the ledger's store", "\(error)") }
}
