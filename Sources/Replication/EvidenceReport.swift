internal import Codec
public import Consensus
public import Cryptography
public import Ledger

extension ReportEvidence {
    /// What consensus has found, as the ledger takes it.
    ///
    /// - Parameter key: The consensus key of the offender in the evidence's epoch.
    /// - Returns: Nothing when the ledger does not see a contradiction, which both define alike.
    public init?(_ evidence: Evidence, by key: PublicKey) {
        func signed(_ vote: Vote) -> Signed? {
            do { return Signed(try ConsensusStatement(decoding: vote.statement.encoded), vote.signature) } catch {
                return nil
            }
        }
        guard let first = signed(evidence.first), let second = signed(evidence.second) else { return nil }
        self.init(key: key, first, second)
    }
}
