public import Codec
public import Consensus
public import Ledger

/// How a replica is doing, and what it waits for: what an operator asks when nothing moves.
public struct ReplicaReport: Hashable, Sendable {
    /// What consensus waits for.
    public var engine: EngineReport
    /// The epoch.
    public var epoch: Epoch
    /// Who decides in it.
    public var validators: ValidatorSet
    /// This node's place among them; nothing while it only follows.
    public var place: ValidatorIndex?
    /// The height of the highest block known to be final; above the stored one while blocks are missing.
    public var finalizedHeight: Height
    /// The height of the last stored block.
    public var storedHeight: Height
    /// Blocks that are wanted and not here.
    public var missingBlocks: Int
    /// The first of them, each with the node that was asked for it last, by its number.
    public var wanted: [Wanted]
    /// Transactions that wait for a block.
    public var waitingTransactions: Int
    /// Bytes of them.
    public var waitingBytes: Int
    /// The highest final block that each validator has told of, by place; this one's own entry says nothing.
    public var claims: [Height]
    /// The same since this replica started, nothing of whoever has not said where it stands.
    public var told: [Height?]
    /// Blocks of the journal since it was last replaced, in bytes.
    public var journalBytes: Int
    /// How far the others' clocks are ahead of this one, or behind (negative); nothing while they agree.
    public var clockDifference: Duration?
    /// How the chain's rules stand to this program's.
    public var rules: Rules
    /// When this was so.
    public var time: Instant

    /// A block that is wanted.
    public struct Wanted: Hashable, Sendable {
        /// Which.
        public var block: BlockHash
        /// Who was asked last.
        public var asked: ValidatorIndex?
    }
}

extension ReplicaReport {
    /// The view that consensus is in.
    public var view: View { engine.view }
    /// The highest view that is known to be final.
    public var finalizedView: View { engine.finalized }
    /// Whose turn the view is.
    public var leader: ValidatorIndex { engine.leader }
    /// Who has said nothing in this view that is known here.
    public var silent: [ValidatorIndex] {
        engine.voters.filter { !$0.hasNotarized && !$0.hasNullified && !$0.hasFinalized }.map(\.index)
    }
}

extension Replica {
    /// How the replica is doing now. Costs about a microsecond a validator.
    public var report: ReplicaReport {
        ReplicaReport(
            engine: engine?.report ?? .following(term.validators, at: now), epoch: term.epoch,
            validators: term.validators, place: engine?.configuration.index,
            finalizedHeight: max(
                engine?.finalizedBlock.height ?? finalTip.height, awaitedFinalization?.finalBlock?.height ?? .genesis),
            storedHeight: store.position.header.height, missingBlocks: blocks.wanted.count,
            wanted: blocks.wanted.prefix(4).map { .init(block: $0.hash, asked: $0.lastAsked) },
            waitingTransactions: mempool.count, waitingBytes: mempool.bytes,
            claims: term.validators.indices.map { place in
                term.node(at: place).map { catchUp.claim(of: $0) } ?? .genesis
            },
            told: term.validators.indices.map { place in term.node(at: place).flatMap { catchUp.told(by: $0) } },
            journalBytes: journal.bytes,
            clockDifference: clocks.difference(
                of: term.nodes(at: term.validators.indices), faults: term.validators.faults),
            rules: ReplicaReport.Rules(
                after: store.position.header.height, in: store, supported: configuration.supportedVersion),
            time: now)
    }
}
