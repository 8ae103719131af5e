import Consensus

/// What a packet is, as far as the network can tell: some faults strike one kind alone.
package enum PacketKind: Int, CaseIterable, Hashable, Sendable {
    case proposal
    case notarize
    case nullify
    case finalize
    case certificate
    case status
    case recovery
    case transactions
    case request
    case body
}

extension Message {
    /// Its kind.
    var packetKind: PacketKind {
        switch self {
        case .propose: .proposal
        case .vote(let vote):
            switch vote.statement.kind {
            case .notarize: .notarize
            case .nullify: .nullify
            case .finalize: .finalize
            }
        case .certificate: .certificate
        case .status: .status
        case .rejoin, .standing: .recovery
        }
    }

    /// About how many bytes it has.
    var roughSize: Int {
        switch self {
        case .propose(let propose): 300 + propose.justification.certificates.reduce(0) { $0 + $1.roughSize }
        case .vote: 250
        case .certificate(let certificate): certificate.roughSize
        case .status, .rejoin: 60
        case .standing(let standing): 60 + (standing.entry?.roughSize ?? 0)
        }
    }
}

extension Certificate {
    /// About how many bytes it has.
    fileprivate var roughSize: Int { 160 + 66 * signers.count }
}
