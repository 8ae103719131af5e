import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger
import Terminal

/// `enroll`: what a registration desk gives a patient.
struct EnrollCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll", abstract: "One-time codes with which patients open scopes.",
        subcommands: [Issue.self])

    struct Issue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issue a one-time code that sponsors one scope.",
            discussion: """
                Example:
                  careledger-wallet enroll issue --home /srv/desk --days 7
                """)

        @Option(help: ArgumentHelp("For how many days it can be used.", valueName: "n"))
        var days = 7

        @OptionGroup var options: HomeOptions

        func validate() throws {
            guard (1...3650).contains(days) else { throw ValidationError("--days must be 1 to 3650") }
        }

        func run() async throws {
            try await options.asOrganization { session, desk, _ in
                let expires = Moment.now.advanced(byDays: days)
                Announcement(SummaryNames(session.genesis)).say(
                    allows: "opening one scope, sponsored by you", to: "whoever has the code", until: expires.shown)
                let voucher = desk.issueVoucher(expires: expires)
                options.printing.show([Field("voucher", .string(voucher.text)), Field("expires", text: expires)])
            }
        }
    }
}

/// `staff`: who works for an organisation.
struct StaffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "staff", abstract: "Register, end and list staff.",
        subcommands: [Register.self, End.self, List.self])

    struct Register: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a member of staff; they can act from the next block on.",
            discussion: """
                Example:
                  careledger-wallet staff register --home /srv/desk --card "$CARD" --role clinician \\
                    --pseudonym c-17 --number 4711 --days 365

                The number is stored as a salted hash only; keep the printed salt to show later whose registration it is.
                """)

        @Option(help: ArgumentHelp("What the member's `whoami` prints as card.", valueName: "text"))
        var card: String

        @Option(help: "clinician, registrar, privacy-officer or service.")
        var role: Role

        @Option(help: ArgumentHelp("What the chain calls them: 1 to 64 bytes, no name.", valueName: "text"))
        var pseudonym: String

        @Option(help: ArgumentHelp("Registration or employee number.", valueName: "text"))
        var number: String

        @Option(help: ArgumentHelp("For how many days.", valueName: "n"))
        var days = 365

        @Flag(help: "The member may act without the organisation's co-signature.")
        var withoutCosignature = false

        @OptionGroup var options: HomeOptions

        func validate() throws {
            guard (1...3650).contains(days) else { throw ValidationError("--days must be 1 to 3650") }
            guard (1...64).contains(pseudonym.utf8.count) else {
                throw ValidationError("--pseudonym must have 1 to 64 bytes")
            }
        }

        func run() async throws {
            guard let card = StaffCard(text: card) else {
                throw ProgramFailure("--card is not what `whoami` prints as card", code: .usage)
            }
            try await options.asOrganization { session, desk, _ in
                let salt = SystemRandom.bytes(16)
                let registration = card.registration(
                    at: desk.organization, as: role, pseudonym: pseudonym, number: number, salt: salt,
                    expires: Moment.now.advanced(byDays: days), needsCosignature: withoutCosignature ? false : nil)
                let staff = try await desk.register(registration)
                options.printing.show([
                    Field("staff", text: staff), Field("salt", .string(salt.hex)),
                    Field("expires", text: registration.expires),
                ])
            }
        }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a registration, effective in the next block.",
            discussion: """
                Example:
                  careledger-wallet staff end 5f0c… --home /srv/desk
                """)

        @Argument(help: "The member's identifier.")
        var staff: StaffID

        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asOrganization { _, desk, _ in
                let proof = try await desk.end(staff)
                options.printing.show([
                    Field("staff", text: staff), Field("ended", .number(proof.finality.header.height.rawValue)),
                ])
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the organisation's staff.",
            discussion: """
                Example:
                  careledger-wallet staff list --home /srv/desk --output json
                """)

        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asOrganization { session, desk, _ in
                let events = try await session.ledger.events(
                    of: .organization(desk.organization), signedBy: try session.requestKey())
                options.printing.show(
                    rows: events.staff.map { member in
                        [
                            Field("staff", text: member.staff), Field("pseudonym", .string(member.pseudonym)),
                            Field("role", .string(member.role.name)), Field("expires", text: member.expires),
                            Field("needsCosignature", .bool(member.needsCosignature)),
                        ]
                    }, empty: "no staff")
            }
        }
    }
}
