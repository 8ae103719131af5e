import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger
import Terminal

/// `change`: what the organisations decide together.
struct ChangeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change",
        abstract: "Decide with the other organisations: members, validators, auditors, limits.",
        subcommands: [Propose.self, Approve.self, List.self, Show.self, Card.self])

    struct Propose: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a change to the vote; this organisation's approval counts at once.",
            discussion: """
                Example:
                  careledger-wallet change propose --home /srv/desk --add-validator "$CANDIDATE"
                  careledger-wallet change propose --home /srv/desk --replace-validator 5f0c… --with "$CANDIDATE"
                  careledger-wallet change propose --home /srv/desk --set access-window=200
                  careledger-wallet change propose --home /srv/desk --activate-version 2 --at-height 50000
                  careledger-wallet change propose --home /srv/desk --appoint-auditor "State office" --key 02ab… --days 365

                A change is made with the approval of more than two thirds of the organisations. A candidate is what \
                `careledger-validator card` prints; from the proposal on its node may follow the chain, so that it has \
                caught up when it is approved. A version of the rules counts from the height on, 100 blocks or more after \
                the last approval; a validator whose program does not have it stops before that block, so install the \
                new program first: `careledger-validator status` says who has not. An organisation's card is what `change card` prints in its home.
                """)

        @Option(help: ArgumentHelp("Admit an organisation.", valueName: "card")) var admit: String?
        @Option(help: ArgumentHelp("Expel an organisation, its staff and its validators.", valueName: "name"))
        var expel: String?
        @Option(help: ArgumentHelp("Add a validator.", valueName: "candidate")) var addValidator: String?
        @Option(help: ArgumentHelp("Remove a validator.", valueName: "id")) var removeValidator: ValidatorID?
        @Option(help: ArgumentHelp("Give a validator other keys or addresses.", valueName: "id"))
        var replaceValidator: ValidatorID?
        @Option(help: ArgumentHelp("Who takes the place of the validator that is replaced.", valueName: "candidate"))
        var with: String?
        @Option(help: ArgumentHelp("Let an auditor read everything.", valueName: "name")) var appointAuditor: String?
        @Option(help: ArgumentHelp("The auditor's key, in hexadecimal.", valueName: "key")) var key: String?
        @Option(help: ArgumentHelp("For how many days the auditor is appointed.", valueName: "n")) var days = 365
        @Option(help: ArgumentHelp("Dismiss an auditor.", valueName: "id")) var dismissAuditor: AuditorID?
        @Option(
            help: ArgumentHelp(
                "Set a limit: transaction-window, access-window, block-bytes or document-copies.",
                valueName: "name=value"))
        var set: String?
        @Option(
            help: ArgumentHelp(
                "Go on to the next version of the rules; the present one takes back what lies ahead.", valueName: "n"))
        var activateVersion: UInt64?
        @Option(help: ArgumentHelp("The first block that follows the version.", valueName: "height"))
        var atHeight: UInt64?
        @Option(help: ArgumentHelp("For how many days it can be approved.", valueName: "n")) var vote = 30
        @OptionGroup var cosigning: CosignOptions
        @OptionGroup var options: HomeOptions

        func validate() throws {
            let wishes: [Bool] = [
                admit != nil, expel != nil, addValidator != nil, removeValidator != nil, replaceValidator != nil,
                appointAuditor != nil, dismissAuditor != nil, set != nil, activateVersion != nil,
            ]
            guard wishes.count(where: { $0 }) == 1 else { throw ValidationError("give one change") }
            guard (replaceValidator == nil) == (with == nil) else {
                throw ValidationError("--replace-validator and --with go together")
            }
            guard (appointAuditor == nil) == (key == nil) else {
                throw ValidationError("--appoint-auditor and --key go together")
            }
            guard (activateVersion == nil) == (atHeight == nil) else {
                throw ValidationError("--activate-version and --at-height go together")
            }
            guard (1...3650).contains(days) else { throw ValidationError("--days must be 1 to 3650") }
            guard (1...89).contains(vote) else { throw ValidationError("--vote must be 1 to 89") }
        }

        func run() async throws {
            try await options.asOrganization { session, desk, _ in
                let (id, transaction) = try await desk.prepareProposal(
                    try change(session), expires: Moment.now.advanced(byDays: vote))
                guard try await cosigning.finish(transaction, signedBy: options, session) else { return }
                let decision = try await session.ledger.decision(on: id, signedBy: try session.requestKey())
                options.printing.show(decision?.fields(session) ?? [Field("change", text: id)])
            }
        }

        private func change(_ session: Session) throws -> Change {
            if let admit {
                guard let entry = Genesis.Organization(text: admit) else { throw malformed("--admit") }
                return try checked(.admitOrganization(entry), "--admit")
            }
            if let expel { return .expelOrganization(try session.organization(expel)) }
            if let addValidator { return .addValidator(try candidate(addValidator, "--add-validator")) }
            if let removeValidator { return .removeValidator(removeValidator) }
            if let replaceValidator, let with {
                return .replaceValidator(replaceValidator, try candidate(with, "--with"))
            }
            if let dismissAuditor { return .dismissAuditor(dismissAuditor) }
            if let appointAuditor, let key {
                guard let bytes = [UInt8](hex: key.lowercased()), let key = PublicKey(bytes) else {
                    throw malformed("--key")
                }
                let entry = Genesis.Auditor(name: appointAuditor, key: key, expires: Moment.now.advanced(byDays: days))
                return try checked(.appointAuditor(entry), "--appoint-auditor")
            }
            if let activateVersion, let atHeight {
                let version = ProtocolVersion(rawValue: activateVersion)
                let activation = ProtocolActivation(version: version, height: Height(rawValue: atHeight))
                return try checked(.activateVersion(activation), "--activate-version")
            }
            let parts = (set ?? "").split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let parameter = ChainParameter(name: parts[0]), let value = UInt64(parts[1]) else {
                throw malformed("--set")
            }
            return .setParameter(parameter, value)
        }

        private func candidate(_ text: String, _ option: String) throws -> ValidatorCandidate {
            guard let candidate = ValidatorCandidate(text: text) else { throw malformed(option) }
            return candidate
        }

        /// What a node would refuse to read is said here.
        private func checked(_ change: Change, _ option: String) throws -> Change {
            do { return try Change(decoding: change.encoded) } catch {
                throw ProgramFailure("\(option): \(error)", code: .usage)
            }
        }

        private func malformed(_ option: String) -> ProgramFailure {
            ProgramFailure("\(option) is not what it has to be: see --help", code: .usage)
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve a change for this organisation.",
            discussion: """
                Example:
                  careledger-wallet change approve 9be1… --home /srv/desk

                Look at it first: change show. With the approval that makes more than two thirds it is made at once.
                """)

        @Argument(help: "The change's identifier.") var change: ChangeID
        @OptionGroup var cosigning: CosignOptions
        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asOrganization { session, desk, _ in
                let key = try session.requestKey()
                guard let open = try await session.ledger.decision(on: change, signedBy: key) else {
                    throw ProgramFailure("there is no change \(change)")
                }
                Program.note("to \(open.record.change.words(SummaryNames(session.genesis)))")
                let transaction = try await desk.prepareApproval(of: change)
                guard try await cosigning.finish(transaction, signedBy: options, session) else { return }
                let decision = try await session.ledger.decision(on: change, signedBy: key)
                options.printing.show((decision ?? open).fields(session))
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the changes that are put to the vote.",
            discussion: """
                Example:
                  careledger-wallet change list --home /srv/desk --output json
                """)

        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.withSession { session in
                let open = try await session.ledger.openChanges(signedBy: try session.requestKey())
                options.printing.show(rows: open.map { $0.fields(session) }, empty: "nothing is put to the vote")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a change: what it is, who has approved it, how many have to.",
            discussion: """
                Example:
                  careledger-wallet change show 9be1… --home /srv/desk
                """)

        @Argument(help: "The change's identifier.") var change: ChangeID
        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.withSession { session in
                let decision = try await session.ledger.decision(on: change, signedBy: try session.requestKey())
                guard let decision else { throw ProgramFailure("there is no change \(change)") }
                options.printing.show(decision.fields(session))
            }
        }
    }

    struct Card: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print this organisation's card, with which the others admit it.",
            discussion: """
                Example:
                  careledger-wallet change card --home /srv/new-desk --name "West Hospital" --role clinician
                """)

        @Option(help: ArgumentHelp("What people call the organisation.", valueName: "text")) var name: String
        @Option(help: ArgumentHelp("How many of its keys have to sign.", valueName: "n")) var threshold = 1
        @Option(help: ArgumentHelp("The roles that it may appoint (repeatable).", valueName: "role"))
        var role: [Role] = Role.allCases
        @OptionGroup var options: HomeOptions

        func run() throws {
            guard case .organization(let keys) = try options.openKeystore().identity else {
                throw ProgramFailure("this needs an organisation's home")
            }
            guard (1...keys.signing.count).contains(threshold), !role.isEmpty, (1...128).contains(name.utf8.count)
            else {
                throw ProgramFailure("the name has 1 to 128 bytes, the threshold at most as many keys", code: .usage)
            }
            let entry = keys.entry(name: name, threshold: threshold, roles: role)
            options.printing.show([Field("card", .string(entry.text)), Field("organization", text: entry.id)])
        }
    }
}

extension Decision {
    /// What an organisation sees of it.
    func fields(_ session: Session) -> [Field] {
        let names = SummaryNames(session.genesis)
        return [
            Field("change", text: id), Field("to", .string(record.change.words(names))),
            Field("proposedBy", .string(session.name(of: record.organization))),
            Field("approvedBy", .array(approvals.map { .string(session.name(of: $0)) })),
            Field("approvals", .number(UInt64(approvals.count)), shown: "\(approvals.count) of \(needed) needed"),
            Field("needed", .number(UInt64(needed))), Field("expires", text: record.expires),
            Field(
                "made", record.decided.map { .number($0.rawValue) } ?? .null,
                shown: record.decided.map { "in block \($0)" } ?? "not yet"),
        ]
    }
}

extension CosignOptions {
    /// Adds the signatures of other homes on this machine, and submits or writes the file.
    func finish(_ transaction: Transaction, signedBy options: HomeOptions, _ session: Session) async throws -> Bool {
        var signed = transaction
        for key in try keys(options) where !signed.signers.contains(key.publicKey) { signed = signed.signed(by: key) }
        return try await finish(signed, session)
    }
}
