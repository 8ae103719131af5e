internal import Codec
internal import Consensus
internal import Cryptography
internal import Foundation
internal import Ledger
internal import Replication

/// Why a node is not ready or does not move, in sentences for its operator: who is missing, which vote, which body.
struct Standstill {
    /// How far behind the others a node may be and still answer for the chain.
    static let slack: UInt64 = 8
    /// A view that has lasted so long does not end by itself any more: twice what an idle network lets pass between blocks.
    private static let patience = Duration.seconds(10)
    /// So many views after the last final one, something keeps blocks from becoming final.
    private static let views: UInt64 = 10
    private static let named = 6

    let report: ReplicaReport?
    /// The validators of the present set, this one included if it is one.
    let members: [Roster.Node]
    let ownID: ValidatorID
    /// Whether there is a connection to the node of this number.
    let isConnected: (Int) -> Bool
    /// What the others say of their heights.
    let claims: [Height]
    /// How the peers answered from which the home was filled in this run.
    let helpers: [Int: SnapshotJoin.Account]
    let height: Height

    private var others: [Roster.Node] { members.filter { $0.id != ownID } }
    private var isMember: Bool { others.count < members.count }
    /// The other validators to which there is no connection.
    var missing: [Roster.Node] { others.filter { !isConnected($0.number) } }
    /// How many validators decide.
    var quorum: Int { members.count - (members.count - 1) / 3 }
    /// How many can be heard, this one included where it is one of them.
    var connected: Int { members.count - missing.count }
    /// The height that somebody honest has reached: of the claims, f may be lies.
    var target: Height { claims.sorted(by: >).dropFirst((members.count - 1) / 3).first ?? height }

    /// What keeps the node from being ready; empty when it is.
    var reasons: [String] {
        guard let report else { return ["the replica has not started"] }
        var reasons: [String] = []
        if isMember, connected < quorum {
            reasons.append(
                "\(connected) of \(members.count) validators are connected; a block needs \(quorum); missing: "
                    + names(missing))
        }
        if !isMember, connected == 0 { reasons.append("no validator is connected; this node only follows") }
        if target.rawValue > height.rawValue + Self.slack { reasons.append("catching up to block \(target)") }
        if report.missingBlocks > 0, report.finalizedHeight > height {
            reasons.append("waiting for \(report.missingBlocks) blocks that are final elsewhere: " + bodies(report))
        }
        if report.place != nil, !report.engine.takesPart {
            reasons.append("the journal was lost: silent until it is safe to vote again")
        }
        if let difference = report.clockDifference { reasons.append(Self.sentence(onClock: difference)) }
        return reasons
    }

    /// What is worth a look while the node is ready all the same.
    var notes: [String] {
        guard let report else { return [] }
        var notes: [String] = []
        if !missing.isEmpty, !isMember || connected >= quorum { notes.append("not connected: \(names(missing))") }
        for node in others {
            guard let account = helpers[node.number] else { continue }
            notes.append(
                "when this node was filled, \(Self.name(node)) gave \(account.refuted) answers that were not so and left "
                    + "\(account.unanswered) questions unanswered")
        }
        if report.place == nil { return notes }
        let waited = Duration.microseconds(report.time.microseconds - report.engine.entered.microseconds)
        if waited >= Self.patience {
            notes.append("view \(report.view.rawValue) has lasted \(Self.seconds(waited)): \(votes(report))")
            if report.missingBlocks > 0 { notes.append("waiting for " + bodies(report)) }
        }
        let views = report.view.rawValue - min(report.view.rawValue, report.finalizedView.rawValue)
        if views > Self.views { notes.append("no block has become final in the last \(views) views") }
        return notes
    }

    // MARK: Sentences

    /// What has been said in the view, and by whom nothing.
    private func votes(_ report: ReplicaReport) -> String {
        let engine = report.engine
        let (backed, nullified) = (engine.voters.count { $0.hasNotarized }, engine.voters.count { $0.hasNullified })
        let leader = name(report.validators[engine.leader])
        let silent = report.silent.map { report.validators[$0] }.compactMap { key in
            members.first { $0.key == key }
        }
        return "\(leader) leads it and has \(engine.isProposed ? "" : "not ")proposed; \(backed) back a block and "
            + "\(nullified) give the view up, of which \(engine.quorum) are needed"
            + (silent.isEmpty ? "" : "; no vote has come from \(names(silent))")
    }

    private func bodies(_ report: ReplicaReport) -> String {
        report.wanted.map { wanted in
            let asked = wanted.asked.flatMap { asked in members.first { $0.number == asked.rawValue } }
            return "block \("\(wanted.block)".prefix(12))" + (asked.map { ", asked of \(Self.name($0))" } ?? "")
        }.joined(separator: "; ")
    }

    private func names(_ nodes: [Roster.Node]) -> String {
        let more = nodes.count - min(nodes.count, Self.named)
        return nodes.prefix(Self.named).map { Self.name($0) }.joined(separator: ", ")
            + (more > 0 ? " and \(more) more" : "")
    }

    private func name(_ key: PublicKey) -> String {
        if key == report?.validators.keys.first(where: { ValidatorID(consensusKey: $0) == ownID }) {
            return "this node"
        }
        return members.first { $0.key == key }.map { Self.name($0) } ?? "\(ValidatorID(consensusKey: key))"
    }

    private static func name(_ node: Roster.Node) -> String { "\("\(node.id)".prefix(8)) at \(node.peerAddress)" }

    private static func seconds(_ duration: Duration) -> String { "\(Int(duration / .seconds(1))) s" }

    /// That the disk has no room for documents, when that is so.
    static func sentence(onSpace space: (free: UInt64, reserve: UInt64)) -> String? {
        guard space.free < space.reserve else { return nil }
        return
            "the disk has \(space.free >> 20) MiB left and \(space.reserve >> 20) are for the chain: sealed documents are "
            + "refused, voting goes on"
    }

    private static func sentence(onClock difference: Duration) -> String {
        let length = difference < .zero ? .zero - difference : difference
        let seconds = String(format: "%.1f s", length / .seconds(1))
        return difference > .zero
            ? "this machine's clock is \(seconds) behind the other validators': it votes for none of their blocks until the "
                + "clock is set"
            : "this machine's clock is \(seconds) ahead of the other validators': they vote for none of its blocks until "
                + "the clock is set"
    }
}
