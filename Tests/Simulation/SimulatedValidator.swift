import Codec
package import Consensus
import Cryptography

/// A validator of the simulation, honest or not.
package protocol Participant: AnyObject {
    /// A packet arrives.
    func receive(_ packet: EnginePacket, from sender: Int)
    /// A planned moment has come.
    func wake()
}

/// An honest validator: the engine that ships, with a disk that crashes and blocks without contents.
package final class SimulatedValidator: Participant, FaultTarget {
    package let index: Int
    private unowned let cluster: Cluster
    private let configuration: Engine.Configuration
    package private(set) var engine: Engine?
    package private(set) var disk = SimulatedDisk()
    private var blocks: [Digest: SimulatedBlock] = [:]
    /// The blocks that the engine waits for, in the order it asked.
    private var wanted: [BlockReference] = []
    private var building: (view: View, parent: BlockReference)?
    private var target: Certificate?
    private var refetch: Int64?
    private var plannedWake: Int64?
    package var afflictions = Afflictions()
    package var localClock = LocalClock()
    /// Its memory was lost and it does not take part yet.
    private var isRecovering = false
    private var isRotten = false
    private var backup: SimulatedDisk?
    /// How much later what it says leaves, because the disk is slow.
    private var lag: Int64 = 0
    private var incarnation: UInt64 = 0
    /// The engine's view, for traces and the event hash.
    private(set) var view: UInt64 = 0
    package var isPending = true

    init(index: Int, cluster: Cluster, configuration: Engine.Configuration) {
        self.index = index
        self.cluster = cluster
        self.configuration = configuration
    }

    /// Whether it runs.
    package var isUp: Bool { engine != nil }
    /// The last final block.
    package var tip: BlockReference { disk.chain.last ?? configuration.opening }

    /// The height of the last final block.
    var height: UInt64 { UInt64(disk.chain.count) }

    /// Whether it counts as faulty because its disk was lost and it has not caught up since.
    package var isSick: Bool {
        if isRecovering, let engine, engine.mayTakePart, tip.height.rawValue + 3 >= cluster.checkers.height {
            isRecovering = false
        }
        return isRecovering
    }

    // MARK: Life and death

    /// Starts or restarts from what is durable.
    package func start() {
        precondition(engine == nil, "a validator that runs is not started")
        incarnation += 1
        (building, target, refetch, plannedWake) = (nil, nil, nil, nil)
        afflictions.begin(using: &cluster.random)
        localClock.restart(at: cluster.time)
        var configuration = configuration
        configuration.incarnation = incarnation << 8 | UInt64(index)
        let engine = Engine(
            configuration, signer: cluster.keys.signer(index), verifier: cluster.keys, records: openJournal(),
            floor: disk.floor, mutation: cluster.options.mutation)
        (blocks, wanted) = (disk.blocks, [])
        self.engine = engine
        step(.start)
        step(.pending(isPending))
    }

    /// What the journal says; an unreadable one is moved away, as the manual says.
    private func openJournal() -> [Journal.Record] {
        let records = disk.open()
        if records == nil {
            if !isRotten { cluster.checkers.foundUnreadable(journalOf: index) }
            disk.loseJournal()
        }
        isRotten = false
        return isRecovering && disk.journal.count == 0 ? [.lost(configuration.epoch)] : records ?? []
    }

    /// Loses power: what is not durable is gone.
    package func crash() { engine = nil }

    /// Loses power and the disk.
    package func loseDisk() {
        crash()
        disk = SimulatedDisk()
        isRecovering = true
        cluster.checkers.replaced(index, at: .genesis)
    }

    package func keepBackup() { backup = disk }

    package func restoreBackup(knowingly: Bool) -> Bool {
        guard let backup else { return false }
        crash()
        disk = backup
        if knowingly {
            disk.loseJournal()
            isRecovering = true
        } else {
            cluster.condemn(index)
        }
        cluster.checkers.replaced(index, at: tip.height)
        return true
    }

    package func rotJournal() -> Bool {
        guard disk.rot(using: &cluster.random) else { return false }
        crash()
        (isRotten, isRecovering) = (true, true)
        return true
    }

    /// Only whole replicas run twice.
    package func startClone() -> Bool { false }

    // MARK: Inputs

    package func receive(_ packet: EnginePacket, from sender: Int) {
        guard isUp else { return }
        switch packet {
        case .message(let message): step(.message(message, from: ValidatorIndex(rawValue: sender)))
        case .proposal(let message, let block):
            blocks[block.reference.hash] = block
            step(.message(message, from: ValidatorIndex(rawValue: sender)))
            settle()
        case .fetch(let hash): serve(hash, to: sender)
        case .blocks(let received):
            for block in received { blocks[block.reference.hash] = block }
            settle()
        }
    }

    package func wake() {
        // A wake for which an earlier one has been planned since is nobody's any more.
        guard let planned = plannedWake, planned <= cluster.time else { return }
        plannedWake = nil
        guard isUp else { return }
        step(.tick)
        if let due = refetch, due <= cluster.time {
            refetch = nil
            settle()
        }
        planWake()
    }

    /// Hears that transactions wait, or that none does.
    package func setPending(_ pending: Bool) {
        isPending = pending
        if isUp { step(.pending(pending)) }
    }

    private func step(_ input: Input) {
        guard let effects = engine?.step(input, now: localClock.tell(at: cluster.time)) else { return }
        view = engine?.view.rawValue ?? 0
        lag = 0
        for effect in effects {
            if losesPower(before: effect) { return }
            perform(effect)
            if engine == nil { return }
        }
        planWake()
    }

    /// Loses power at an effect boundary, or in the middle of a write.
    private func losesPower(before effect: Effect) -> Bool {
        var isWrite = false
        if case .persist = effect { isWrite = true }
        guard afflictions.endsLife(isWrite: isWrite, at: cluster.time) else { return false }
        if case .persist(let records) = effect {
            keepCertified(records)
            disk.tear(records, blocks: blocks, using: &cluster.random)
        }
        cluster.crash(self, mean: 8e6)
        return true
    }

    /// R4: the body of a certified block, and those that it stands on, are durable before the record that says so.
    private func keepCertified(_ records: [Journal.Record]) {
        for case .certified(_, let view, true) in records {
            guard var hash = engine?.notarizedBlock(in: view)?.hash else { continue }
            while let body = blocks[hash], disk.blocks[hash] == nil, body.reference.height > tip.height {
                disk.blocks[hash] = body
                hash = body.reference.parent
            }
        }
    }

    // MARK: Effects

    private func perform(_ effect: Effect) {
        switch effect {
        case .persist(let records):
            keepCertified(records)
            disk.append(records, blocks: blocks)
            judge(records)
            lag += afflictions.syncTime(using: &cluster.random)
        case .send(let message, let recipient): send(message, to: recipient)
        case .build(let view, let parent):
            building = (view, parent)
            settle()
        case .execute(let block, _):
            wanted.append(block)
            settle()
        case .finalized(let certificate):
            target = certificate
            settle()
        case .evidence(let evidence): cluster.checkers.check(evidence, reportedBy: index)
        case .halt(let vote): cluster.halted(self, vote)
        }
    }

    private func send(_ message: Message, to recipient: Effect.Recipient) {
        cluster.checkers.check(message, sentBy: index, durable: disk.spoken)
        var packet = EnginePacket.message(message)
        if case .propose(let propose) = message, let proposal = propose.vote.statement.proposal,
            let block = blocks[proposal.block.hash]
        {
            packet = .proposal(message, block)
        }
        switch recipient {
        case .all: cluster.broadcast(packet, from: index, lag: lag)
        case .one(let peer): cluster.send(packet, from: index, to: peer.rawValue, lag: lag)
        }
    }

    // MARK: Blocks

    private func judge(_ records: [Journal.Record]) {
        if cluster.isCondemned(index) { return }
        cluster.checkers.decided(records)
        for case .vote(let vote) in records where !isExecuted(vote.statement) {
            cluster.checkers.foundUnexecuted(vote)
        }
    }

    /// Whether the block of a vote, if it has one, is here, valid, and stands on blocks that are: down to one that is
    /// final, which a quorum has.
    private func isExecuted(_ statement: Statement) -> Bool {
        guard let proposal = statement.proposal, let engine else { return true }
        var (hash, height) = (proposal.block.hash, proposal.block.height)
        while height > max(tip.height, engine.finalizedBlock.height) {
            guard let block = blocks[hash], block.isValid else { return false }
            (hash, height) = (block.reference.parent, Height(rawValue: height.rawValue - 1))
        }
        return true
    }

    /// Answers the engine wherever the blocks it waits for have come.
    private func settle() {
        deliver()
        if let (view, parent) = building, isComplete(parent.hash, parent.height) {
            building = nil
            let block = SimulatedBlock(on: parent, tag: cluster.random.next())
            blocks[block.reference.hash] = block
            step(.built(block.reference, in: view))
        }
        for block in wanted where block.height > tip.height {
            guard let body = blocks[block.hash] else { continue }
            guard body.isValid && body.reference == block else {
                wanted.removeAll { $0 == block }
                step(.invalid(block.hash))
                continue
            }
            guard isComplete(block.hash, block.height) else { continue }
            wanted.removeAll { $0 == block }
            step(.executed(block.hash))
        }
        wanted.removeAll { $0.height <= tip.height }
        fetchMissing()
    }

    /// Whether a block and its ancestors above the final chain are here and valid.
    private func isComplete(_ hash: Digest, _ height: Height) -> Bool { firstMissing(below: hash, height) == nil }

    /// The first block on the way from this one down to the final chain that is not here.
    private func firstMissing(below hash: Digest, _ height: Height) -> Digest? {
        var (hash, height) = (hash, height)
        while height > tip.height {
            guard let block = blocks[hash] else { return hash }
            guard block.isValid else { return hash }
            hash = block.reference.parent
            height = Height(rawValue: height.rawValue - 1)
        }
        return nil
    }

    /// Extends the final chain up to the highest finalization, once the bodies are here.
    private func deliver() {
        guard let certificate = target, let end = certificate.finalBlock, end.height > tip.height,
            firstMissing(below: end.hash, end.height) == nil
        else { return }
        var final: [SimulatedBlock] = []
        var hash = end.hash
        while let block = blocks[hash], block.reference.height > tip.height {
            final.append(block)
            hash = block.reference.parent
        }
        if hash != tip.hash { cluster.checkers.foundFork(at: index, below: end) }
        disk.commit(final.reversed(), by: certificate)
        for block in final.reversed() { cluster.checkers.finalized(block.reference, by: index) }
        if disk.journal.count > 400, isUp, let engine { disk.compact(to: engine.checkpoint) }
    }

    /// Asks everybody for what is missing, at most once a second.
    private func fetchMissing() {
        guard refetch == nil else { return }
        let ends = wanted + [building?.parent, target?.finalBlock].compactMap { $0 }
        let missing = Set(ends.compactMap { firstMissing(below: $0.hash, $0.height) })
        guard !missing.isEmpty else { return }
        for hash in missing.sorted() { cluster.broadcast(.fetch(hash), from: index) }
        refetch = cluster.time + 1_000_000
        planWake()
    }

    private func serve(_ hash: Digest, to peer: Int) {
        var (served, hash) = ([SimulatedBlock](), hash)
        while let block = blocks[hash], served.count < 200 {
            served.append(block)
            hash = block.reference.parent
        }
        if !served.isEmpty { cluster.send(.blocks(served), from: index, to: peer) }
    }

    private func planWake() {
        guard let deadline = engine?.nextDeadline?.microseconds else { return }
        let moment = localClock.moment(of: deadline, after: cluster.time)
        let due = min(moment, refetch ?? moment)
        guard plannedWake.map({ due < $0 }) ?? true else { return }
        plannedWake = due
        cluster.planWake(of: index, at: due)
    }

    /// When it next gives something up, in simulated time.
    var deadline: Int64? { plannedWake }
}
