import API
import Client
import Codec
import Consensus
import Cryptography
import Ledger
import Node
import Synchronization
import Testing

@Suite("Watching: forks, stalls, nodes that fall back or disagree, checkpoints", .timeLimit(.minutes(10)), .serialized)
struct WatchTests {
    /// Four validators of which the last may lie, and an auditor's home.
    private func withWatch(
        _ body: (TestConsortium, TamperingProxy, WalletHome) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory, proxied: [3])
            try await consortium.startAll()
            let home = WalletHome(path: directory + "/audit")
            try home.prepare(consortium.genesis)
            let result: Result<Void, any Error>
            do {
                result = .success(
                    try await TamperingProxy.with(3, of: consortium) { try await body(consortium, $0, home) })
            } catch { result = .failure(error) }
            try? await consortium.stopAll()
            try result.get()
        }
    }

    private func withLedger<Value>(
        _ consortium: TestConsortium, _ home: WalletHome?, urls: [String] = [], checkpoint: Checkpoint? = nil,
        _ body: (LedgerClient) async throws -> Value
    ) async throws -> Value {
        let ledger = try LedgerClient(
            consortium.genesis, urls: urls, home: home, checkpoint: checkpoint, isStrict: true)
        let result: Result<Value, any Error>
        do { result = .success(try await body(ledger)) } catch { result = .failure(error) }
        await ledger.shutDown()
        return try result.get()
    }

    /// A block that nobody executed, made final by three validators that lie.
    private func forged(_ consortium: TestConsortium, like proof: FinalityProof) throws -> FinalityProof {
        var header = proof.header
        header.stateRoot = .zero
        let reference = BlockReference(hash: header.hash.digest, parent: header.parent.digest, height: header.height)
        let certificate = try #require(proof.certificate)
        let honest = try #require(certificate.proposal)
        let proposal = try #require(
            Proposal(epoch: honest.epoch, view: honest.view, parentView: honest.parentView, block: reference))
        let statement = Statement.finalize(proposal)
        let votes = try (1...3).map { index in
            let key = try NodeHome(path: "\(consortium.directory)/\(index)").keys().consensus
            return Vote(
                statement: statement, signer: ValidatorIndex(rawValue: index),
                signature: key.sign(digest: statement.digest(chain: consortium.genesis.chain.digest)))
        }
        return FinalityProof(header: header, certificate: Certificate(statement: statement, votes: votes))
    }

    @Test func `a watcher walks every block, and says nothing while all is well`() async throws {
        try await withWatch { consortium, _, home in
            try await withLedger(consortium, home) { ledger in
                let watcher = ChainWatcher(ledger, stall: .seconds(600))
                var heads: [Height] = []
                for number in 1...3 {
                    let proof = try await ledger.submit(consortium.registration(number))
                    for event in await watcher.look() {
                        guard case .head(let header) = event else {
                            Issue.record("\(event)")
                            continue
                        }
                        heads.append(header.height)
                    }
                    #expect(await watcher.head.height >= proof.finality.header.height)
                }
                #expect(heads.count == 3 && heads == heads.sorted())
            }
        }
    }

    @Test func `a fork ends it, the proof is kept, and those who signed both blocks are named`() async throws {
        try await withWatch { consortium, liar, home in
            try await withLedger(consortium, home) { ledger in
                _ = try await ledger.submit(consortium.registration())
                let watcher = ChainWatcher(ledger, stall: .seconds(600))
                _ = await watcher.look()
                let known = ledger.light.headProof
                let lie = try forged(consortium, like: known)
                liar.alter { request, _ in if case .readBlock = request { .init(lie) } else { nil } }
                var found: WatchAlarm?
                while found == nil {
                    for case .alarm(let alarm) in await watcher.look() { found = alarm }
                }
                guard case .fork(let height, let guilty, let suspects, let evidence) = found else {
                    Issue.record("\(String(describing: found))")
                    return
                }
                #expect(height == known.header.height)
                let ids = consortium.genesis.validators.map(\.id)
                #expect(guilty.count >= 2 && guilty == suspects && guilty.allSatisfy { ids[1...3].contains($0) })
                #expect(evidence == home.evidenceDirectory + "/two-finals-\(height).cbor")
            }
        }
    }

    @Test func `a chain that does not go on is a stall, once, until it does`() async throws {
        try await withWatch { consortium, _, home in
            try await withLedger(consortium, home, urls: [consortium.genesis.validators[0].apiURL]) { ledger in
                _ = try await ledger.submit(consortium.registration())
                let start = ContinuousClock.now
                let watcher = ChainWatcher(ledger, stall: .seconds(60), now: start)
                _ = await watcher.look(now: start)
                try await consortium.stop(1)
                try await consortium.stop(2)
                // What was under way comes to rest: two of four decide nothing.
                var events = await watcher.look(now: start)
                while !events.isEmpty { events = await watcher.look(now: start) }
                let late = start.advanced(by: .seconds(61))
                let last = await watcher.head.height
                #expect(await watcher.look(now: late) == [.alarm(.stall(last: last, seconds: 60))])
                #expect(await watcher.look(now: late) == [])
                try await consortium.start(1)
                _ = try await ledger.submit(consortium.registration(1))
                events = await watcher.look(now: late.advanced(by: .seconds(1)))
                #expect(events.contains(.cleared(.stall(last: last, seconds: 60))))
            }
        }
    }

    @Test func `a node that falls back, one that proves nothing and one that is silent are told apart`() async throws {
        try await withWatch { consortium, liar, home in
            try await withLedger(consortium, home) { ledger in
                let node = consortium.genesis.validators[3].apiURL
                _ = try await ledger.submit(consortium.registration())
                let old = try await ledger.nodes.send(.readBlock(.latest), as: FinalityProof.self).value
                let watcher = ChainWatcher(ledger, stall: .seconds(600))
                var shown = Height.genesis
                while shown <= old.header.height {
                    _ = try await ledger.submit(consortium.registration(1))
                    #expect(await !watcher.look().contains { if case .alarm = $0 { true } else { false } })
                    shown = try await ledger.nodes.send(
                        .readBlock(.latest), to: ledger.nodes.nodes[3], as: FinalityProof.self
                    ).value.header.height
                }
                _ = await watcher.look()
                liar.alter { request, _ in if case .readBlock(.latest, _) = request { .init(old) } else { nil } }
                let fallen = await watcher.look().compactMap { event -> Height? in
                    guard case .alarm(.fellBack(node, _, let to)) = event else { return nil }
                    return to
                }
                #expect(fallen == [old.header.height])
                liar.alter { request, bytes in
                    guard case .readBlock(.latest, _) = request, let proof = try? FinalityProof(decoding: bytes) else {
                        return nil
                    }
                    var header = proof.certifiedHeader
                    header.time = Timestamp(rawValue: 1)
                    return .init(FinalityProof(header: header, certificate: proof.certificate))
                }
                #expect(
                    await watcher.look().contains {
                        if case .alarm(.disagreement(node, _)) = $0 { true } else { false }
                    })
                liar.alter(nil)
                try await consortium.stop(3)
                #expect(await watcher.look().contains(.alarm(.silent(node: node))))
            }
        }
    }

    @Test func `nodes that all show less than the kept head raise an alarm`() async throws {
        try await withWatch { consortium, liar, home in
            let node = consortium.genesis.validators[3].apiURL
            try await withLedger(consortium, home, urls: [node]) { ledger in
                let old = try await ledger.nodes.send(.readBlock(.latest), as: FinalityProof.self).value
                var height = old.header.height
                while height <= old.header.height {
                    height = try await ledger.submit(consortium.registration()).finality.header.height
                }
                let watcher = ChainWatcher(ledger, stall: .seconds(600))
                liar.alter { request, _ in if case .readBlock(.latest, _) = request { .init(old) } else { nil } }
                let alarms = await watcher.look()
                #expect(
                    alarms.contains(
                        .alarm(.belowKeptHead(seen: ledger.light.head.height, offered: old.header.height))))
            }
        }
    }

    @Test func `a checkpoint comes through its file, and what contradicts it is refused`() async throws {
        try await withWatch { consortium, liar, home in
            let genesis = consortium.genesis
            let node = genesis.validators[3].apiURL
            let honest = try await withLedger(consortium, home) { ledger in
                var proof = ledger.light.headProof
                while proof.certificate == nil || proof.anchor != nil {
                    _ = try await ledger.submit(consortium.registration())
                    _ = try await ledger.tip()
                    proof = ledger.light.headProof
                }
                var checkpoint = Checkpoint(proof)
                // That the genesis file names the auditor is not enough: they may have been dismissed since.
                checkpoint.cosign(at: Timestamp(rawValue: 7), with: GenesisSample.auditorKey)
                #expect(throws: CheckpointRefusal.unknownCosigner) {
                    try checkpoint.verify(TrustAnchor(genesis), known: [])
                }
                checkpoint.cosign(
                    at: Timestamp(rawValue: 7), with: GenesisSample.auditorKey,
                    as: try await ledger.appointment(of: GenesisSample.auditorKey))
                return checkpoint
            }
            let path = try CheckpointFile.write(honest, to: home.path + "/published")
            #expect(try CheckpointFile.read(path, genesis) == honest)

            // Another client, which has seen nothing yet, goes on from it.
            try await withLedger(consortium, nil, checkpoint: honest) { ledger in
                let tip = try await ledger.tip()
                #expect(tip.height >= honest.header.height)
            }
            // A node whose chain does not have it is refused, with the proof of the fork.
            let lie = try forged(consortium, like: honest.proof)
            liar.alter { request, _ in if case .readBlock = request { .init(lie) } else { nil } }
            try await withLedger(consortium, nil, urls: [node], checkpoint: honest) { ledger in
                await #expect(throws: ClientFailure.conflictingFinality(honest.header.height, evidence: "no file")) {
                    try await ledger.tip()
                }
                #expect(ledger.light.fork?.guilty(ledger.light.trust).isEmpty == false)
            }
            // A node that shows less than the checkpoint is behind.
            let first = FinalityProof(header: TrustAnchor.header(of: genesis), certificate: nil)
            liar.alter { request, _ in if case .readBlock = request { .init(first) } else { nil } }
            try await withLedger(consortium, nil, urls: [node], checkpoint: honest) { ledger in
                _ = await #expect(throws: ClientFailure.behind(seen: honest.header.height, offered: .genesis)) {
                    try await ledger.tip()
                }
            }
        }
    }

    @Test func `a fork is seen though no two of its heads have the same height`() async throws {
        try await withWatch { consortium, liar, home in
            let node = consortium.genesis.validators[3].apiURL
            try await withLedger(consortium, home, urls: [node]) { ledger in
                _ = try await ledger.submit(consortium.registration())
                _ = try await ledger.tip()
                let known = ledger.light.head
                // The liar's chain has another block at the known height, and goes on from there.
                let other = try forged(consortium, like: ledger.light.headProof)
                var above = known
                above.height = known.height.next
                above.parent = other.header.hash
                let next = try forged(
                    consortium, like: FinalityProof(header: above, certificate: ledger.light.headProof.certificate))
                liar.alter { request, _ in
                    guard case .readBlock(let selector, _) = request else { return nil }
                    return .init(selector == .latest ? next : other)
                }
                await #expect(throws: ClientFailure.self) { try await ledger.tip() }
                #expect(ledger.light.head == known)
            }
        }
    }
}
