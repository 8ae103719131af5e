import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger
import Terminal

/// `misuse`: unusual requests of an organisation's staff.
struct MisuseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "misuse",
        abstract: "As an organisation or its privacy officer: list requests that are unusual for whoever made them.",
        discussion: """
            Examples:
              careledger-wallet misuse --home /srv/privacy-officer
              careledger-wallet misuse --factor 4 --requests 30 --output json --home /srv/privacy-officer

            Worked out from the organisation's proved history by fixed rules over whole numbers: everybody who asks finds the \
            same. A person is judged by their own days: rate, breadth (grants in a day), first contacts, hours at which they \
            are never there, emergencies within a week. A finding is a reason to ask, not a verdict.
            """)

    @Option(help: ArgumentHelp("So many times the own daily average is unusual.", valueName: "n")) var factor = 3
    @Option(help: ArgumentHelp("Requests a day that are never unusual.", valueName: "n")) var requests = 20
    @Option(help: ArgumentHelp("Grants a day that are never unusual.", valueName: "n")) var grants = 15
    @Option(help: ArgumentHelp("First contacts a day that are never unusual.", valueName: "n")) var firstContacts = 12
    @Option(help: ArgumentHelp("Requests at unusual hours of a day that are a finding.", valueName: "n")) var offHours =
        3
    @Option(help: ArgumentHelp("Emergencies within a week that are a finding.", valueName: "n")) var emergencies = 3
    @OptionGroup var options: HomeOptions

    func validate() throws {
        let numbers = [factor, requests, grants, firstContacts, offHours, emergencies]
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
        return thresholds
    }

    func run() async throws {
        try await options.asResponsible { session, actor in
            let events = try await session.ledger.events(
                of: .organization(actor.organization), signedBy: try session.requestKey())
            let findings = MisuseDetection.findings(in: events.observed, thresholds)
            options.printing.show(
                rows: findings.map { finding in
                    [
                        Field("day", text: Timestamp(rawValue: finding.day * 86_400_000)),
                        Field("staff", text: finding.staff), Field("rule", .string(finding.rule.rawValue)),
                        Field("count", .number(UInt64(finding.count))), Field("limit", .number(UInt64(finding.limit))),
                    ]
                }, empty: "nothing unusual")
        }
    }
}

extension [LedgerEvent] {
    /// The requests that opened something, in the order of the chain.
    fileprivate var observed: [ObservedRequest] {
        compactMap { event in
            guard event.isApplied, let attempt = event.operation.accessAttempt, attempt.opensDocuments else {
                return nil
            }
            return ObservedRequest(
                time: event.entry.time, staff: attempt.staff, grant: attempt.grant, isEmergency: attempt.isEmergency)
        }
    }
}
