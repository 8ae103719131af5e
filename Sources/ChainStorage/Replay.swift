internal import Codec
internal import Consensus
internal import Cryptography
internal import Ledger

/// The state before the block at `height`, while the chain may be ahead of it.
struct ReplayReader: LedgerReader {
    let blocks: BlockStore
    let state: StateStore
    let height: Height

    func value(_ key: StateKey) -> [UInt8]? { state.value(key) }

    func contains(_ transaction: TransactionID) -> Bool {
        answered { () throws(StorageFailure) in
            try blocks.location(of: transaction).map { $0.height < height } ?? false
        }
    }
}

extension FinalizedBlock {
    /// Executes a stored block again and compares what comes out with its header.
    ///
    /// - Parameter supported: The newest rules that blocks are executed by.
    init(
        replaying block: Block, certificate: Certificate? = nil, over reader: ReplayReader,
        supporting supported: ProtocolVersion = .latest
    ) throws(StorageFailure) {
        let header = block.header
        let version = reader.protocolRecord.version(at: header.height)
        guard version <= supported else {
            throw .newerRules(ProtocolActivation(version: version, height: header.height))
        }
        let context = BlockContext(height: header.height, time: header.time)
        let execution: Execution
        do throws(BlockInvalid) {
            execution = try Transition.execute(block.transactions, at: context, over: reader)
        } catch { throw .contradiction(height: header.height, field: "transaction list") }
        guard Block.receiptsRoot(of: execution.receipts) == header.receiptsRoot else {
            throw .contradiction(height: header.height, field: "receipts root")
        }
        guard execution.nextValidators?.hash ?? header.validatorsHash == header.nextValidatorsHash else {
            throw .contradiction(height: header.height, field: "next validators")
        }
        let update = StateTree.update(
            execution.changes, to: reader.state.root, version: header.height, in: reader.state)
        guard update.root.hash == header.stateRoot else {
            throw .contradiction(height: header.height, field: "state root")
        }
        self.init(block: block, certificate: certificate, execution: execution, update: update)
    }
}
