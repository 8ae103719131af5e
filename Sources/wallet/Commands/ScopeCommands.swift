import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// `scope`: a patient's categories.
struct ScopeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scope", abstract: "Open, list, rotate and close scopes: one category of one patient.",
        subcommands: [Open.self, List.self, RotateScopeCommand.self, CloseScopeCommand.self, DenyScopeCommand.self])

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open a scope, sponsored by an organisation.",
            discussion: """
                Examples:
                  careledger-wallet scope open imaging --voucher "$CODE"
                  careledger-wallet scope open imaging --sponsor "North Hospital" --transaction-file open.cbor

                The category's name never leaves this wallet.
                """)

        @Argument(help: "The category, as you call it: 1 to 64 bytes.")
        var category: String

        @Option(help: ArgumentHelp("The one-time code that a registration desk gave.", valueName: "code"))
        var voucher: String?

        @Option(help: ArgumentHelp("The organisation that will sign the file, or is at hand.", valueName: "name"))
        var sponsor: String?

        @OptionGroup var cosigning: CosignOptions
        @OptionGroup var options: HomeOptions

        func validate() throws {
            guard (voucher == nil) != (sponsor == nil) else {
                throw ValidationError("give either --voucher or --sponsor")
            }
        }

        func run() async throws {
            guard let name = PatientKeys.ScopeName(category: category) else {
                throw ProgramFailure("“\(category)” is no category: 1 to 64 bytes", code: .usage)
            }
            try await options.asPatient { session, keys in
                var keys = keys
                keys.add(name)
                let scope = keys.keys(of: name)
                // Kept before it is on the chain: a scope whose wallet forgot it would be lost.
                session.keystore.identity = .patient(keys)
                try session.keystore.save()
                let keeper = ConsentKeeper(session.ledger, home: session.home)
                if let voucher {
                    guard let voucher = Voucher(text: voucher) else {
                        throw ProgramFailure("--voucher is not what `enroll issue` prints", code: .usage)
                    }
                    try await keeper.open(scope, with: voucher)
                } else if let sponsor {
                    var transaction = try await keeper.prepareOpening(
                        scope, sponsor: try session.organization(sponsor))
                    for key in try cosigning.keys(options) { transaction = transaction.signed(by: key) }
                    guard try await cosigning.finish(transaction, session) else { return }
                }
                options.printing.show([
                    Field("category", .string(category)), Field("scope", text: scope.id),
                ])
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List this patient's scopes.",
            discussion: """
                Example:
                  careledger-wallet scope list
                """)

        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asPatient { session, keys in
                let keeper = ConsentKeeper(session.ledger, home: session.home)
                var rows: [[Field]] = []
                for scope in keys.allKeys {
                    let record = try await keeper.record(of: scope)
                    let events = record == nil ? [] : try await keeper.events(of: scope)
                    rows.append([
                        Field("category", .string(scope.name.category)), Field("scope", text: scope.id),
                        Field("open", .bool(record != nil && record?.closed == nil)),
                        Field("epoch", .number(scope.name.epoch)),
                        Field("sponsor", .string(record.map { session.name(of: $0.sponsor) } ?? "-")),
                        Field("authors", .array(events.authors.map { .string(session.name(of: $0)) })),
                        Field("denied", .array(events.denied.map { .string(session.name(of: $0)) })),
                    ])
                }
                options.printing.show(rows: rows, empty: "no scopes")
            }
        }
    }
}

/// `author`: who may add documents to a scope.
struct AuthorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "author", abstract: "Who may add documents to a scope.",
        subcommands: [Authorize.self, Withdraw.self, Pass.self, Keep.self])

    struct Authorize: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let an organisation add documents.",
            discussion: """
                Example:
                  careledger-wallet author authorize imaging "North Hospital"
                """)

        @Argument(help: "The scope's category.") var category: String
        @Argument(help: "The organisation, by name or identifier.") var organization: String
        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asPatient { session, keys in
                let scope = try session.scope(category, of: keys)
                let organization = try session.organization(organization)
                let proof = try await ConsentKeeper(session.ledger, home: session.home)
                    .authorize(organization, in: scope)
                options.printing.show([
                    Field("scope", text: scope.id), Field("organization", text: organization),
                    Field("height", .number(proof.finality.header.height.rawValue)),
                ])
            }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take an organisation's permission to add documents back.",
            discussion: """
                Example:
                  careledger-wallet author withdraw imaging "North Hospital"
                """)

        @Argument(help: "The scope's category.") var category: String
        @Argument(help: "The organisation, by name or identifier.") var organization: String
        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asPatient { session, keys in
                let scope = try session.scope(category, of: keys)
                let organization = try session.organization(organization)
                let proof = try await ConsentKeeper(session.ledger, home: session.home)
                    .withdraw(organization, from: scope)
                options.printing.show([
                    Field("scope", text: scope.id), Field("organization", text: organization),
                    Field("height", .number(proof.finality.header.height.rawValue)),
                ])
            }
        }
    }

    struct Pass: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "As an organisation: seal a scope's card to a member of staff who is to write to it.",
            discussion: """
                Example:
                  careledger-wallet author pass 02ab… --to 5f0c… --home /srv/desk
                """)

        @Argument(help: "The scope's identifier.") var scope: ScopeID
        @Option(help: ArgumentHelp("The member's identifier.", valueName: "staff")) var to: StaffID
        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asOrganization { _, desk, _ in
                let card = try await desk.passCard(of: scope, to: to)
                options.printing.show([Field("card", .string(card.text))])
            }
        }
    }

    struct Keep: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "As a member of staff: keep a scope's card that the organisation passed on.",
            discussion: """
                Example:
                  careledger-wallet author keep "$CARD" --home ~/.careledger
                """)

        @Argument(help: "What `author pass` printed.") var card: String
        @OptionGroup var options: HomeOptions

        func run() async throws {
            guard let card = SealedCard(text: card) else {
                throw ProgramFailure("this is not what `author pass` prints as card", code: .usage)
            }
            try await options.asStaff { session, keys, _ in
                _ = try card.open(with: keys.sealing, on: session.ledger.chain)
                try CardBox(session.home).keep(card)
                options.printing.show([Field("scope", text: card.scope)])
            }
        }
    }
}
