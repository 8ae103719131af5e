import Codec
public import Cryptography

/// Decides, for one validator in one epoch, what to say and which block is final.
///
/// Simplex consensus; the rules R0 to R10 stand in Protocol.md and are numbered where they are carried out. The engine
/// performs no I/O, reads no clock and draws no random number: hand it an input, carry out the effects in order. Same
/// inputs, same effects, on every machine.
///
/// ## The path of a document, 2 of 4: which block is next
/// The engine knows blocks by their hash and height alone (``BlockReference``); what is in them it leaves to whoever runs
/// it. When this validator leads a view it asks for a block (``Effect``), puts it into a ``Proposal``, and collects
/// ``Vote``s for it; the votes of n - f validators make a ``Certificate``, and with the one that finalizes a block the
/// engine says so. Who builds, executes and stores the block: `Replica` (Replication/Replica.swift), the next file.
public struct Engine: Sendable {
    /// What the engine is told once.
    public struct Configuration: Sendable {
        /// The hash of the genesis file.
        public var chain: Digest
        /// The epoch.
        public var epoch: Epoch
        /// The block that opened the epoch: the genesis block, or the one that closed the epoch before.
        public var opening: BlockReference
        /// The validators of the epoch.
        public var validators: ValidatorSet
        /// This validator's place among them.
        public var index: ValidatorIndex
        /// How long to wait.
        public var pace: Pace
        /// A number that is another one at every start, such as the clock: it makes questions after a loss of the
        /// journal fresh.
        public var incarnation: UInt64

        /// - Precondition: `index` is a place in `validators`.
        public init(
            chain: Digest, epoch: Epoch, opening: BlockReference, validators: ValidatorSet, index: ValidatorIndex,
            pace: Pace = Pace(), incarnation: UInt64 = 0
        ) {
            precondition(validators.contains(index), "an engine runs for a validator of the epoch")
            self.chain = chain
            self.epoch = epoch
            self.opening = opening
            self.validators = validators
            self.index = index
            self.pace = pace
            self.incarnation = incarnation
        }
    }

    /// How far above the current view votes are kept; certificates are taken from anywhere, they prove themselves.
    static let voteHorizon: UInt64 = 8
    /// How many rounds below the final one are kept to help others.
    static let memory: UInt64 = 64

    /// What the engine was told.
    public let configuration: Configuration
    /// The view this validator is in.
    public internal(set) var view = View.genesis
    /// The highest view known to be final.
    public internal(set) var finalizedView = View.genesis

    let signer: any VoteSigner
    let verifier: any VoteVerifier
    let leaders: LeaderSchedule
    var rounds = Rounds()
    var timers = Timers()
    var peers: [Peer]
    var verdicts = Verdicts()
    var standing = Participation.voting(after: .genesis)
    /// Whether transactions wait (R10).
    var isPending = false
    var now = Instant(microseconds: 0)
    var output = Output()
    /// Rules broken by a test; none in a program.
    package var mutation: Mutation = []

    /// An engine that knows nothing yet.
    ///
    /// - Parameters:
    ///   - signer: Signs for this validator.
    ///   - verifier: Checks the others' signatures; the validator set unless a simulator says otherwise.
    init(_ configuration: Configuration, signer: any VoteSigner, verifier: (any VoteVerifier)?) {
        self.configuration = configuration
        self.signer = signer
        self.verifier = verifier ?? configuration.validators
        leaders = LeaderSchedule(opening: configuration.opening.hash, validators: configuration.validators)
        peers = configuration.validators.keys.map { _ in Peer() }
        view = View(rawValue: 1)
    }

    /// Takes one input to its end.
    ///
    /// - Parameter now: The clock, never earlier than before.
    /// - Returns: What to do, in order.
    public mutating func step(_ input: Input, now: Instant) -> [Effect] {
        self.now = max(self.now, now)
        switch input {
        case .start: start()
        case .message(let message, let sender): receive(message, from: sender)
        case .tick: break
        case .built(let block, let view, let closes): propose(block, in: view, closesEpoch: closes)
        case .nothingToBuild(let view):
            isPending = false
            if view == self.view { timers.buildingOn = nil }
        case .executed(let hash, let closes): verdicts.record(closes ? .closesEpoch : .executed, of: hash)
        case .invalid(let hash): verdicts.record(.invalid, of: hash)
        case .pending(let pending): isPending = pending
        case .connected(let peer): sendBundle(to: .one(peer))
        case .disconnected(let peer): noteAbsence(of: peer)
        }
        settle()
        return mutation.contains(.sendBeforePersist) ? output.drainSendingFirst() : output.drain()
    }

