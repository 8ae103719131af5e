/// Everybody who may play a dishonest validator, by name.
package enum AdversaryRole: String, CaseIterable, Sendable {
    case equivocator, conflicter, nullifier, impersonator, outdated, twins
    case bodyWithholder = "body withholder"
    case certificateWithholder = "certificate withholder"
    case justificationLiar = "justification liar"
    case lateProposer = "late proposer"
    case invalidBlockProposer = "invalid-block proposer"
    case flooder
    case falseStatus = "false status"
    case bogusSync = "bogus sync"
    case voteMalleator = "vote malleator"

    /// Somebody who plays it.
    func play() -> any Adversary {
        switch self {
        case .equivocator: TwoFacedLeader()
        case .conflicter: Conflicter()
        case .nullifier: Nullifier()
        case .impersonator: Impersonator()
        case .outdated: Outdated()
        case .twins: Twins()
        case .bodyWithholder: BodyWithholder()
        case .certificateWithholder: CertificateWithholder()
        case .justificationLiar: JustificationLiar()
        case .lateProposer: LateProposer()
        case .invalidBlockProposer: InvalidBlockProposer()
        case .flooder: Flooder()
        case .falseStatus: FalseStatus()
        case .bogusSync: BogusSync()
        case .voteMalleator: VoteMalleator()
        }
    }
}
