import Codec
package import Consensus
import Cryptography
package import Ledger
package import Replication

/// A dishonest validator: an honest replica runs behind it, and the adversary decides what of it is said, what else is
/// said, and what the replica hears.
package protocol Adversary: AnyObject {
    /// The honest replica would send this.
    func say(_ packet: Replication.Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice)
    /// Something arrives; the replica hears of it when the answer is yes.
    func hear(_ packet: Replication.Packet, from sender: Int, _ voice: Voice) -> Bool
    /// A second has passed.
    func act(_ voice: Voice)
}

extension Adversary {
    package func say(_ packet: Replication.Packet, to recipient: Consensus.Effect.Recipient, _ voice: Voice) {
        voice.send(packet, to: recipient)
    }

    package func hear(_ packet: Replication.Packet, from sender: Int, _ voice: Voice) -> Bool { true }

    package func act(_ voice: Voice) {}
}

/// What an adversary has of a validator: its key, its place, its links and its store.
package struct Voice {
    private let machine: ReplicaValidator
    private let cluster: ReplicaCluster

    init(_ machine: ReplicaValidator, _ cluster: ReplicaCluster) {
        self.machine = machine
        self.cluster = cluster
    }

    package var index: ValidatorIndex { ValidatorIndex(rawValue: machine.index) }
    package var slot: Int { machine.slot }
    package var validators: ValidatorSet { cluster.validators }
    package var peers: [ValidatorIndex] { cluster.validators.indices.filter { $0 != index } }
    package var store: StoredChain? { machine.disk.store }
    package var view: View { machine.replica?.report.view ?? .genesis }
    package var highest: UInt64 { cluster.checkers.height }
    package var consortium: Consortium {
        get { cluster.consortium }
        nonmutating set { cluster.consortium = newValue }
    }

    package func leader(of view: View) -> ValidatorIndex { cluster.leaders[view] }

    package func send(_ packet: Replication.Packet, to recipient: Consensus.Effect.Recipient, after delay: Int64 = 0) {
        cluster.send(packet, from: machine.index, to: recipient, lag: delay)
    }

    package func send(_ packet: Replication.Packet, to peers: [ValidatorIndex], after delay: Int64 = 0) {
        for peer in peers { send(packet, to: .one(peer), after: delay) }
    }

    /// A random half of the others.
    package func someone() -> [ValidatorIndex] { peers.filter { _ in chance(0.5) } }

    package func chance(_ probability: Double) -> Bool { cluster.random.chance(probability) }
    package func number(below limit: UInt64) -> UInt64 { cluster.random.next() % limit }
    package func pick<Element>(_ choices: [Element]) -> Element { cluster.random.pick(choices) }

    /// Signs anything with the validator's key.
    package func sign(_ statement: Statement, as claimed: ValidatorIndex? = nil) -> Vote {
        let digest = statement.digest(chain: cluster.genesis.chain.digest)
        return Vote(
            statement: statement, signer: claimed ?? index, signature: cluster.keys.signer(machine.index).sign(digest))
    }

    package func vote(_ statement: Statement) -> Replication.Packet { .consensus(.vote(sign(statement)), nil) }

    /// Where whoever is sent to.
    package func recipients(_ recipient: Consensus.Effect.Recipient) -> [ValidatorIndex] {
        switch recipient {
        case .all: peers
        case .one(let peer): [peer]
        }
    }

    /// A proposal of this validator for another block than the one it was built with.
    package func propose(
        _ block: Block, like propose: Propose, parentView: View? = nil, justification: Justification? = nil
    ) -> Replication.Packet? {
        guard let old = propose.vote.statement.proposal,
            let proposal = Proposal(
                epoch: old.epoch, view: old.view, parentView: parentView ?? old.parentView,
                block: BlockReference(block.header, hash: block.header.hash))
        else { return nil }
        let vote = sign(.notarize(proposal))
        return .consensus(
            .propose(Propose(vote: vote, justification: justification ?? propose.justification)), block)
    }
}
