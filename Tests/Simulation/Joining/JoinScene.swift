import ChainStorage
import Codec
package import Consensus
import Cryptography
import Ledger
import Replication

/// A node that joins a long ledger from a few helpers, some of whom lie.
package final class JoinScene {
    /// What a helper sends instead of what it should.
    package enum Lie: String, CaseIterable, Sendable {
        /// Another state: a leaf with another value.
        case changedLeaf = "changed leaf"
        /// A state in which something is missing.
        case missingLeaf = "missing leaf"
        /// Every piece is said to be too large.
        case endlessDivision = "endless division"
        /// A block with other receipts.
        case changedReceipts = "changed receipts"
        /// A block without its last transaction.
        case missingTransaction = "missing transaction"
        /// A certificate that nobody signed.
        case forgedCertificate = "forged certificate"
        /// Other validators for the next epoch.
        case otherValidators = "other validators"
        /// A snapshot that nobody has.
        case falseOffer = "false offer"
        /// Nothing at all.
        case silence
    }

    package let home: JoiningHome
    private var helpers: [Replica<StoredChain>]
    /// Who lies how, by number.
    package var lies: [Int: Lie]
    package private(set) var now = Instant(microseconds: 1_800_000_000_000_000)
    private var mail: [(message: JoinMessage, helper: Int, isAnswer: Bool)] = []
    /// Answers that the helpers have given.
    package private(set) var answers = 0

    /// - Parameters:
    ///   - ledger: What all helpers have.
    ///   - lies: Who lies how, by number.
    ///   - pieceBytes: The bytes above which a piece is too large; small, so that a small state has many.
    package init(
        _ ledger: LongLedger, home: JoiningHome, helpers count: Int = 4, lies: [Int: Lie] = [:], pieceBytes: Int = 2000
    ) {
        self.home = home
        self.lies = lies
        var store = StoredChain(ledger: ledger.store)
        store.pieceBytes = pieceBytes
        helpers = (0..<count).map { index in
            Replica(
                .init(
                    chain: ledger.genesis.chain, validators: Self.first(ledger), others: [Self.newcomer],
                    index: ValidatorIndex(rawValue: index)),
                store: store, signer: ledger.keys.signer(index), verifier: ledger.keys,
                journal: [])
        }
        connect()
    }

    private static func first(_ ledger: LongLedger) -> ValidatorSet { LongLedger.set(of: ledger.genesis.validatorSet) }

    /// The key under which the helpers know the node that joins.
    private static let newcomer = SymbolicKeys.key(30)

    private func connect() {
        for index in helpers.indices { handle(.connected(ValidatorIndex(rawValue: index))) }
    }

    /// The joining process ends and starts again; what was on its way is lost.
    package func restart() throws {
        mail = []
        try home.restart()
        connect()
    }

    /// Carries packets until `condition` holds or all is there; false when so many minutes pass without.
    package func run(minutes: Int64 = 30, until condition: () -> Bool = { false }) -> Bool {
        let end = now + .seconds(60 * minutes)
        while now < end {
            if home.isFinished || condition() { return true }
            if mail.isEmpty {
                now = max(now + .milliseconds(1), home.joiner.nextDeadline ?? now + .seconds(1))
                handle(.tick)
            } else {
                deliver()
            }
        }
        return false
    }

    private func handle(_ event: Joiner.Event) {
        do {
            for (message, peer) in try home.handle(event, now: now) { mail.append((message, peer.rawValue, false)) }
        } catch { preconditionFailure("what was proved makes up the state: \(error)") }
    }

    private func deliver() {
        let letter = mail.removeFirst()
        now = now + .milliseconds(1)
        let packet: Replication.Packet
        do { packet = try Packet(decoding: Packet.join(letter.message).encoded) } catch {
            preconditionFailure("a packet decodes: \(error)")
        }
        guard case .join(let message) = packet else { preconditionFailure("a packet is what it was") }
        if letter.isAnswer { return handle(.received(message, from: ValidatorIndex(rawValue: letter.helper))) }
        let sender = ValidatorIndex(rawValue: helpers[letter.helper].configuration.nodes.count - 1)
        for effect in helpers[letter.helper].handle([.received(packet, from: sender)], now: now) {
            guard case .send(.join(let answer), _) = effect, let told = tell(answer, by: letter.helper) else {
                continue
            }
            answers += 1
            mail.append((told, letter.helper, true))
        }
    }

    private func tell(_ answer: JoinMessage, by helper: Int) -> JoinMessage? {
        guard let lie = lies[helper] else { return answer }
        switch (lie, answer) {
        case (.silence, _): return nil
        case (.falseOffer, .offer(let height)): return .offer(Height(rawValue: height.rawValue + 7))
        case (.endlessDivision, .chunk(let height, let path, _)): return .chunk(height, path, nil)
        case (.changedLeaf, .chunk(let height, let path, let chunk?)):
            return .chunk(height, path, chunk.spoiled { $0[0].value[0] ^= 1 })
        case (.missingLeaf, .chunk(let height, let path, let chunk?)):
            return .chunk(height, path, chunk.spoiled { $0.removeLast() })
        case (.changedReceipts, .blocks(var blocks)):
            if let last = blocks.items.indices.last { blocks.items[last].receipts.removeAll() }
            return .blocks(blocks)
        case (.missingTransaction, .blocks(var blocks)):
            if let last = blocks.items.indices.last { blocks.items[last].block.transactions.removeLast() }
            return .blocks(blocks)
        case (.forgedCertificate, .blocks(var blocks)):
            let statement = blocks.certificate.statement
            let votes = (0..<3).map {
                Vote(
                    statement: statement, signer: ValidatorIndex(rawValue: $0),
                    signature: SymbolicKeys(count: 31).signer(30).sign(.zero))
            }
            blocks.certificate = Certificate(statement: statement, votes: votes)
            return .blocks(blocks)
        case (.otherValidators, .blocks(var blocks)):
            if blocks.validators != nil {
                blocks.validators = ValidatorSetRecord(keys: (0..<4).map { KeyID(SymbolicKeys.key($0)) })
            }
            return .blocks(blocks)
        default: return answer
        }
    }
}

extension StateChunk {
    /// The same with other leaves.
    fileprivate func spoiled(_ change: (inout [(key: StateKey, value: [UInt8])]) -> Void) -> StateChunk? {
        var leaves = self.leaves.map { (key: $0.key, value: $0.value) }
        if !leaves.isEmpty { change(&leaves) }
        return StateChunk(siblings: siblings, leaves: leaves.map { StateChunk.Leaf(key: $0.key, value: $0.value) })
    }
}
