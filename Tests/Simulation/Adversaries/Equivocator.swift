import Codec
import Consensus
import Cryptography

/// Proposes two blocks at once, casts every vote for everything to random subsets, passes certificates on to random
/// subsets, and lies about the gap below its proposals.
package final class Equivocator: Participant {
    private let index: Int
    private unowned let cluster: Cluster
    private let configuration: Engine.Configuration
    private let leaders: LeaderSchedule
    private var blocks: [Digest: SimulatedBlock] = [:]
    private var spoken: Set<Statement> = []
    private var certificates: [View: [Statement.Kind: Certificate]] = [:]
    private var led: Set<View> = []

    init(index: Int, cluster: Cluster, configuration: Engine.Configuration) {
        self.index = index
        self.cluster = cluster
        self.configuration = configuration
        leaders = LeaderSchedule(opening: configuration.opening.hash, validators: configuration.validators)
    }

    package func wake() {}

    package func receive(_ packet: EnginePacket, from sender: Int) {
        switch packet {
        case .proposal(.propose(let propose), let block):
            blocks[block.reference.hash] = block
            for certificate in propose.justification.certificates { learn(certificate) }
            if let proposal = propose.vote.statement.proposal { voteAll(proposal) }
            lead(propose.vote.statement.view.next)
        case .message(.vote(let vote)):
            if let proposal = vote.statement.proposal { voteAll(proposal) } else { say(vote.statement) }
        case .message(.certificate(let certificate)):
            learn(certificate)
            lead(certificate.view.next)
        case .fetch(let hash):
            if let block = blocks[hash], cluster.random.chance(0.5) {
                cluster.send(.blocks([block]), from: index, to: sender)
            }
        case .message, .proposal, .blocks: break
        }
    }

    private func learn(_ certificate: Certificate) {
        let isNew =
            certificates[certificate.view, default: [:]].updateValue(
                certificate, forKey: certificate.statement.kind) == nil
        if isNew { scatter(.message(.certificate(certificate))) }
    }

    /// Backs a proposal in every way there is.
    private func voteAll(_ proposal: Proposal) {
        say(.notarize(proposal))
        say(.finalize(proposal))
        say(.nullify(epoch: proposal.epoch, view: proposal.view))
    }

    private func say(_ statement: Statement) {
        guard spoken.insert(statement).inserted else { return }
        scatter(.message(.vote(sign(statement))))
    }

    private func sign(_ statement: Statement) -> Vote {
        let signature = cluster.keys.signer(index).sign(statement.digest(chain: configuration.chain))
        return Vote(statement: statement, signer: ValidatorIndex(rawValue: index), signature: signature)
    }

    private func scatter(_ packet: EnginePacket) {
        for peer in configuration.validators.keys.indices where peer != index && cluster.random.chance(0.5) {
            cluster.send(packet, from: index, to: peer)
        }
    }

    /// Proposes two blocks in its own view, half of the time with a gap in the justification.
    private func lead(_ view: View) {
        guard leaders[view].rawValue == index, led.insert(view).inserted else { return }
        var justification: [Certificate] = []
        var parent: Certificate?
        var below = view.rawValue - 1
        while below > 0 {
            let known = certificates[View(rawValue: below)] ?? [:]
            let preferGap = known[.nullify] != nil && cluster.random.chance(0.5)
            if let foundation = known[.finalize] ?? (preferGap ? nil : known[.notarize]) {
                parent = foundation
                break
            }
            if let nullification = known[.nullify] {
                justification.append(nullification)
            } else if cluster.random.chance(0.5) {
                return
            }
            below -= 1
        }
        let base = parent?.proposal?.block ?? configuration.opening
        for _ in 0..<2 {
            let block = SimulatedBlock(on: base, tag: cluster.random.next(), isValid: cluster.random.chance(0.9))
            guard
                let proposal = Proposal(
                    epoch: configuration.epoch, view: view, parentView: parent?.view ?? .genesis, block: block.reference
                )
            else { continue }
            blocks[block.reference.hash] = block
            let carried = Justification(([parent].compactMap { $0 } + justification).sorted { $0.view < $1.view })
            let propose = Propose(vote: sign(.notarize(proposal)), justification: carried)
            scatter(.proposal(.propose(propose), block))
            voteAll(proposal)
        }
    }
}
