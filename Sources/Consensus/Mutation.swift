/// Rules that a test breaks on purpose, to see that the simulator notices.
///
/// Nothing outside this package can name it, and nothing but a test sets it.
package struct Mutation: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let finalizeAfterNullify = Mutation(rawValue: 1 << 0)
    package static let skipWithoutNullification = Mutation(rawValue: 1 << 2)
    package static let loseVotes = Mutation(rawValue: 1 << 3)
    package static let replayDecides = Mutation(rawValue: 1 << 4)
    package static let noBundle = Mutation(rawValue: 1 << 5)
    package static let noJustification = Mutation(rawValue: 1 << 6)
    package static let ownNullifyUntallied = Mutation(rawValue: 1 << 7)
    package static let revote = Mutation(rawValue: 1 << 8)
    package static let sendBeforePersist = Mutation(rawValue: 1 << 9)
    package static let noAbstention = Mutation(rawValue: 1 << 10)
    package static let trustVotes = Mutation(rawValue: 1 << 11)
    package static let trustCertificates = Mutation(rawValue: 1 << 12)
    package static let smallQuorum = Mutation(rawValue: 1 << 13)
    package static let backUnexecuted = Mutation(rawValue: 1 << 14)
    package static let certifyUnexecuted = Mutation(rawValue: 1 << 15)
    package static let noRetry = Mutation(rawValue: 1 << 16)
    package static let abstainTooLittle = Mutation(rawValue: 1 << 17)
    package static let keepFarVotes = Mutation(rawValue: 1 << 18)
    package static let believeStandings = Mutation(rawValue: 1 << 19)
    package static let repeatAnything = Mutation(rawValue: 1 << 20)

    /// Every mutation with the name the simulator knows it by.
    package static let named: [(name: String, mutation: Mutation)] = [
        ("finalize_after_nullify", .finalizeAfterNullify),
        ("skip_without_nullification", .skipWithoutNullification), ("lose_votes", .loseVotes),
        ("replay_decides", .replayDecides), ("no_bundle", .noBundle), ("no_justify", .noJustification),
        ("own_nullify_untallied", .ownNullifyUntallied), ("revote", .revote),
        ("send_before_persist", .sendBeforePersist), ("no_abstention", .noAbstention),
        ("trust_votes", .trustVotes), ("trust_certificates", .trustCertificates), ("small_quorum", .smallQuorum),
        ("back_unexecuted", .backUnexecuted), ("certify_unexecuted", .certifyUnexecuted), ("no_retry", .noRetry),
        ("abstain_too_little", .abstainTooLittle), ("keep_far_votes", .keepFarVotes),
        ("believe_standings", .believeStandings),
    ]
}
