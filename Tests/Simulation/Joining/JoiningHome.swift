package import ChainStorage
import Codec
package import Consensus
import Cryptography
package import Ledger
package import Replication

/// A home that is filled from a snapshot: the store that ships, and the joiner that says what goes into it.
package final class JoiningHome {
    package let chain: any Database
    package let state: any Database
    package let genesis: Genesis
    private let keys: SymbolicKeys
    private var store: JoinStore
    package private(set) var joiner: Joiner
    package private(set) var isFinished = false
    /// How many blocks and pieces were stored, over all starts.
    package private(set) var blocks = 0
    package private(set) var pieces = 0

    package init(chain: any Database, state: any Database, genesis: Genesis, keys: SymbolicKeys) throws {
        (self.chain, self.state, self.genesis, self.keys) = (chain, state, genesis, keys)
        store = try JoinStore(chain: chain, state: state, genesis: genesis)
        joiner = Joiner(Self.position(of: store, genesis), verifier: keys)
    }

    /// The process ends and starts again.
    package func restart() throws {
        store = try JoinStore(chain: chain, state: state, genesis: genesis)
        joiner = Joiner(Self.position(of: store, genesis), verifier: keys)
    }

    /// Whether the state is what is fetched.
    package var isFetchingState: Bool { store.isFetchingState }

    private static func position(of store: JoinStore, _ genesis: Genesis) -> Joiner.Position {
        let header = store.header
        let record = store.opening(of: header.nextEpoch)?.validators ?? genesis.validatorSet
        return Joiner.Position(
            header: header, ancestry: store.tip.ancestry, validators: LongLedger.set(of: record),
            isFetchingState: store.isFetchingState, path: store.path)
    }

    /// Lets the joiner decide, stores what it says, and returns what is to be sent.
    package func handle(_ event: Joiner.Event, now: Instant) throws -> [(message: JoinMessage, peer: ValidatorIndex)] {
        var sends: [(JoinMessage, ValidatorIndex)] = []
        for effect in joiner.handle(event, now: now) {
            switch effect {
            case .send(let message, let peer): sends.append((message, peer))
            case .append(let block, let certificate, let receipts, let next):
                store.append([(block, certificate, receipts, next)])
                blocks += 1
            case .beginState: store.beginState()
            case .abandonState: store.abandonState()
            case .add(let leaves):
                store.add(leaves)
                pieces += 1
            case .divide: store.divide()
            case .finish:
                try store.finish()
                isFinished = true
            }
        }
        return sends
    }
}
