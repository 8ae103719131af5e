public import Codec
public import Ledger

/// What a watcher sees.
public enum WatchEvent: Hashable, Sendable {
    /// A new final head, all blocks up to it checked.
    case head(BlockHeader)
    /// Something is wrong.
    case alarm(WatchAlarm)
    /// Something is well again.
    case cleared(WatchAlarm)
}

/// What can be wrong with a chain or a node.
public enum WatchAlarm: Hashable, Sendable {
    /// Two blocks are final at one height: more than a third of the validators lie. Those who signed both sides are named.
    case fork(Height, guilty: [ValidatorID], suspects: [ValidatorID], evidence: String?)
    /// No block has become final for so long.
    case stall(last: Height, seconds: Int64)
    /// No node offers a head as high as the one that was seen.
    case belowKeptHead(seen: Height, offered: Height)
    /// A node shows a head below one that it showed before.
    case fellBack(node: String, from: Height, to: Height)
    /// A node has stayed below the others for as long as a stall is.
    case lagging(node: String)
    /// A node says what it does not prove, or what others disprove.
    case disagreement(node: String, reason: String)
    /// A node does not answer.
    case silent(node: String)
    /// An organisation broke the glass and has not reviewed it in time.
    case unreviewed(AccessID, of: OrganizationID, due: Timestamp)

    /// Which alarm, for programs.
    public var name: String {
        switch self {
        case .fork: "fork"
        case .stall: "stall"
        case .belowKeptHead: "below-kept-head"
        case .fellBack: "fell-back"
        case .lagging: "lagging"
        case .disagreement: "disagreement"
        case .silent: "silent"
        case .unreviewed: "unreviewed-emergency"
        }
    }

    /// The node that it is about, nothing for the chain as a whole.
    public var node: String? {
        switch self {
        case .fork, .stall, .belowKeptHead, .unreviewed: nil
        case .fellBack(let node, _, _), .lagging(let node), .disagreement(let node, _), .silent(let node): node
        }
    }
}

extension WatchAlarm: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .fork(let height, let guilty, let suspects, let evidence):
            "two different blocks are final at height \(height): trust nothing; "
                + (guilty.isEmpty ? "" : "guilty: \(Self.list(guilty)); ")
                + "signed both sides: \(Self.list(suspects)); the proof is in \(evidence ?? "no file")"
        case .stall(let last, let seconds): "no block has become final for \(seconds) s; the last is \(last)"
        case .belowKeptHead(let seen, let offered): "no node offers more than block \(offered), and \(seen) was seen"
        case .fellBack(let node, let from, let to): "\(node) shows block \(to) after it has shown \(from)"
        case .lagging(let node): "\(node) stays behind the others"
        case .disagreement(let node, let reason): "\(node) is not believed: \(reason)"
        case .silent(let node): "\(node) does not answer"
        case .unreviewed(let emergency, let organization, let due):
            "organisation \(organization) has not reviewed emergency \(emergency), due \(due)"
        }
    }

    private static func list(_ validators: [ValidatorID]) -> String {
        validators.isEmpty ? "nobody" : validators.map(\.description).joined(separator: ", ")
    }
}
