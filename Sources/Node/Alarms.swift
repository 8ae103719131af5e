internal import ChainStorage
internal import Codec
internal import Consensus
internal import ContentStorage
internal import Foundation
internal import Ledger
internal import P2P
internal import Replication

/// What an operator should be woken for, as metrics; `Network/alerts.yaml` says when.
struct Alarms: Sendable {
    let home: NodeHome
    let roster: Roster
    let store: LedgerStore
    let content: FileContentStore
    /// How the peers answered from which the home was filled in this run.
    let helpers: [Int: SnapshotJoin.Account]

    /// Adds everything to a page.
    func write(_ report: ReplicaReport?, _ counters: [Int: PeerCounters], to page: inout MetricsPage) {
        let (height, members) = (store.height, roster.members)
        let standstill = Standstill(
            report: report, members: members, ownID: roster.ownID, isConnected: { counters[$0]?.connected ?? false },
            claims: report?.claims ?? [], helpers: [:], height: height)
        let now = Date.now.timeIntervalSince1970
        let made = (try? store.blocks.header(at: height))?.map { Double($0.time.rawValue) / 1000 } ?? now
        page.gauge(
            "careledger_block_age_seconds", "Seconds since the last final block was made.", [([:], max(0, now - made))])
        page.gauge(
            "careledger_behind_blocks", "Blocks that others have and this node has not.",
            standstill.target.rawValue - min(standstill.target.rawValue, height.rawValue))
        page.gauge("careledger_validators", "Validators of the present set.", members.count)
        page.gauge(
            "careledger_validators_missing", "Other validators that are not connected.", standstill.missing.count)
        page.gauge(
            "careledger_quorum_connected", "1 while enough validators are connected for a block.",
            standstill.connected >= standstill.quorum ? 1 : 0)
        page.gauge(
            "careledger_validator", "1 while this node is a validator, 0 while it follows.", roster.isMember ? 1 : 0)
        page.gauge(
            "careledger_journal_lost", "1 while this validator is silent because it lost its journal.",
            report.map { $0.place != nil && !$0.engine.takesPart } ?? false ? 1 : 0)
        page.gauge(
            "careledger_clock_difference_seconds",
            "How far the other validators' clocks are ahead of this one, 0 while they agree.",
            [([:], (report?.clockDifference ?? .zero) / .seconds(1))])
        page.gauge(
            "careledger_contradictions", "Proofs in this home that a validator has contradicted itself.",
            (try? FileManager.default.contentsOfDirectory(atPath: home.evidenceDirectory))?.count ?? 0)
        page.gauge(
            "careledger_emergency_reviews_overdue", "Reviews of emergencies that organisations owe.",
            overdueReviews(at: Timestamp(rawValue: UInt64(max(0, now * 1000)))))
        let space = content.space ?? (0, 0)
        page.gauge("careledger_disk_free_bytes", "Bytes that the disk of the content store has left.", space.free)
        page.gauge(
            "careledger_content_reserve_bytes", "Free bytes below which documents are refused.", space.reserve)
        page.gauge(
            "careledger_content_full", "1 while documents are refused for want of room.",
            space.free < space.reserve ? 1 : 0)
        writeHelpers(to: &page)
    }

    private func writeHelpers(to page: inout MetricsPage) {
        let sorted = helpers.sorted { $0.key < $1.key }
        page.counter(
            "careledger_join_refuted_total", "Answers of the peer that were not so while this node was filled.",
            sorted.map { (["peer": "\($0.key)"], UInt64($0.value.refuted)) })
        page.counter(
            "careledger_join_unanswered_total", "Questions that the peer did not answer while this node was filled.",
            sorted.map { (["peer": "\($0.key)"], UInt64($0.value.unanswered)) })
    }

    private func overdueReviews(at time: Timestamp) -> Int {
        store.consortium.organizations.reduce(0) { count, organization in
            let duties = store.record(organization, as: ReviewDutiesRecord.self)?.duties ?? []
            return count + duties.count { time > $0.due }
        }
    }
}
