internal import Codec
internal import Cryptography
internal import Ledger

/// Checks that a test leaves out on purpose, to see that the simulator notices. A program leaves out none.
extension Replica {
    /// Carries out a check of a block, unless a test leaves out the one that fails.
    func check(_ body: () throws(BlockRefusal) -> Void) throws(BlockRefusal) {
        do throws(BlockRefusal) { try body() } catch {
            switch error {
            case .invalid(let name) where skippedChecks.contains(name): break
            case .early where skippedChecks.contains("early"): break
            default: throw error
            }
        }
    }

    /// Executes a block and compares what its header promises, but for what a test leaves out.
    func execute(_ block: Block, hash: BlockHash, over reader: OverlayReader<Store>) throws(BlockRefusal) -> Overlay {
        do throws(BlockRefusal) { return try BlockRules.execute(block, hash: hash, over: reader) } catch {
            guard case .invalid(let name) = error, skippedChecks.contains(name) else { throw error }
        }
        let (parent, context) = (reader.position, BlockContext(height: block.header.height, time: block.header.time))
        do throws(BlockInvalid) {
            let execution = try Transition.execute(block.transactions, at: context, over: reader)
            let update = StateTree.update(execution.changes, to: parent.state, version: context.height, in: reader)
            return Overlay(block, hash: hash, ancestry: parent.ancestry, execution: execution, update: update)
        } catch { throw .invalid("transactions") }
    }
}
