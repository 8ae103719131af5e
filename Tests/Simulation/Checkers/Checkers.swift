import Codec
import Consensus
import Cryptography

/// What went wrong in a run, in the words of the checker that saw it.
package struct Violation: Error, Hashable, CustomStringConvertible {
    package let description: String
}

/// Judges that watch every validator at once, across crashes; the first violation stays.
package struct Checkers {
    /// The first thing that went wrong.
    package private(set) var violation: Violation?
    private var agreement = Agreement()
    private var signerLog = SignerLog()
    private var certificates = CertificateLog()
    private let byzantine: Set<Int>

    package init(byzantine: Set<Int>) { self.byzantine = byzantine }

    /// The highest height that anybody has made final.
    package var height: UInt64 { agreement.height }

    mutating func finalized(_ block: BlockReference, by index: Int) {
        note(agreement.finalized(block, by: index))
    }

    mutating func foundFork(at index: Int, below block: BlockReference) {
        note("validator \(index): block \(block.height) does not extend the final chain")
    }

    mutating func foundClone(of index: Int, _ vote: Vote) {
        note("validator \(index): its own \(vote.statement.kind) in view \(vote.statement.view) is not in its journal")
    }

    /// Looks at all that an honest validator says.
    mutating func check(_ message: Message, sentBy index: Int, durable: Set<Statement>) {
        switch message {
        case .vote(let vote): check(vote, sentBy: index, durable: durable)
        case .propose(let propose): check(propose.vote, sentBy: index, durable: durable)
        case .certificate(let certificate):
            note(certificates.check(certificate))
            for vote in certificate.votes where vote.signer.rawValue == index { note(signerLog.check(vote)) }
        case .status, .rejoin, .standing: break
        }
    }

    /// The healed core made no progress.
    mutating func noteStall(_ state: String) { note("no progress after healing: \(state)") }

    mutating func foundRepetition(at height: Height, and other: Height) {
        note("a transaction is in the blocks \(other) and \(height)")
    }

    mutating func foundForgery(at height: Height) { note("block \(height) includes a forged transaction") }

    mutating func foundExpired(at height: Height) { note("block \(height) includes an expired transaction") }

    mutating func checkAncestry() { note(certificates.checkAncestry()) }

    mutating func check(_ evidence: Evidence, reportedBy index: Int) {
        if !byzantine.contains(evidence.offender.rawValue) {
            note("validator \(index) has evidence against honest \(evidence.offender)")
        }
    }

    private mutating func check(_ vote: Vote, sentBy index: Int, durable: Set<Statement>) {
        note(signerLog.check(vote))
        if !durable.contains(vote.statement) {
            note("validator \(index) says \(vote.statement.kind) in view \(vote.statement.view) before it is durable")
        }
    }

    private mutating func note(_ finding: String?) {
        if violation == nil, let finding { violation = Violation(description: finding) }
    }
}
