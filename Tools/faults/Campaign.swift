import API
import Client
import Consensus
import Cryptography
import Foundation
import Glibc
import Ledger
import Simulation

/// Faults, one after the other, each followed by its end and the proof that everybody is well again.
final class Campaign {
    /// What one fault cost.
    struct Outcome {
        let fault: Fault
        let detail: String
        let held: Duration
        let recovery: Duration
    }

    /// How long a validator may need to be of use again.
    private static let patience = Duration.seconds(180)

    let consortium: Consortium
    let load: Load
    var generator: SeededGenerator
    private let asker: NodeClient
    private(set) var outcomes: [Outcome] = []

    init(_ consortium: Consortium, load: Load, seed: UInt64) {
        self.consortium = consortium
        self.load = load
        generator = SeededGenerator(seed: seed)
        asker = NodeClient(nodes: consortium.machines.map(\.node))
    }

    /// Injects faults until the time is over; every kind once before any comes again.
    func run(until end: ContinuousClock.Instant, from faults: [Fault]) async throws {
        var deck: [Fault] = []
        let isShort = end - .now < .seconds(180)
        while ContinuousClock.now < end {
            if deck.isEmpty { deck = faults.shuffled(using: &generator) }
            let fault = deck.removeLast()
            let hold = Duration.seconds(isShort ? draw(2...4) : draw(4...18))
            let began = ContinuousClock.now
            let detail = try await inject(fault, for: hold)
            let healed = ContinuousClock.now
            try heal()
            let recovery = try await recover(from: fault)
            outcomes.append(Outcome(fault: fault, detail: detail, held: healed - began, recovery: recovery))
            say("\(fault.rawValue): \(detail), \(seconds(healed - began)) s; all well after \(seconds(recovery)) s")
        }
        await asker.shutDown()
    }

    /// A number that follows from the seed.
    func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    /// Ends everything that is wrong.
    private func heal() throws {
        consortium.network.change { $2 = Link() }
        try consortium.freeDisk()
        for machine in consortium.machines {
            machine.signal(SIGCONT)
            (machine.page.clockError, machine.page.syncDelay, machine.page.syncFails) = (0, 0, false)
            if !machine.isRunning { try machine.start() }
            machine.mayFail = false
        }
    }

    /// Waits until every validator makes a new transaction final.
    private func recover(from fault: Fault) async throws -> Duration {
        let began = ContinuousClock.now
        let load = load
        let well = await withTaskGroup(of: (Int, Bool).self, returning: [Int: Bool].self) { group in
            for index in consortium.machines.indices {
                group.addTask { (index, await load.probe(index, within: Self.patience)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        let recovery = ContinuousClock.now - began
        for machine in consortium.machines {
            _ = machine.isRunning
            if let code = machine.unexpectedEnd {
                throw SystemFailure(
                    description:
                        "validator-\(machine.index) ended with \(code) in \(fault.rawValue):\n\(machine.lastWords)")
            }
            guard well[machine.index] == true else {
                throw SystemFailure(
                    description: "validator-\(machine.index) does not recover from \(fault.rawValue):\n"
                        + (await status(of: machine).map { "\($0)" } ?? "no answer") + "\n" + machine.lastWords)
            }
        }
        return recovery
    }

    /// What a validator says of itself; nothing when it does not answer at once.
    func status(of machine: Machine) async -> NodeStatus? {
        try? await asker.send(.status, to: machine.node, timeout: .seconds(2), as: NodeStatus.self).value
    }

    /// Who leads now, as the validators say; of several opinions the latest.
    func leader() async -> Int {
        var latest: UInt64 = 0
        for machine in consortium.machines { latest = max(latest, await status(of: machine)?.view ?? 0) }
        guard let set = ValidatorSet(consortium.genesis.validators.map(\.consensusKey)) else { return 0 }
        let opening = TrustAnchor.header(of: consortium.genesis).hash
        return LeaderSchedule(opening: opening.digest, validators: set)[View(rawValue: latest)].rawValue
    }
}

/// Tells the person who watches.
func say(_ text: String) { FileHandle.standardError.write(Data("faults: \(text)\n".utf8)) }

/// Seconds with one decimal.
func seconds(_ duration: Duration) -> String { String(format: "%.1f", duration / .seconds(1)) }
