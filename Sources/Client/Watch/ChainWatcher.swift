internal import API
internal import Codec
public import Cryptography
public import Ledger

/// An independent watcher: asks every node for its head, checks each block on the way there, and says what is wrong.
///
/// It keeps the home's head through its light client, which must be strict; what is final is checked from the genesis file.
public actor ChainWatcher {
    private let ledger: LedgerClient
    private let stall: Duration
    /// The blocks that were walked last, by height, to compare with what slower nodes show.
    private var recent: [Height: BlockHeader] = [:]
    private var last: BlockHeader
    private var progress: ContinuousClock.Instant
    private var shown: [String: Height] = [:]
    private var behindSince: [String: ContinuousClock.Instant] = [:]
    private var active: Set<WatchAlarm> = []
    private var reviews: ReviewWatch?

    private static let keptBlocks = 256

    /// - Parameters:
    ///   - ledger: Asks the nodes. Its light client is strict.
    ///   - stall: How long a chain, or a node behind the others, may stand still.
    ///   - key: An auditor's, who may read what organisations did: their emergencies are watched too.
    ///   - reviewPeriod: Milliseconds of block time within which an emergency is to be reviewed.
    public init(
        _ ledger: LedgerClient, stall: Duration, readingAs key: SigningKey? = nil,
        reviewPeriod: UInt64 = DeclareEmergency.reviewPeriod, now: ContinuousClock.Instant = .now
    ) {
        self.ledger = ledger
        self.stall = stall
        reviews = key.map { ReviewWatch($0, period: reviewPeriod) }
        last = ledger.light.head
        progress = now
    }

    /// The newest head of which all blocks have been checked.
    public var head: BlockHeader { last }

    /// Whether something is wrong now.
    public var isAlarmed: Bool { !active.isEmpty }

    /// Looks at every node once.
    ///
    /// - Returns: What is new since the last look, in the order in which it was seen. A fork comes last: nothing that
    ///   anybody says is worth anything after it.
    public func look(now: ContinuousClock.Instant = .now) async -> [WatchEvent] {
        var alarms: Set<WatchAlarm> = []
        var events: [WatchEvent] = []
        let kept = last
        for (node, heard) in await ledger.hearAll() {
            do throws(ClientFailure) {
                let proof = try heard.get()
                try await walk(to: proof, of: node)
                note(proof.header.height, of: node, kept, now, &alarms)
            } catch {
                guard let alarm = Self.alarm(error, node) else { return events + [.alarm(fork(error))] }
                alarms.insert(alarm)
            }
        }
        if last.height > kept.height {
            progress = now
            events.append(.head(last))
        }
        if progress.duration(to: now) > stall {
            alarms.insert(.stall(last: last.height, seconds: stall.components.seconds))
        }
        if let offered = shown.values.max(), offered < kept.height {
            alarms.insert(.belowKeptHead(seen: kept.height, offered: offered))
        }
        if var watch = reviews {
            alarms.formUnion(await watch.look(ledger, at: last.time))
            reviews = watch
        }
        events += alarms.subtracting(active).sorted(by: Self.isBefore).map { .alarm($0) }
        events += active.subtracting(alarms).sorted(by: Self.isBefore).map { .cleared($0) }
        active = alarms
        return events
    }

    /// Checks every block from the last one on: final, and a child of the one before.
    private func walk(to proof: FinalityProof, of node: NodeAddress) async throws(ClientFailure) {
        let target = proof.header
        if target.height <= last.height { return try await compare(proof, of: node) }
        while last.height < target.height {
            let height = last.height.next
            let step =
                height == target.height
                ? proof
                : try await ledger.nodes.send(.readBlock(.height(height)), to: node, as: FinalityProof.self).value
            guard step.header.height == height else { throw .proof(.wrongSubject, node: node.url) }
            try await ledger.accept(step, from: node)
            guard step.header.parent == last.hash, step.header.time > last.time else {
                // Final, and no child of what is final: the node's own block below is the other side of a fork.
                try await confront(at: last.height, node)
                throw .proof(.notAnAncestor, node: node.url)
            }
            last = step.header
            recent[height] = step.header
            if height.rawValue >= UInt64(Self.keptBlocks) {
                recent[Height(rawValue: height.rawValue - UInt64(Self.keptBlocks))] = nil
            }
        }
    }

    /// Compares a slower node's head with what was walked at its height.
    private func compare(_ proof: FinalityProof, of node: NodeAddress) async throws(ClientFailure) {
        let height = proof.header.height
        if let known = recent[height] {
            if known.hash != proof.header.hash { try await confront(at: height, node, proof) }
        } else if height < last.height, proof.certifiedHeader.height <= last.height {
            try await confront(at: height, node, proof)
        }
    }

    /// Asks the others for their block at a height. The light client keeps both where they differ.
    private func confront(
        at height: Height, _ node: NodeAddress, _ known: FinalityProof? = nil
    ) async throws(ClientFailure) {
        var sides: [FinalityProof] = known.map { [$0] } ?? []
        for other in [node] + ledger.nodes.nodes.filter({ $0 != node }) {
            guard known == nil || other != node else { continue }
            let answer = try? await ledger.nodes.send(.readBlock(.height(height)), to: other, as: FinalityProof.self)
            if let answer { sides.append(answer.value) }
        }
        for one in sides.dropFirst() {
            if let fork = ForkProof(sides[0], one, trust: ledger.light.trust) {
                throw ledger.light.keep(fork)
            }
        }
    }

    private func note(
        _ height: Height, of node: NodeAddress, _ kept: BlockHeader, _ now: ContinuousClock.Instant,
        _ alarms: inout Set<WatchAlarm>
    ) {
        if let before = shown[node.url], height < before {
            // Until it has caught up with what it showed itself, it is not believed to have it.
            alarms.insert(.fellBack(node: node.url, from: before, to: height))
        } else {
            shown[node.url] = height
        }
        guard height < kept.height else {
            behindSince[node.url] = nil
            return
        }
        let since = behindSince[node.url] ?? now
        behindSince[node.url] = since
        if since.duration(to: now) > stall { alarms.insert(.lagging(node: node.url)) }
    }

    /// - Returns: Nothing for a fork.
    private static func alarm(_ failure: ClientFailure, _ node: NodeAddress) -> WatchAlarm? {
        switch failure {
        case .conflictingFinality: nil
        case .unreachable, .problem: .silent(node: node.url)
        default: .disagreement(node: node.url, reason: "\(failure)")
        }
    }

    private func fork(_ failure: ClientFailure) -> WatchAlarm {
        guard case .conflictingFinality(let height, let evidence) = failure else {
            preconditionFailure("only two final blocks are a fork")
        }
        let (fork, trust) = (ledger.light.fork, ledger.light.trust)
        return .fork(
            height, guilty: fork?.guilty(trust) ?? [], suspects: fork?.suspects(trust) ?? [],
            evidence: evidence)
    }

    private static func isBefore(_ left: WatchAlarm, _ right: WatchAlarm) -> Bool {
        (left.name, left.node ?? "\(left)") < (right.name, right.node ?? "\(right)")
    }
}
