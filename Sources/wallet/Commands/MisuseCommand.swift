import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Terminal

/// `misuse`: unusual requests of an organisation's staff.
struct MisuseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "misuse",
        abstract: "As an organisation or its privacy officer: find requests that are unusual for whoever made them.",
        subcommands: [List.self, Names.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List requests that are unusual for whoever made them.",
            discussion: """
                Examples:
                  careledger-wallet misuse --home /srv/privacy-officer
                  careledger-wallet misuse --factor 4 --requests 30 --output json --home /srv/privacy-officer

                Worked out from the organisation's proved history by fixed rules over whole numbers: everybody who asks finds \
                the same. A person is judged by their own days: rate, breadth (grants in a day), first contacts, hours at \
                which they are never there, emergencies within a week, and patients of their own family name where the \
                organisation states names (misuse names). A finding is a reason to ask, not a verdict.
                """)

        @Option(help: ArgumentHelp("So many times the own daily average is unusual.", valueName: "n")) var factor = 3
        @Option(help: ArgumentHelp("Requests a day that are never unusual.", valueName: "n")) var requests = 20
        @Option(help: ArgumentHelp("Grants a day that are never unusual.", valueName: "n")) var grants = 15
        @Option(help: ArgumentHelp("First contacts a day that are never unusual.", valueName: "n")) var firstContacts =
            12
        @Option(help: ArgumentHelp("Requests at unusual hours of a day that are a finding.", valueName: "n"))
        var offHours =
            3
        @Option(help: ArgumentHelp("Emergencies within a week that are a finding.", valueName: "n")) var emergencies = 3
        @Option(
            help: ArgumentHelp("Patients of the own family name, new in a day, that are a finding.", valueName: "n"))
        var sameNames = 1
        @OptionGroup var options: HomeOptions

        func validate() throws {
            let numbers = [factor, requests, grants, firstContacts, offHours, emergencies, sameNames]
            guard numbers.allSatisfy({ (1...1_000_000).contains($0) }) else {
                throw ValidationError("thresholds are 1 to 1000000")
            }
        }

        private var thresholds: MisuseThresholds {
            var thresholds = MisuseThresholds()
            thresholds.factor = factor
            thresholds.requests = requests
            thresholds.grants = grants
            thresholds.firstContacts = firstContacts
            thresholds.offHours = offHours
            thresholds.emergencies = emergencies
            thresholds.sameNames = sameNames
            return thresholds
        }

        func run() async throws {
            try await options.asResponsible { session, actor in
                try await session.ledger.hearEverybody()
                let events = try await session.ledger.events(
                    of: .organization(actor.organization), signedBy: try session.requestKey())
                let findings = MisuseDetection.findings(in: events.observedRequests, thresholds)
                options.printing.show(
                    rows: findings.map { finding in
                        [
                            Field("day", text: Timestamp(rawValue: finding.day * 86_400_000)),
                            Field("staff", text: finding.staff), Field("rule", .string(finding.rule.rawValue)),
                            Field("count", .number(UInt64(finding.count))),
                            Field("limit", .number(UInt64(finding.limit))),
                        ]
                    }, empty: "nothing unusual")
            }
        }
    }

    struct Names: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "State of requests whether who asked has the family name of whom it was about, and no name.",
            discussion: """
                Example:
                  careledger-wallet misuse names names.json --home /srv/privacy-officer

                {"staff": {"5f0c…": "Meier"}, "patients": {"91aa…": "Meyer-Lang"}}: staff by their identifiers, patients by \
                those of grants or documents. Of each request of which both names are known and nothing has been stated, two \
                tags of 16 bytes go on the chain, the same where the names are. They are made with names.key, 32 random \
                bytes that stay in the home: nobody else can guess a name, and no two requests can be linked by it. Case, \
                accents and hyphens do not matter; of a double name one part is enough. Let it run every night.
                """)

        @Argument(help: "The names, JSON.") var file: String
        @OptionGroup var cosigning: CosignOptions
        @OptionGroup var options: HomeOptions

        func run() async throws {
            let names = try NameFile(reading: file).names
            try await options.asResponsible { session, actor in
                let prepared = try await IncidentKeeper(session.ledger, as: actor).prepareNames(
                    names, under: try session.home.nameKey(), cosignedBy: try cosigning.keys(options))
                guard prepared.count <= 1 || cosigning.transactionFile == nil else {
                    throw ProgramFailure(
                        "there are more requests than one transaction holds: state them without --transaction-file")
                }
                var isDone = true
                for (_, transaction) in prepared {
                    isDone = try await cosigning.finish(transaction, session) && isDone
                }
                let pairs = prepared.flatMap(\.statement.pairs)
                options.printing.show([
                    Field("requests", .number(UInt64(pairs.count))),
                    Field("sameName", .number(UInt64(pairs.count(where: \.isSame)))), Field("recorded", .bool(isDone)),
                ])
            }
        }
    }
}

/// Who is called what, as a person or another program writes it.
private struct NameFile {
    /// The most bytes.
    private static let maximumBytes = 64 << 20

    private struct Description: Decodable {
        var staff: [String: String]
        var patients: [String: String]
    }

    let names: FamilyNames

    init(reading path: String) throws {
        guard let data = FileManager.default.contents(atPath: path), data.count <= Self.maximumBytes,
            let description = try? JSONDecoder().decode(Description.self, from: data)
        else { throw ProgramFailure("\(path) is no list of names: see misuse names --help", code: .usage) }
        var staff: [StaffID: String] = [:]
        for (id, name) in description.staff { staff[StaffID(try Self.digest(id))] = name }
        var patients: [Digest: String] = [:]
        for (id, name) in description.patients { patients[try Self.digest(id)] = name }
        names = FamilyNames(
            staff: staff,
            grants: Dictionary(patients.map { (GrantID($0.key), $0.value) }) { first, _ in first },
            documents: Dictionary(patients.map { (DocumentID($0.key), $0.value) }) { first, _ in first })
    }

    private static func digest(_ text: String) throws -> Digest {
        guard let digest = Digest(hex: text) else {
            throw ProgramFailure("“\(text)” is no identifier of 64 hexadecimal digits", code: .usage)
        }
        return digest
    }
}
