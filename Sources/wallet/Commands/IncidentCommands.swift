import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger
import Terminal

/// `incident`: stopping people, keys, doors or the whole organisation.
struct IncidentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incident", abstract: "Freeze and unfreeze; list incidents and the notices that are due.",
        subcommands: [FreezeTargets.self, UnfreezeTargets.self, List.self])

    struct FreezeTargets: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "freeze",
            abstract: "Stop a member of staff, a key, a validator's doors or the organisation, from the next block on.",
            discussion: """
                Examples:
                  careledger-wallet incident freeze --staff 5f0c… --reason 2 --home /srv/privacy-officer
                  careledger-wallet incident freeze --organization --reason 1 --home /srv/desk

                A privacy officer or the organisation freezes its own; the organisation alone freezes itself. What is frozen \
                neither adds nor opens anything and reads nothing from nodes. It opens an incident, from which the \
                deadlines of notices count.
                """)

        @OptionGroup var target: TargetOptions
        @Option(help: ArgumentHelp("The organisation's reason code.", valueName: "n")) var reason: UInt32 = 0
        @OptionGroup var cosigning: CosignOptions
        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asResponsible { session, actor in
                let target = try self.target.target(actor.organization)
                let (incident, transaction) = try await IncidentKeeper(session.ledger, as: actor).prepareFreeze(
                    target, reason: reason, cosignedBy: try cosigning.keys(options))
                let isDone = try await cosigning.finish(transaction, session)
                options.printing.show([
                    Field("incident", text: incident), Field("frozen", text: target), Field("recorded", .bool(isDone)),
                ])
            }
        }
    }

    struct UnfreezeTargets: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unfreeze",
            abstract: "As the organisation: end a freeze from the next block on.",
            discussion: """
                Example:
                  careledger-wallet incident unfreeze --staff 5f0c… --home /srv/desk
                """)

        @OptionGroup var target: TargetOptions
        @Option(help: ArgumentHelp("The organisation's reason code.", valueName: "n")) var reason: UInt32 = 0
        @OptionGroup var cosigning: CosignOptions
        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asResponsible { session, actor in
                let target = try self.target.target(actor.organization)
                let transaction = try await IncidentKeeper(session.ledger, as: actor).prepareUnfreeze(
                    target, reason: reason, cosignedBy: try cosigning.keys(options))
                let isDone = try await cosigning.finish(transaction, session)
                options.printing.show([Field("unfrozen", text: target), Field("recorded", .bool(isDone))])
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the organisation's incidents, with the clocks of the notices that the law asks for.",
            discussion: """
                Example:
                  careledger-wallet incident list --home /srv/privacy-officer

                Incidents are freezes and emergencies that a review found not justified. The authority has to know within \
                72 hours of the discovery, the people concerned within 60 days, in block time.
                """)

        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asResponsible { session, actor in
                let now = try await session.ledger.tip().time
                let incidents = try await IncidentKeeper(session.ledger, as: actor).incidents()
                options.printing.show(
                    rows: incidents.map { incident in
                        [
                            Field("cause", text: incident.cause), Field("discovered", text: incident.discovered),
                            Field("frozen", .text(incident.target)), Field("lifted", .bool(incident.isLifted)),
                            Field("authority", text: incident.authority(at: now)),
                            Field("people", text: incident.people(at: now)),
                            Field("notices", .number(UInt64(incident.notices.count))),
                        ]
                    }, empty: "no incidents")
            }
        }
    }
}

/// What a freeze is about.
struct TargetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A member of staff.", valueName: "staff")) var staff: StaffID?
    @Option(help: ArgumentHelp("A signing key, in hexadecimal.", valueName: "key")) var key: String?
    @Option(help: ArgumentHelp("A validator's doors.", valueName: "validator")) var validator: ValidatorID?
    @Flag(help: "The organisation itself.") var organization = false

    func validate() throws {
        let given = [staff != nil, key != nil, validator != nil, organization].count { $0 }
        guard given == 1 else {
            throw ValidationError("give one of --staff, --key, --validator and --organization")
        }
    }

    func target(_ own: OrganizationID) throws -> FreezeTarget {
        if let staff { return .staff(staff) }
        if let validator { return .validator(validator) }
        if organization { return .organization(own) }
        guard let bytes = [UInt8](hex: key ?? ""), let id = KeyID(bytes) else {
            throw ProgramFailure("--key has 66 hexadecimal digits", code: .usage)
        }
        return .key(id)
    }
}

extension HomeOptions {
    /// Works as whoever answers for an organisation: itself, or one of its privacy officers.
    func asResponsible<Value>(_ work: (inout Session, IncidentActor) async throws -> Value) async throws -> Value {
        try await withSession { session in
            switch session.keystore.identity {
            case .organization(let keys):
                let desk = try OrganizationDesk(session.ledger, keys)
                return try await work(&session, .organization(keys, desk.organization))
            case .staff(let keys):
                guard let registration = keys.registration else {
                    throw ProgramFailure(
                        "nobody has registered this device yet: give your employer what `whoami` prints")
                }
                return try await work(&session, .officer(keys, registration))
            default:
                throw ProgramFailure("this needs the home of an organisation or of its privacy officer")
            }
        }
    }
}
