import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// `grant`: consent.
struct GrantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Give, watch and take back consent.",
        subcommands: [
            Create.self, List.self, Show.self, Revoke.self, Renew.self, ExplainGrantCommand.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let somebody open a scope's documents, also those that do not exist yet.",
            discussion: """
                Examples:
                  careledger-wallet grant create imaging --to 5f0c… --purpose TREAT --days 30
                  careledger-wallet grant create imaging --to 5f0c… --documents-from 2026-01-01 --explain

                For emergencies, to an organisation: two of its staff have to declare the emergency, and you see it at once:
                  careledger-wallet grant create summary --emergency --organization "North Hospital" --days 365

                Every validator gets a share of the key, sealed to it. A quorum of them has to help with every document, \
                and helps only for a request that is on the chain.
                """)

        @Argument(help: "The scope's category.") var category: String
        @Option(help: ArgumentHelp("A member of staff.", valueName: "staff")) var to: StaffID?
        @Option(help: ArgumentHelp("An organisation as a whole.", valueName: "name")) var organization: String?
        @Option(help: ArgumentHelp("What for (repeatable): an HL7 purpose of use.", valueName: "code"))
        var purpose: [Purpose] = []
        @Option(help: ArgumentHelp("In which roles (repeatable).", valueName: "role")) var role: [Role] = [.clinician]
        @Option(help: ArgumentHelp("For how many days.", valueName: "n")) var days = 30
        @Option(help: ArgumentHelp("How many documents a day at the most.", valueName: "n")) var perDay = 100
        @Flag(help: "For emergencies alone: to an organisation, for ETREAT.") var emergency = false
        @Option(help: ArgumentHelp("Only documents put on record from this day on.", valueName: "day"))
        var documentsFrom: Beginning?
        @Option(help: ArgumentHelp("Only documents put on record until this day.", valueName: "day"))
        var documentsUntil: Moment?
        @Flag(help: "Only say in plain words what it would allow; nothing is signed.") var explain = false
        @OptionGroup var options: HomeOptions

        func validate() throws {
            if emergency, to != nil || !purpose.isEmpty {
                throw ValidationError("--emergency goes with --organization, and has the purpose ETREAT")
            }
            guard (to == nil) != (organization == nil) else {
                throw ValidationError("give either --to or --organization")
            }
            guard (1...3650).contains(days) else { throw ValidationError("--days must be 1 to 3650") }
            guard (1...10_000).contains(perDay) else { throw ValidationError("--per-day must be 1 to 10000") }
        }

        func run() async throws {
            try await options.asPatient { session, keys in
                let scope = try session.scope(category, of: keys)
                let grantee: Grantee
                if let to {
                    grantee = .staff(to)
                } else {
                    grantee = .organization(try session.organization(organization ?? ""))
                }
                let now = Moment.now
                let terms = GrantTerms(
                    to: grantee, for: emergency ? [DeclareEmergency.purpose] : purpose.isEmpty ? [.treatment] : purpose,
                    roles: role,
                    notBefore: Timestamp(rawValue: now.rawValue - min(now.rawValue, 60_000)),
                    notAfter: now.advanced(byDays: days), documentsPerDay: perDay,
                    flags: emergency ? .emergency : [], documentsFrom: documentsFrom?.timestamp,
                    documentsUntil: documentsUntil?.timestamp)
                let keeper = ConsentKeeper(session.ledger, home: session.home)
                if explain {
                    let explanation = try await keeper.explanation(of: terms, in: scope)
                    return options.printing.show(explanation)
                }
                let status = try await keeper.grant(terms, of: scope)
                options.printing.show(status.fields)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List grants: those a patient gave, or those staff may use.",
            discussion: """
                Example:
                  careledger-wallet grant list
                """)

        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.withSession { session in
                var rows: [[Field]] = []
                switch session.keystore.identity {
                case .patient(let keys):
                    let keeper = ConsentKeeper(session.ledger, home: session.home)
                    for scope in keys.allKeys where try await keeper.record(of: scope) != nil {
                        for grant in try await keeper.grants(of: scope) {
                            rows.append(Self.row(grant.id, grant.record, scope.name.category))
                        }
                    }
                case .staff(let keys):
                    for grant in try await AccessKeeper(session.ledger, keys).grants() {
                        rows.append(Self.row(grant.id, grant.record, ""))
                    }
                default: throw ProgramFailure("this needs a patient's or a staff home")
                }
                options.printing.show(rows: rows, empty: "no grants")
            }
        }

        private static func row(_ id: GrantID, _ record: GrantRecord, _ category: String) -> [Field] {
            [
                Field("grant", text: id), Field("category", .string(category)),
                Field("to", .string(record.grantee.pathText)),
                Field("purposes", .array(record.purposes.map { .string($0.code) })),
                Field("emergency", .bool(record.flags.contains(.emergency))),
                Field("until", text: record.notAfter),
                Field("held", .number(UInt64(record.acknowledged.count))),
                Field("revoked", .bool(record.revoked != nil)),
            ]
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a grant, and deliver what validators still lack.",
            discussion: """
                Example:
                  careledger-wallet grant show 77aa…
                """)

        @Argument(help: "The grant's identifier.") var grant: GrantID
        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asPatient { session, keys in
                let (scope, _) = try await session.scope(
                    of: keys, where: { $0.grants.contains { $0.grant == grant } }, called: "grant \(grant)")
                let status = try await ConsentKeeper(session.ledger, home: session.home).deliver(grant, of: scope)
                options.printing.show(status.fields)
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a grant back, effective in the next block.",
            discussion: """
                Example:
                  careledger-wallet grant revoke 77aa…
                """)

        @Argument(help: "The grant's identifier.") var grant: GrantID
        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asPatient { session, keys in
                let (scope, _) = try await session.scope(
                    of: keys, where: { $0.grants.contains { $0.grant == grant } }, called: "grant \(grant)")
                let proof = try await ConsentKeeper(session.ledger, home: session.home).revoke(grant, of: scope)
                options.printing.show([
                    Field("grant", text: grant), Field("revoked", .number(proof.finality.header.height.rawValue)),
                ])
            }
        }
    }
}

