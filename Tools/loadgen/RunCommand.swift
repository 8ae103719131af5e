import API
import ArgumentParser
import Client
import Foundation
import Ledger

/// `run`: the load itself.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Load a running network (the default).",
        discussion: """
            Example:
              careledger-validator devnet --validators 4 --home /tmp/devnet &
              loadgen --home /tmp/devnet --connections 64 --count 20000
              loadgen --home /tmp/devnet --rate 10 --seconds 10

            With --rate, latency counts from when a transaction was due (open loop); without, each connection sends the \
            next transaction when the last is final (closed loop). Every 16th receipt is verified from the genesis file \
            after the load.
            """)

    @Option(help: ArgumentHelp("What `devnet` made, or an organisation's wallet home.", valueName: "dir"))
    var home: String

    @Option(help: ArgumentHelp("A node to load; repeatable. All of the genesis file's by default.", valueName: "url"))
    var node: [String] = []

    @Option(help: ArgumentHelp("Transactions a second; as many as there are answers by default.", valueName: "n"))
    var rate: Double?

    @Option(help: "Connections in all, spread over the nodes.")
    var connections = 64

    @Option(help: "When to stop sending.")
    var seconds: Double?

    @Option(help: "How many transactions to prepare: rate times seconds, or 20000 by default.")
    var count: Int?

    @Option(help: "What the transactions do: \(WorkloadKind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var kind = WorkloadKind.staff

    @Option(help: "Operations in each transaction.")
    var operationsPerTransaction = 1

    @Option(help: "A word before the name of every figure.")
    var label = ""

    @Option(help: ArgumentHelp("How to print.", valueName: "table|json"))
    var output = OutputForm.table

    func validate() throws {
        guard connections > 0, (1...128).contains(operationsPerTransaction) || kind == .documents,
            (1...256).contains(operationsPerTransaction), rate.map({ $0 > 0 }) ?? true,
            seconds.map({ $0 > 0 }) ?? true, count.map({ $0 > 0 }) ?? true
        else {
            throw ValidationError("numbers are positive; a transaction has at most 128 registrations, 256 documents")
        }
    }

    func run() async throws {
        let password = ProcessInfo.processInfo.environment["CARELEDGER_PASSWORD"] ?? "devnet"
        let network = try TargetNetwork(home: home, urls: node, password: password)
        let client = try LedgerClient(network.genesis, urls: network.nodes.map(\.url))
        let workload = try await Workload(kind, on: network, through: client)
        let planned = rate.flatMap { rate in seconds.map { Int(rate * $0) } }
        let count = max(1, count ?? planned ?? 20_000)
        let transaction = await workload.prepare(count, operations: operationsPerTransaction)
        let follower = Task { await workload.follow(through: client) }
        defer { follower.cancel() }
        let target = API.Request.submitTransaction(wait: .final).target
        let generator = Generator(
            count, of: { APIConnection.Message(target: target, body: transaction($0)) }, rate: rate, seconds: seconds)
        let outcome = try await generator.run(over: connections, to: network.nodes)
        follower.cancel()
        await follower.value
        await client.shutDown()
        try report(outcome, network)
    }

    private func report(_ outcome: Generator.Outcome, _ network: TargetNetwork) throws {
        let seconds = outcome.elapsed / .seconds(1)
        let done = outcome.latencies.count
        let failed = outcome.failures.values.reduce(0, +)
        func milliseconds(_ share: Double) -> Double { Double(outcome.latencies.percentile(share)) / 1000 }
        Figure.print(
            [
                Figure("transactions", Double(done), "1"),
                Figure("throughput", Double(done) / seconds, "tx/s"),
                Figure("operations", Double(done * operationsPerTransaction) / seconds, "op/s"),
                Figure("latency-p50", milliseconds(0.5), "ms"),
                Figure("latency-p90", milliseconds(0.9), "ms"),
                Figure("latency-p99", milliseconds(0.99), "ms"),
                Figure("latency-max", Double(outcome.latencies.maximum) / 1000, "ms"),
                Figure("postponed", Double(outcome.postponed), "1"),
                Figure("failed", Double(failed), "1"),
            ], label: label, as: output)
        try Verification.check(outcome.samples, from: network.genesis)
        if failed > 0 {
            for (status, count) in outcome.failures { warn("\(count) answers with status \(status)") }
            throw LoadFailure.failed(failed)
        }
    }

    private func warn(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
