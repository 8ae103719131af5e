import Codec
package import Consensus
import Cryptography

/// A validator of the simulation, honest or not.
package protocol Participant: AnyObject {
    /// A packet arrives.
    func receive(_ packet: Packet, from sender: Int)
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
    /// After how many more effects this validator loses power.
    package var fuse: Int?
    /// Its disk was lost and it does not take part yet.
    private var isRecovering = false
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
        (blocks, wanted, building, target, refetch, plannedWake, fuse) = (disk.blocks, [], nil, nil, nil, nil, nil)
        var configuration = configuration
        configuration.incarnation = incarnation << 8 | UInt64(index)
        let lost = isRecovering && disk.journal.isEmpty
        let engine = Engine(
            configuration, signer: cluster.keys.signer(index), verifier: cluster.keys,
            records: lost ? [.lost(configuration.epoch)] : disk.records(), floor: disk.floor,
            mutation: cluster.options.mutation)
        self.engine = engine
        step(.start)
        step(.pending(isPending))
    }

    /// Loses power: what is not durable is gone.
    package func crash() { engine = nil }

    /// Loses power and the disk.
    package func loseDisk() {
        crash()
        disk = SimulatedDisk()
        isRecovering = true
    }

    // MARK: Inputs

    package func receive(_ packet: Packet, from sender: Int) {
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
        plannedWake = nil
        guard isUp else { return }
        step(.tick)
        if let due = refetch, due <= cluster.clock.time {
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
        guard let effects = engine?.step(input, now: cluster.clock.now) else { return }
        view = engine?.view.rawValue ?? 0
        for effect in effects {
            if burnFuse(before: effect) { return }
            perform(effect)
            if engine == nil { return }
        }
        planWake()
    }

    /// Loses power at an effect boundary, or in the middle of a write.
    private func burnFuse(before effect: Effect) -> Bool {
        guard let left = fuse else { return false }
        fuse = left - 1
        guard left <= 0 else { return false }
        if case .persist(let records) = effect {
            let written = Int(cluster.random.next() % UInt64(records.count + 1))
            disk.append(records.prefix(written), blocks: blocks)
        }
        cluster.crash(self, mean: 8e6)
        return true
    }

    // MARK: Effects

    private func perform(_ effect: Effect) {
        switch effect {
        case .persist(let records): disk.append(records, blocks: blocks)
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
        case .halt(let vote): cluster.checkers.foundClone(of: index, vote)
        }
    }

    private func send(_ message: Message, to recipient: Effect.Recipient) {
        cluster.checkers.check(message, sentBy: index, durable: disk.spoken)
        var packet = Packet.message(message)
        if case .propose(let propose) = message, let proposal = propose.vote.statement.proposal,
            let block = blocks[proposal.block.hash]
        {
            packet = .proposal(message, block)
        }
        switch recipient {
        case .all: cluster.broadcast(packet, from: index)
        case .one(let peer): cluster.send(packet, from: index, to: peer.rawValue)
        }
    }

    // MARK: Blocks

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
        if disk.journal.count > 400, let engine { disk.compact(to: engine.checkpoint) }
    }

    /// Asks everybody for what is missing, at most once a second.
    private func fetchMissing() {
        guard refetch == nil else { return }
        let ends = wanted + [building?.parent, target?.finalBlock].compactMap { $0 }
        let missing = Set(ends.compactMap { firstMissing(below: $0.hash, $0.height) })
        guard !missing.isEmpty else { return }
        for hash in missing.sorted() { cluster.broadcast(.fetch(hash), from: index) }
        refetch = cluster.clock.time + 1_000_000
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
        let due = min(deadline, refetch ?? deadline)
        guard plannedWake.map({ due < $0 }) ?? true else { return }
        plannedWake = due
        cluster.planWake(of: index, at: due)
    }
}
