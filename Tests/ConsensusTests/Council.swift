import Codec
import Consensus
import Cryptography
import Simulation

/// Four validators of whom one is under test: makes what the other three would send.
struct Council {
    static let chain = Digest.sha256(Array("council".utf8))
    static let opening = BlockReference(hash: .sha256([0]), parent: .zero, height: .genesis)
    static let pace = Pace(delay: .seconds(1), work: .zero)

    let keys = SymbolicKeys(count: 4)
    let validators = SymbolicKeys.validators(4)
    let leaders: LeaderSchedule

    init() { leaders = LeaderSchedule(opening: Self.opening.hash, validators: validators) }

    /// The validator that leads view 1, and one that does not lead views 1 to 3.
    var firstLeader: ValidatorIndex { leaders[View(rawValue: 1)] }
    var follower: ValidatorIndex { leaders[View(rawValue: 4)] }

    func configuration(_ index: ValidatorIndex) -> Engine.Configuration {
        Engine.Configuration(
            chain: Self.chain, epoch: .first, opening: Self.opening, validators: validators, index: index,
            pace: Self.pace, incarnation: 7)
    }

    /// An engine that has started, with transactions waiting.
    func engine(
        _ index: ValidatorIndex, records: [Journal.Record] = [], mutation: Mutation = []
    ) -> Engine {
        var engine = Engine(
            configuration(index), signer: keys.signer(index.rawValue), verifier: keys, records: records, floor: nil,
            mutation: mutation)
        _ = engine.step(.start, now: .start)
        _ = engine.step(.pending(true), now: .start)
        return engine
    }

    func block(on parent: BlockReference = Council.opening, tag: UInt8 = 1) -> BlockReference {
        BlockReference(hash: .sha256(parent.hash.bytes + [tag]), parent: parent.hash, height: parent.height.next)
    }

    func proposal(_ view: UInt64, parent: UInt64 = 0, _ block: BlockReference) -> Proposal {
        guard
            let proposal = Proposal(
                epoch: .first, view: View(rawValue: view), parentView: View(rawValue: parent), block: block)
        else { preconditionFailure("a parent's view is below") }
        return proposal
    }

    func vote(_ statement: Statement, _ signer: ValidatorIndex) -> Vote {
        Vote(
            statement: statement, signer: signer,
            signature: keys.signer(signer.rawValue).sign(statement.digest(chain: Self.chain)))
    }

    func nullify(_ view: UInt64) -> Statement { .nullify(epoch: .first, view: View(rawValue: view)) }

    /// A certificate by three of the four.
    func certificate(_ statement: Statement, without absent: ValidatorIndex) -> Certificate {
        Certificate(
            statement: statement, votes: validators.indices.filter { $0 != absent }.map { vote(statement, $0) })
    }

    /// The proposal of its view's leader.
    func propose(_ proposal: Proposal, _ justification: [Certificate] = []) -> Input {
        let leader = leaders[proposal.view]
        return .message(
            .propose(Propose(vote: vote(.notarize(proposal), leader), justification: Justification(justification))),
            from: leader)
    }

    func others(than index: ValidatorIndex) -> [ValidatorIndex] { validators.indices.filter { $0 != index } }
}

extension Instant {
    /// When the tests begin.
    static let start = Instant(microseconds: 1_000_000_000)
}

extension [Effect] {
    /// The votes that are sent, inside proposals or alone.
    var votes: [Statement] {
        compactMap {
            switch $0 {
            case .send(.vote(let vote), _): vote.statement
            case .send(.propose(let propose), _): propose.vote.statement
            default: nil
            }
        }
    }

    /// The certificates that are sent.
    var certificates: [Statement] {
        compactMap { if case .send(.certificate(let certificate), _) = $0 { certificate.statement } else { nil } }
    }

    /// The votes that are made durable.
    var durableVotes: [Statement] {
        flatMap { effect -> [Statement] in
            guard case .persist(let records) = effect else { return [] }
            return records.compactMap { if case .vote(let vote) = $0 { vote.statement } else { nil } }
        }
    }

    /// All that is made durable.
    var records: [Journal.Record] {
        flatMap { effect -> [Journal.Record] in if case .persist(let records) = effect { records } else { [] } }
    }

    /// The blocks that are to be executed.
    var executions: [BlockReference] {
        compactMap { if case .execute(let block, _) = $0 { block } else { nil } }
    }

    /// The blocks that have become final.
    var final: [BlockReference] {
        compactMap { if case .finalized(let certificate) = $0 { certificate.finalBlock } else { nil } }
    }

    /// The blocks to build on.
    var builds: [BlockReference] {
        compactMap { if case .build(_, let parent) = $0 { parent } else { nil } }
    }

    /// Those who are shown to have contradicted themselves.
    var offenders: [ValidatorIndex] {
        compactMap { if case .evidence(let evidence) = $0 { evidence.offender } else { nil } }
    }
}
