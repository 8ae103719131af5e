import Consensus

/// A rule that is broken on purpose, and the runs that must notice.
package struct MutationCase: Sendable {
    /// What `simulate mutations` calls it.
    package let name: String
    /// Which rule or check is gone.
    package let rule: String
    /// Whether whole replicas are needed to notice.
    package let isWhole: Bool
    /// How the runs are set up.
    package let options: Options
    /// The first seed to try.
    package let start: UInt64

    /// Tries seeds until one notices.
    ///
    /// - Returns: The seed and what it found, nothing when none of `limit` seeds does.
    package func hunt(limit: UInt64) -> (seed: UInt64, finding: Violation)? {
        for seed in start..<start + limit {
            let result =
                isWhole
                ? ReplicaCluster(seed: seed, options: options).run() : Cluster(seed: seed, options: options).run()
            if let violation = result.violation { return (seed, violation) }
        }
        return nil
    }
}

/// Every rule of consensus, check of a block and check of the ledger that can be broken on purpose.
package enum MutationCatalog {
    package static let all = consensus + certificates + blocks + ledger

    /// Rules that clusters of engines notice.
    private static let consensus: [MutationCase] = [
        engine("finalize_after_nullify", "R4: no finalize vote in a view that was given up", .finalizeAfterNullify),
        engine("skip_without_nullification", "R3: every skipped view was given up", .skipWithoutNullification),
        engine("lose_votes", "recovery: votes survive a restart", .loseVotes),
        engine("replay_decides", "recovery: replaying decides nothing", .replayDecides),
        engine("no_bundle", "R8: what was said is said again", .noBundle),
        engine("no_justify", "R1: a proposal carries its justification", .noJustification),
        engine("own_nullify_untallied", "recovery: own votes count again", .ownNullifyUntallied),
        engine("revote", "R3: one notarize vote a view", .revote),
        engine("send_before_persist", "persistence: durable before said", .sendBeforePersist),
        engine("no_abstention", "amnesia: silence in the views it may have voted in", .noAbstention, losesDisks: true),
        engine("small_quorum", "a quorum is n - f", .smallQuorum),
        engine("back_unexecuted", "R3: only executed blocks are backed", .backUnexecuted),
        engine("certify_unexecuted", "R4: only executed blocks are certified", .certifyUnexecuted),
        engine("no_retry", "R8: the bundle is repeated", .noRetry),
    ]

    /// Rules that a dishonest validator is needed for.
    private static let certificates: [MutationCase] = [
        whole("trust_votes", "votes: the signature is checked") {
            ($0.mutation, $0.role, $0.isCalm) = (.trustVotes, .voteMalleator, true)
        },
        whole("trust_certificates", "certificates: every signature is checked") {
            ($0.mutation, $0.role, $0.isCalm) = (.trustCertificates, .impersonator, true)
        },
        whole("keep_far_votes", "votes: at most 8 views ahead") {
            ($0.mutation, $0.role, $0.isCalm) = (.keepFarVotes, .flooder, true)
        },
    ]

    /// Checks of a block; each is left out, and a leader proposes blocks that only it refuses. Chain, height and parent
    /// are not among them: consensus refuses such a block as well.
    private static let blocks: [MutationCase] = [
        block("epoch", .epoch), block("proposer", .proposer), block("ancestry root", .ancestry),
        block("validators", .validators), block("next validators", .nextValidators), block("time", .time),
        block("early", .early), block("transactions root", .transactionsRoot), block("receipts root", .receiptsRoot),
        block("state root", .stateRoot), block("signatures", .signatures),
    ]

    /// Checks of the ledger on transactions.
    private static let ledger: [MutationCase] = [
        whole("include_twice", "ledger: a transaction is included once") {
            ($0.lies, $0.role, $0.lie, $0.isCalm) = (.forgetful, .invalidBlockProposer, .included, true)
        },
        whole("wait_for_ever", "ledger: a transaction waits at most for the window") {
            ($0.lies, $0.role, $0.lie, $0.isCalm) = (.patient, .invalidBlockProposer, .tooFar, true)
        },
    ]

    private static func engine(
        _ name: String, _ rule: String, _ mutation: Mutation, losesDisks: Bool = false
    ) -> MutationCase {
        var options = Options()
        options.mutation = mutation
        options.losesDisks = losesDisks
        options.patience = 300
        return MutationCase(name: name, rule: rule, isWhole: false, options: options, start: 0)
    }

    private static func block(_ check: String, _ lie: InvalidBlockProposer.Lie) -> MutationCase {
        whole("skip_\(lie.rawValue.split(separator: " ").joined(separator: "_"))", "block: \(check)") {
            ($0.skippedChecks, $0.role, $0.lie, $0.isCalm) = ([check], .invalidBlockProposer, lie, true)
        }
    }

    private static func whole(_ name: String, _ rule: String, _ change: (inout Options) -> Void) -> MutationCase {
        var options = Options()
        options.chaos = 20
        options.patience = 60
        change(&options)
        return MutationCase(name: name, rule: rule, isWhole: true, options: options, start: 0)
    }
}
