internal import Codec
internal import Consensus
internal import Cryptography
internal import Ledger

extension Replica {
    /// How often a node that is an epoch behind is told what closed it.
    private static var helpInterval: Duration { .seconds(1) }

    /// Begins the next epoch once the block that closed this one is stored; one engine runs at a time.
    ///
    /// What the old engine said cannot matter any more: every word names its epoch. So the journal is replaced by the
    /// fact that the new epoch has begun, before anything is said in it.
    ///
    /// - Returns: What comes before all other effects of this call.
    mutating func beginEpochIfDue() -> [Effect] {
        guard isClosing else { return [] }
        isClosing = false
        let closing = store.position.header
        precondition(closing.closesEpoch, "an epoch ends when the block that closes it is stored")
        let wasLost = mayBeUnknownInNextEpoch
        isLostWhileFollowing = wasLost
        term = Term(over: store, nodes: nodes, verifier: verifier)
        overlays = Overlays()
        blocks = BlockBuffer()
        catchUp.isBehindAnEpoch = false
        (postponedBuild, awaitedFinalization, isPending) = (nil, nil, false)
        ordinaryFinality = .genesis
        var records = [epochStart]
        if wasLost { records.append(.lost(term.epoch)) }
        journal = JournalProgress()
        engine = makeEngine(records)
        step(.start)
        return [.replaceJournal(records)]
    }

    /// That the epoch has begun, and why.
    var epochStart: Journal.Record {
        let finalization = term.epoch == .first ? nil : store.finalization(atOrAbove: term.opening.height)
        return .epochStart(term.epoch, finalization?.certificate, term.validators)
    }

    /// An engine for this node in the epoch; nothing when it is no validator of it.
    func makeEngine(_ records: [Journal.Record]) -> Engine? {
        guard let place = term.place(of: configuration.index) else { return nil }
        let engineConfiguration = Engine.Configuration(
            chain: configuration.chain.digest, epoch: term.epoch, opening: term.opening, validators: term.validators,
            index: place, pace: configuration.pace, incarnation: configuration.incarnation)
        let floor = store.finalization(atOrAbove: store.position.header.height)?.certificate
        var engine = Engine(
            engineConfiguration, signer: signer, verifier: term.verifier, records: records, floor: floor)
        engine.mutation = mutation
        return engine
    }

    /// Whether what this node said before is forgotten and it has not learned yet from which view on it may speak.
    var isLost: Bool { engine?.isRejoining ?? isLostWhileFollowing }

    /// Whether this validator may have spoken in the next epoch already, before it lost its journal in this one.
    ///
    /// It may if the block that closes the epoch was final by then. That makes a quorum of finalize votes, an honest one of
    /// which answered where it stood, so that the view of that block is among those in which this validator is silent; and
    /// no other block is final in a view above. One that is shows that the epoch had not ended.
    private var mayBeUnknownInNextEpoch: Bool {
        guard let engine else { return isLostWhileFollowing }
        return engine.isRejoining || engine.silence > ordinaryFinality
    }

    /// Notes that a block is final that does not close the epoch.
    mutating func noteOrdinaryFinality(_ certificate: Certificate?, of header: BlockHeader) {
        guard let certificate, !header.closesEpoch, certificate.epoch == term.epoch else { return }
        ordinaryFinality = max(ordinaryFinality, certificate.view)
    }

    /// The host reaches a node under a number that it had not named before.
    mutating func meet(_ key: PublicKey, as node: ValidatorIndex) {
        guard node.rawValue >= nodes.count else { return }
        precondition(node.rawValue == nodes.count, "nodes are numbered one after the other")
        nodes.append(key)
        mempool.addQueues(upTo: nodes.count)
        catchUp.addClaims(upTo: nodes.count)
        clocks.addNodes(upTo: nodes.count)
        term.meet(nodes)
    }

    /// A word of consensus. Of an older epoch, it is answered with what closed that; of a newer one, it only shows that
    /// there are blocks to fetch.
    mutating func hear(_ message: Message, with block: Block?, from node: ValidatorIndex) {
        if case .status(let status) = message { hear(status, from: node) }
        if let epoch = message.epoch, epoch != term.epoch {
            return epoch < term.epoch ? help(node, outOf: epoch) : noteNewerEpoch(message, from: node)
        }
        if let block, case .propose(let propose) = message { take(block, proposedBy: propose, from: node) }
        if engine == nil {
            follow(message)
        } else if let place = term.place(of: node) {
            step(.message(message, from: place))
        }
    }

    private mutating func noteNewerEpoch(_ message: Message, from node: ValidatorIndex) {
        guard let height = message.impliedHeight else { return }
        catchUp.isBehindAnEpoch = true
        note(height, of: node)
    }

    private mutating func help(_ node: ValidatorIndex, outOf epoch: Epoch) {
        if let last = helped[node], last + Self.helpInterval > now { return }
        helped[node] = now
        let closing = store.opening(of: Epoch(rawValue: epoch.rawValue + 1))
        guard let final = store.finalization(atOrAbove: closing.height), final.height == closing.height else { return }
        output.send(.consensus(.certificate(final.certificate), nil), to: .one(node))
    }

    /// A node that is no validator takes what a quorum has made final, from whoever brings it.
    private mutating func follow(_ message: Message) {
        guard case .certificate(let certificate) = message, let final = certificate.finalBlock,
            final.height > finalTip.height, term.isFinalization(certificate, on: configuration.chain)
        else { return }
        finalize(certificate)
    }
}
