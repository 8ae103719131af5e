public import Cryptography

/// What happens to an ``Engine``.
public enum Input: Sendable {
    /// The engine has been restored and may begin to speak. The first input, once.
    case start
    /// A decoded message; the channel vouches for the sender.
    case message(Message, from: ValidatorIndex)
    /// ``Engine/nextDeadline`` has come.
    case tick
    /// The block asked for by ``Effect/build(view:on:)``, executed.
    ///
    /// When the parent closes the epoch, nothing may be built on it: it is answered itself, to be proposed again.
    case built(BlockReference, in: View, closesEpoch: Bool = false)
    /// Nothing waits that is not in the ancestors of the block asked for.
    case nothingToBuild(View)
    /// The block and its ancestors are here and executing it gave what its header says. One that closes the epoch may be
    /// proposed again until it is final.
    case executed(Digest, closesEpoch: Bool = false)
    /// The block can never be valid.
    case invalid(Digest)
    /// Whether transactions wait to be put into a block.
    case pending(Bool)
    /// A channel to this validator has opened.
    case connected(ValidatorIndex)
    /// The channel to this validator has closed.
    case disconnected(ValidatorIndex)
}

/// What the engine wants done, in this order; nothing before the ``persist(_:)`` is durable.
public enum Effect: Sendable {
    /// Append to the journal and make durable before any later effect of the same step. The bodies of the blocks that
    /// the records name go with them.
    case persist([Journal.Record])
    /// Hand a message to the network. The block of a proposal travels with it.
    case send(Message, to: Recipient)
    /// Build a block on this one and answer with ``Input/built(_:in:)``.
    case build(view: View, on: BlockReference)
    /// Get the block and its ancestors, execute them, and answer with ``Input/executed(_:)`` or ``Input/invalid(_:)``.
    /// Missing data is no answer. These validators have the block.
    case execute(BlockReference, from: [ValidatorIndex])
    /// The certificate's block and all its ancestors are final.
    case finalized(Certificate)
    /// A validator has contradicted itself.
    case evidence(Evidence)
    /// This validator's key signed something that its journal does not know: another process runs with the same key.
    /// Stop.
    case halt(unknownVote: Vote)

    /// Whom a message is for.
    public enum Recipient: Hashable, Sendable {
        /// Every other validator.
        case all
        /// One other validator.
        case one(ValidatorIndex)
    }
}

/// Collects the effects of one step, so that all that must be durable comes before all that is said.
struct Output: Sendable {
    var records: [Journal.Record] = []
    var sends: [Effect] = []
    var requests: [Effect] = []

    /// The effects in their order, leaving nothing.
    mutating func drain() -> [Effect] {
        defer { self = Output() }
        return (records.isEmpty ? [] : [.persist(records)]) + sends + requests
    }

    /// The order that a mutation test wants to see fail.
    mutating func drainSendingFirst() -> [Effect] {
        defer { self = Output() }
        return sends + (records.isEmpty ? [] : [.persist(records)]) + requests
    }
}
