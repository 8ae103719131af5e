internal import API
internal import ChainStorage
internal import Codec
internal import Consensus
internal import ContentStorage
internal import Ledger
internal import P2P
internal import Replication

extension NodeStatus {
    /// What `/status` answers.
    init(
        of report: ReplicaReport?, peers counters: [Int: PeerCounters], genesis: Genesis, roster: Roster,
        store: LedgerStore, content: FileContentStore, helpers: [Int: SnapshotJoin.Account], supported: ProtocolVersion
    ) {
        let height = store.height
        let members = roster.members
        let claims = Dictionary(
            (report?.validators.keys ?? []).enumerated().map { (ValidatorID(consensusKey: $1), report?.claims[$0]) },
            uniquingKeysWith: { first, _ in first })
        let peers = members.filter { $0.id != roster.ownID }.map { node in
            Peer(
                validator: node.id, connected: counters[node.number]?.connected ?? false,
                height: claims[node.id].flatMap { $0 } ?? .genesis)
        }
        let standstill = Standstill(
            report: report, members: members, ownID: roster.ownID, isConnected: { counters[$0]?.connected ?? false },
            claims: peers.map(\.height), helpers: helpers, height: height)
        let reasons = standstill.reasons
        let notes = standstill.notes + [content.space.flatMap { Standstill.sentence(onSpace: $0) }].compactMap { $0 }
        let header = try? store.blocks.header(at: height)
        let silent = report.map { report in
            report.silent.map { ValidatorID(consensusKey: report.validators[$0]) }
        }
        self.init(
            validator: roster.isMember ? roster.ownID : nil, ready: report != nil && reasons.isEmpty,
            chain: genesis.chain, height: height, time: header?.time ?? genesis.time, view: report?.view.rawValue ?? 0,
            epoch: report?.epoch.rawValue ?? header?.nextEpoch ?? 0, missingVotes: silent ?? [],
            missingBodies: report?.missingBlocks ?? 0, peers: peers,
            waitingTransactions: report?.waitingTransactions ?? 0, version: RunningNode.version,
            reasons: Array((reasons + notes).prefix(Self.maximumReasons)),
            rules: Rules(ReplicaReport.Rules(after: height, in: store, supported: supported)))
    }
}

extension NodeStatus.Rules {
    fileprivate init(_ rules: ReplicaReport.Rules) {
        self.init(version: rules.version, supported: rules.supported, upcoming: rules.upcoming)
    }
}

extension MetricsPage {
    /// Adds what the replica and the peer network count.
    mutating func add(_ report: ReplicaReport?, _ peers: [Int: PeerCounters]) {
        if let report {
            gauge("careledger_view", "The view that consensus is in.", report.view.rawValue)
            gauge(
                "careledger_view_without_finality", "Views since the last final one.",
                report.view.rawValue - min(report.view.rawValue, report.finalizedView.rawValue))
            gauge("careledger_mempool_transactions", "Transactions that wait for a block.", report.waitingTransactions)
            gauge("careledger_mempool_bytes", "Bytes that wait for a block.", report.waitingBytes)
            gauge("careledger_missing_blocks", "Blocks that are wanted and not here.", report.missingBlocks)
            gauge("careledger_rules_version", "The rules of the next block.", report.rules.version.rawValue)
            gauge(
                "careledger_rules_supported", "The newest rules that this program has.", report.rules.supported.rawValue
            )
            let end = report.rules.end(after: report.storedHeight)
            gauge(
                "careledger_upgrade_required", "1 when blocks are decided whose rules this program does not have.",
                end == nil ? 0 : 1)
            if let end {
                gauge(
                    "careledger_upgrade_blocks_left", "Blocks until this program stops for want of their rules.",
                    end.height.rawValue - min(end.height.rawValue, report.storedHeight.rawValue + 1))
            }
        }
        let sorted = peers.sorted { $0.key < $1.key }
        func labels(_ peer: Int) -> [String: String] { ["peer": "\(peer)"] }
        gauge(
            "careledger_peer_connected", "Whether the peer is connected.",
            sorted.map { (labels($0.key), $0.value.connected ? 1 : 0) })
        counter(
            "careledger_peer_received_bytes_total", "Bytes of payload from the peer.",
            sorted.map { (labels($0.key), $0.value.bytesReceived) })
        counter(
            "careledger_peer_sent_bytes_total", "Bytes of payload to the peer.",
            sorted.map { (labels($0.key), $0.value.bytesSent) })
        counter(
            "careledger_peer_faults_total", "Connections ended because the peer broke the rules.",
            sorted.map { (labels($0.key), $0.value.faults) })
        counter(
            "careledger_peer_dropped_frames_total", "Frames dropped because the peer's queue was full.",
            sorted.map { (labels($0.key), $0.value.dropped.values.reduce(0, +)) })
    }
}
