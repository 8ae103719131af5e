internal import Consensus
internal import Cryptography
internal import Ledger

/// The epoch that a replica is in: who decides in it, and under which numbers this node reaches them.
///
/// A validator's *place* is where it stands in the epoch's set, and what votes name. A node's *number* is what the host
/// calls it, whatever sets it belongs to. Both count from 0, and in the first epoch they are the same.
struct Term: Sendable {
    let epoch: Epoch
    /// The block that the epoch began with.
    let opening: BlockReference
    let validators: ValidatorSet
    let verifier: any VoteVerifier
    private let leaders: LeaderSchedule
    private var numbers: [ValidatorIndex?] = []

    /// The epoch of the next block of a chain. The set comes from the state, never from the genesis file.
    init<Store: ChainReader>(over store: Store, nodes: [PublicKey], verifier: (any VoteVerifier)?) {
        epoch = store.epoch
        let header = store.opening(of: epoch)
        opening = BlockReference(header, hash: header.hash)
        guard let validators = ValidatorSet(store.validatorSet.keys.compactMap(\.publicKey)),
            validators.count == store.validatorSet.keys.count
        else { preconditionFailure("the state's validators are different keys on the curve") }
        self.validators = validators
        self.verifier = (verifier ?? validators).serving(validators)
        leaders = LeaderSchedule(opening: opening.hash, validators: validators)
        meet(nodes)
    }

    /// Learns under which numbers nodes are reached.
    mutating func meet(_ nodes: [PublicKey]) {
        numbers = validators.keys.map { key in nodes.firstIndex(of: key).map(ValidatorIndex.init(rawValue:)) }
    }

    /// The place of a node, nothing when it is no validator of the epoch.
    func place(of node: ValidatorIndex) -> ValidatorIndex? {
        numbers.firstIndex(of: node).map(ValidatorIndex.init(rawValue:))
    }

    /// The number of the validator at a place, nothing while this node cannot reach it.
    func node(at place: ValidatorIndex) -> ValidatorIndex? {
        numbers.indices.contains(place.rawValue) ? numbers[place.rawValue] : nil
    }

    /// The numbers of those who can be reached.
    func nodes(at places: some Sequence<ValidatorIndex>) -> [ValidatorIndex] { places.compactMap { node(at: $0) } }

    /// The place of a view's leader.
    func leader(of view: View) -> ValidatorIndex { leaders[view] }

    /// Whether a certificate makes its block final in this epoch.
    func isFinalization(_ certificate: Certificate, on chain: ChainID) -> Bool {
        guard certificate.epoch == epoch, certificate.statement.kind == .finalize else { return false }
        do {
            try certificate.verify(chain: chain.digest, validators: validators, with: verifier) { _ in false }
            return true
        } catch {
            return false
        }
    }
}
