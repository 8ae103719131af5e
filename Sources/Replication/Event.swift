internal import Codec
public import Consensus
public import Cryptography
public import Ledger

/// What happens to a ``Replica``.
public enum Event: Sendable {
    /// Begin. The first event, once.
    case start
    /// A client has handed a transaction to this node; its signatures have not been checked.
    case submitted(Transaction, token: SubmissionToken)
    /// A packet from another node, by its number, which the channel has authenticated.
    case received(Packet, from: ValidatorIndex)
    /// The answer to a ``VerificationJob``: one verdict a transaction, in order.
    case verified(job: UInt64, verdicts: [Bool])
    /// A channel to another node has opened.
    case connected(ValidatorIndex)
    /// The channel to another node has closed.
    case disconnected(ValidatorIndex)
    /// The host reaches another node than those it began with; numbers follow on each other.
    case met(PublicKey, as: ValidatorIndex)
    /// ``Replica/nextDeadline`` has come.
    case tick
}

/// Names a submission, so that its answer finds the client.
public struct SubmissionToken: RawRepresentable, Hashable, Sendable {
    /// A number that the host gives once.
    public let rawValue: UInt64

    /// A token.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// What a ``Replica`` wants done, in this order. All that must be durable comes before all that is said.
public enum Effect: Sendable {
    /// Append these records to the journal and make them durable, before anything that follows.
    case persist([Journal.Record])
    /// Put a packet on the way, to a node by its number or to all that are connected, validators or not.
    case send(Packet, to: Consensus.Effect.Recipient)
    /// Write these blocks, in order of height, as one durable batch, before anything that follows.
    case commit([FinalBlock])
    /// Replace the journal by these records: all that is older has become irrelevant.
    case replaceJournal([Journal.Record])
    /// Check the signatures of these transactions, anywhere, and answer with ``Event/verified(job:verdicts:)``.
    case verify(VerificationJob)
    /// Answer a submission.
    case answer(SubmissionToken, SubmissionAnswer)
    /// These transactions wait here no longer and will never be included.
    case expired([TransactionID])
    /// A validator has contradicted itself; keep the proof.
    case evidence(Evidence)
    /// Another process signs with this validator's key. Stop.
    case halt(unknownVote: Vote)
    /// This program does not have the rules of the block that comes next. Stop: a newer program goes on from here.
    case outdated(ProtocolActivation)
    /// This node has nothing and the others have so much that a snapshot is the better way: a host that knows how stops
    /// the replica and runs a ``Joiner``. Another one does nothing, and all blocks are executed.
    case join
}

/// Transactions whose signatures nobody here has checked yet.
public struct VerificationJob: Sendable {
    /// Names the job in its answer.
    public let id: UInt64
    /// What to check; the verdicts come in this order.
    public let transactions: [Transaction]
}

/// A final block with everything that it does.
public struct FinalBlock: Sendable {
    /// The block.
    public let block: Block
    /// The block's hash.
    public let hash: BlockHash
    /// The finalization of this very block; nothing when it is final as an ancestor of one.
    public let certificate: Certificate?
    /// What its transactions did.
    public let execution: Execution
    /// What that does to the state tree.
    public let update: TreeUpdate
}

/// What becomes of a submission.
public enum SubmissionAnswer: Hashable, Sendable {
    /// It waits to be put into a block, behind `position` others of this node, and has been sent to all validators.
    case accepted(position: Int)
    /// It waits here already.
    case known
    /// It cannot be in a block.
    case refused(TransactionRefusal)
    /// A signature, or a proof that it carries, does not hold.
    case invalidSignature
    /// No room; try again later.
    case full(retryAfter: Duration)
}