    /// The leader of a view.
    public func leader(of view: View) -> ValidatorIndex { leaders[view] }

    /// The block that is final in ``finalizedView``.
    public var finalizedBlock: BlockReference { block(of: finalizedView) ?? configuration.opening }

    /// The certificate that made it final; nothing while that is the epoch's opening block.
    public var finalization: Certificate? { rounds[finalizedView].finalization }

    /// The block that the current view builds on; nothing while a certificate below is missing.
    public var buildParent: BlockReference? { parentView(of: view).flatMap { block(of: $0) } }

    /// The block that a quorum backs in a view, as far as that is known here.
    public func notarizedBlock(in view: View) -> BlockReference? { rounds[view].notarization?.proposal?.block }

    /// Checks a certificate with what this engine was told.
    public func verify(_ certificate: Certificate) throws(CertificateInvalid) {
        try certificate.verify(
            chain: configuration.chain, validators: configuration.validators, with: verifier, isKnown: { _ in false })
    }

    var index: ValidatorIndex { configuration.index }
    var quorum: Int { configuration.validators.quorum - (mutation.contains(.smallQuorum) ? 1 : 0) }

    /// Carries out every rule that has become applicable, until none is.
    private mutating func settle() {
        guard timers.started else { return }
        speakPeriodically()
        var settled: View
        repeat {
            settled = view
            updateIdleness()
            giveUpIfDue()
            advance()
            certify()
        } while view != settled
        expireRetry()
    }

    private mutating func receive(_ message: Message, from sender: ValidatorIndex) {
        guard configuration.validators.contains(sender), sender != index else { return }
        peers[sender.rawValue].lastHeard = now
        switch message {
        case .propose(let propose): receive(propose, from: sender)
        case .vote(let vote):
            guard vote.signer == sender, vote.statement.epoch == configuration.epoch else { return }
            receive(vote)
            helpIfBehind(vote)
        case .certificate(let certificate): receive(certificate)
        case .status(let status): receive(status, from: sender)
        case .rejoin(let nonce): answer(nonce, from: sender)
        case .standing(let standing): receive(standing, from: sender)
        }
    }

    /// The block that a proposal in `view` may build on: the final one there, or the notarized one.
    func block(of view: View) -> BlockReference? {
        view == .genesis
            ? configuration.opening : (rounds[view].finalization ?? rounds[view].notarization)?.proposal?.block
    }
}

/// What is remembered of another validator.
struct Peer: Sendable {
    /// When its last message came.
    var lastHeard: Instant?
    /// When it was last helped (R9).
    var lastHelped: Instant?
}

/// What the host has said of blocks, each asked about once.
struct Verdicts: Sendable {
    enum Verdict: Sendable {
        /// Asked for when its leader proposed it; only the leader is known to have it.
        case requested
        /// Asked for again when a quorum backed it, which has it.
        case requestedOfQuorum
        case executed
        /// Executed, and the last of its epoch: it may be proposed again on itself, and nothing else on it.
        case closesEpoch
        case invalid
    }

    private var verdicts: [Digest: Verdict] = [:]
    private var order: [(view: View, hash: Digest)] = []

    subscript(hash: Digest) -> Verdict? { verdicts[hash] }

    /// How many blocks were asked about.
    var count: Int { verdicts.count }

    /// The host was asked about a block proposed in this view.
    mutating func request(_ hash: Digest, in view: View, ofQuorum: Bool = false) {
        if verdicts.updateValue(ofQuorum ? .requestedOfQuorum : .requested, forKey: hash) == nil {
            order.append((view, hash))
        }
    }

    /// The host has answered; an answer that nobody waits for any more is dropped.
    mutating func record(_ verdict: Verdict, of hash: Digest) {
        if verdicts[hash] != nil { verdicts[hash] = verdict }
    }

    /// The block was built and executed here.
    mutating func recordOwn(_ hash: Digest, in view: View, closesEpoch: Bool) {
        request(hash, in: view)
        verdicts[hash] = closesEpoch ? .closesEpoch : .executed
    }

    /// Forgets the blocks proposed below a view.
    mutating func removeAll(below view: View) {
        for (_, hash) in order.filter({ $0.view < view }) { verdicts[hash] = nil }
        order.removeAll { $0.view < view }
    }
}
