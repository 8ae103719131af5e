import Codec
package import Consensus
package import Cryptography
package import Ledger
import Replication

/// What went wrong in a run, in the words of the checker that saw it.
package struct Violation: Error, Hashable, CustomStringConvertible {
    package let description: String
}

/// Judges that watch every validator at once, across crashes; the first violation stays.
package struct Checkers {
    /// The first thing that went wrong.
    package private(set) var violation: Violation?
    /// Whom the votes convict.
    package var guilty: Set<ValidatorIndex> { guilt.guilty }
    private var agreement = Agreement()
    private var signerLog = SignerLog()
    private var certificates = CertificateLog()
    private var validity: CertificateValidity
    private var delivery = Delivery()
    private var guilt = Guilt()
    private var promises = Promises()
    private var byzantine: Set<Int> = []
    private var isFork = false
    private let blocks: BlockValidity?
    /// The latest that an honest clock has shown, in milliseconds.
    private var latest: UInt64 = 0

    /// Judges for engines without a ledger.
    package init(validators: ValidatorSet, chain: Digest, keys: SymbolicKeys, byzantine: Set<Int>) {
        validity = CertificateValidity(count: validators.count, chain: chain, keys: keys)
        self.byzantine = byzantine
        blocks = nil
    }

    /// Judges for whole replicas.
    package init(genesis: Genesis, validators: ValidatorSet, keys: SymbolicKeys) {
        validity = CertificateValidity(count: validators.count, chain: genesis.chain.digest, keys: keys)
        blocks = BlockValidity(genesis: genesis, validators: validators.count)
    }

    /// The highest height that anybody has made final.
    package var height: UInt64 { agreement.height }

    /// A validator is dishonest from here on, by choice or through a fault that it could not know of.
    mutating func condemn(_ index: Int) { byzantine.insert(index) }

    // MARK: What validators say

    /// Looks at all that an honest validator says.
    mutating func check(
        _ message: Message, sentBy index: Int, durable: Set<Statement>, certified: Set<Statement>? = nil
    ) {
        if byzantine.contains(index) { return }
        switch message {
        case .vote(let vote): check(vote, sentBy: index, durable: durable)
        case .propose(let propose): check(propose.vote, sentBy: index, durable: durable)
        case .certificate(let certificate):
            note(validity.check(certificate))
            noteFork(certificates.check(certificate))
            for vote in certificate.votes {
                guilt.witness(vote)
                if vote.signer.rawValue == index { note(signerLog.check(vote)) }
            }
            // A finalization may be known from the store alone.
            if let certified, certificate.statement.kind != .finalize, !certified.contains(certificate.statement) {
                note("validator \(index) passes a certificate of view \(certificate.view) on before it is durable")
            }
        case .status, .rejoin, .standing: break
        }
    }

    private mutating func check(_ vote: Vote, sentBy index: Int, durable: Set<Statement>) {
        guilt.witness(vote)
        note(signerLog.check(vote))
        if !durable.contains(vote.statement) {
            note("validator \(index) says \(vote.statement.kind) in view \(vote.statement.view) before it is durable")
        }
    }

    /// Looks at what an honest validator writes into its journal, in the order in which it decided it.
    mutating func decided(_ records: [Journal.Record]) {
        for case .vote(let vote) in records { note(signerLog.decided(vote)) }
    }

    mutating func check(_ evidence: Evidence, reportedBy index: Int) {
        guilt.witness(evidence.first)
        guilt.witness(evidence.second)
        if !byzantine.contains(evidence.offender.rawValue) {
            note("validator \(index) has evidence against honest \(evidence.offender)")
        }
    }

    // MARK: What validators store

    mutating func finalized(_ block: BlockReference, by index: Int) {
        noteFork(agreement.finalized(block, by: index))
        note(delivery.deliver(block.height, by: index))
    }

    /// An honest validator stores final blocks.
    mutating func committed(_ final: [FinalBlock], by index: Int, latest: UInt64) {
        for block in final {
            finalized(BlockReference(block.block.header, hash: block.hash), by: index)
            note(blocks?.take(block.block, latest: latest))
            note(promises.included(block.block.transactions, block.execution.receipts))
        }
    }

    mutating func gaveUp(_ transactions: [TransactionID]) { note(promises.gaveUp(transactions)) }

    /// An operation's end is known from the beginning.
    package mutating func expect(_ outcomes: [Outcome], of transaction: TransactionID) {
        promises.expect(outcomes, of: transaction)
    }

    /// A validator opens its store.
    mutating func opened(at height: Height, by index: Int) { note(delivery.open(at: height, by: index)) }

    /// A validator goes on from another disk, whose last block is at this height if that is known.
    mutating func replaced(_ index: Int, at height: Height?) { delivery.forget(index, to: height) }

    // MARK: What was found otherwise

    mutating func foundFork(at index: Int, below block: BlockReference) {
        noteFork("validator \(index): block \(block.height) does not extend the final chain")
    }

    mutating func foundClone(of index: Int, _ vote: Vote) {
        note("validator \(index): its own \(vote.statement.kind) in view \(vote.statement.view) is not in its journal")
    }

    mutating func foundUnexecuted(_ vote: Vote) {
        note(
            "validator \(vote.signer) says \(vote.statement.kind) of a block in view \(vote.statement.view) that it has not executed, or has not kept"
        )
    }

    mutating func foundUnreadable(journalOf index: Int) {
        note("validator \(index): a journal that only a crash has touched refuses to be read")
    }

    /// The healed core made no progress.
    mutating func noteStall(_ state: String) { note("no progress after healing: \(state)") }

    mutating func judgeBounds(of occupancy: Occupancy, at index: Int) { note(Bounds.judge(occupancy, at: index)) }

    mutating func judgeTraffic(_ counts: [Int], validators: Int) {
        note(Traffic.judge(counts, validators: validators))
    }

    // MARK: The end

    mutating func checkAncestry() {
        note(certificates.checkAncestry())
        note(guilt.judge(dishonest: byzantine))
    }

    /// What only the end shows.
    mutating func judgeEnd(of stores: [(index: Int, store: StoredChain)]) {
        checkAncestry()
        note(Convergence.judge(stores))
        for (index, store) in stores {
            note(promises.judgeEnd(of: store, at: index))
            note(LightClientProofs.judge(store, at: index, &validity))
            if let blocks { note(AuditCompleteness.judge(store, at: index, against: blocks.histories)) }
        }
    }

    /// More than f validators were dishonest: a fork must name more than f of them, and nobody else.
    mutating func judgeOverrun(tolerated: Int) {
        if isFork {
            violation = nil
            note(guilt.judgeFork(tolerated: tolerated))
        }
        note(guilt.judge(dishonest: byzantine))
    }

    private mutating func noteFork(_ finding: String?) {
        if violation == nil, finding != nil { isFork = true }
        note(finding)
    }

    private mutating func note(_ finding: String?) {
        if violation == nil, let finding { violation = Violation(description: finding) }
    }
}
