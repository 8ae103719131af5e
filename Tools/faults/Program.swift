import API
import ArgumentParser
import Client
import Codec
import Foundation
import Glibc

/// Real validators, each on a machine of its own as far as it can tell, and everything that happens to machines.
@main
struct Faults: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults",
        abstract: "Runs validators as processes in networks of their own, and lets go wrong what goes wrong.",
        discussion: """
            Network/faults calls it: it has to be the first process of namespaces that end with it. Progress goes to \
            standard error, figures to standard output as JSON lines. Ends with 0 when nothing that was acknowledged is \
            lost and everything that the validators and the auditor hold verifies.
            """)

    @Option(help: "Minutes of faults.")
    var minutes = 10.0

    @Option(help: "How many validators: 4 or more.")
    var validators = 4

    @Option(help: "Decides which faults come when; a random one when left out. It is printed.")
    var seed: UInt64?

    @Option(help: "Transactions a second, at most.")
    var rate = 40.0

    @Option(
        help: ArgumentHelp(
            "Only this fault (repeatable): \(Fault.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "name"))
    var fault: [String] = []

    @Option(help: ArgumentHelp("An empty directory for homes and logs.", valueName: "dir"))
    var directory: String

    @Option(help: ArgumentHelp("Where the programs are.", valueName: "dir"))
    var programs: String

    func validate() throws {
        guard (4...16).contains(validators), minutes > 0, rate > 0 else {
            throw ValidationError("--validators must be 4 to 16; --minutes and --rate are positive")
        }
        guard fault.allSatisfy({ Fault(rawValue: $0) != nil }) else { throw ValidationError("there is no such fault") }
    }

    func run() async throws {
        let seed = seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
        say("seed \(seed); \(validators) validators, \(minutes) minutes")
        let consortium = try Consortium(count: validators, directory: directory, programs: programs, seed: seed)
        consortium.network.start()
        for machine in consortium.machines { try machine.start() }
        do {
            try await play(consortium, seed: seed)
        } catch {
            say("FAILED with seed \(seed): \(error)")
            throw ExitCode.failure
        }
    }

    private func play(_ consortium: Consortium, seed: UInt64) async throws {
        try await waitUntilAnswering(consortium)
        say("a patient, two clinicians, a document and a grant")
        let story = try Story(consortium)
        let load = try await Load(consortium, rate: rate)
        do { try await strike(consortium, load, story, seed) } catch {
            await load.shutDown()
            throw error
        }
        await load.shutDown()
    }

    private func strike(_ consortium: Consortium, _ load: Load, _ story: Story, _ seed: UInt64) async throws {
        let work = Task { await load.run() }
        let opening = Task {
            while !Task.isCancelled {
                _ = try await story.open()
                try await Task.sleep(for: .seconds(1))
            }
        }
        let campaign = Campaign(consortium, load: load, seed: seed)
        let kinds = fault.isEmpty ? Fault.allCases : fault.compactMap(Fault.init(rawValue:))
        try await campaign.run(until: .now + .seconds(minutes * 60), from: kinds)
        say("every fault is over; what is under way is finished")
        load.finish()
        await work.value
        opening.cancel()
        do { try await opening.value } catch is CancellationError {}
        if let failure = try await story.open() {
            throw SystemFailure(description: "the document cannot be opened after everything is well again: \(failure)")
        }
        try await judge(consortium, campaign, load, story)
    }

    private func judge(_ consortium: Consortium, _ campaign: Campaign, _ load: Load, _ story: Story) async throws {
        let record = load.soFar
        say("every validator's chain is read and compared with \(record.acknowledged.count) acknowledgements")
        var (verdict, lost) = try await Verdict.judge(consortium, record)
        let accesses = try await story.exportEvidence()
        let opened = story.figures.opened
        if accesses < opened {
            verdict.findings.append("the evidence shows \(accesses) accesses of \(opened) that opened the document")
        }
        say("the validators stop, and their homes and the auditor's evidence are checked")
        for machine in consortium.machines {
            let code = try await machine.stop()
            if code != 0 {
                verdict.findings.append("validator-\(machine.index) stops with \(code.map { "\($0)" } ?? "nothing")")
            }
        }
        for machine in consortium.machines {
            let run = try Tool(programs + "/careledger-validator").attempt(
                ["check", "--home", machine.home], seconds: 1200)
            if run.code != 0 { verdict.findings.append("validator-\(machine.index): \(run.output)\(run.errors)") }
        }
        try story.checkEvidence()
        report(campaign, record, story, lost, verdict)
        guard verdict.findings.isEmpty else {
            throw SystemFailure(description: verdict.findings.joined(separator: "\n"))
        }
    }

    private func report(
        _ campaign: Campaign, _ record: Load.Record, _ story: Story, _ lost: Int, _ verdict: Verdict
    ) {
        func figure(_ name: String, _ value: Any, _ unit: String) {
            print(#"{"name":"\#(name)","value":\#(value),"unit":"\#(unit)"}"#)
        }
        figure("acknowledged", record.acknowledged.count, "1")
        figure("lost", lost, "1")
        figure("faults", campaign.outcomes.count, "1")
        for fault in Fault.allCases {
            let recoveries = campaign.outcomes.filter { $0.fault == fault }.map(\.recovery)
            guard let longest = recoveries.max() else { continue }
            figure("\(fault.rawValue)-count", recoveries.count, "1")
            figure("\(fault.rawValue)-recovery", seconds(longest), "s")
        }
        figure("longest-recovery", seconds(campaign.outcomes.map(\.recovery).max() ?? .zero), "s")
        figure("longest-silence", seconds(record.longestSilence), "s")
        figure("height", verdict.height.rawValue, "1")
        figure("opened", story.figures.opened, "1")
        figure("not-opened-in-time", story.figures.failed, "1")
        fflush(nil)
    }

    private func waitUntilAnswering(_ consortium: Consortium) async throws {
        let client = NodeClient(nodes: consortium.machines.map(\.node))
        for machine in consortium.machines {
            let deadline = ContinuousClock.now + .seconds(60)
            while (try? await client.exchange(.ready, to: machine.node, timeout: .seconds(2))) == nil {
                guard machine.isRunning, ContinuousClock.now < deadline else {
                    throw SystemFailure(description: "validator-\(machine.index) does not start:\n\(machine.lastWords)")
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        await client.shutDown()
    }
}