extension GrantCommand {
    struct Renew: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make grants anew whose shares are not with the present validators.",
            discussion: """
                Example:
                  careledger-wallet grant renew

                After validators were added, removed or replaced, those who hold a grant's shares pass it on to the present \
                ones by themselves while enough of them remain; it stays usable meanwhile. What they have not passed on, \
                this makes anew in the same words, and takes the old grant back once the new one can be used. Every command of yours that goes online does the same by itself after \
                a change, unless it is told --no-renewal.
                """)

        @Argument(help: "The grant to make anew; else all that need it.") var grant: GrantID?
        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asPatient { session, keys in
                let keeper = ConsentKeeper(session.ledger, home: session.home)
                var rows: [[Field]] = []
                for scope in keys.allKeys where try await keeper.record(of: scope) != nil {
                    for renewal in try await keeper.redistribute(scope, now: Moment.now, only: grant) {
                        rows.append([
                            Field("old", text: renewal.old), Field("grant", text: renewal.status.grant),
                            Field("category", .string(scope.name.category)),
                            Field(
                                "held", .number(UInt64(renewal.status.record.acknowledged.count)),
                                shown: renewal.status.summary), Field("oldRevoked", .bool(renewal.isOldRevoked)),
                        ])
                    }
                }
                options.printing.show(rows: rows, empty: "no grant needs it")
            }
        }
    }
}

extension GrantStatus {
    /// What a patient sees of it.
    var fields: [Field] {
        [
            Field("grant", text: grant), Field("to", .string(record.grantee.pathText)),
            Field("purposes", .array(record.purposes.map { .string($0.code) })), Field("until", text: record.notAfter),
            Field("held", .number(UInt64(record.acknowledged.count)), shown: summary),
            Field("validators", .number(UInt64(validators))), Field("revoked", .bool(record.revoked != nil)),
            Field("missing", .array(missing.map { .string("\($0.validator): \($0.reason)") })),
        ]
    }
}
