import API
import Client
import Codec
import Ledger

/// What every validator has to show in the end.
struct Verdict {
    /// What was found to be wrong, in words; empty when all is well.
    var findings: [String] = []
    /// The chain's length.
    var height = Height(rawValue: 0)

    /// Reads the whole chain from every validator: it is one chain, and holds everything that was acknowledged, once.
    static func judge(_ consortium: Consortium, _ record: Load.Record) async throws -> (verdict: Verdict, lost: Int) {
        var verdict = Verdict(findings: record.contradictions)
        var lost = 0
        let client = try LedgerClient(consortium.genesis)
        defer { Task { await client.shutDown() } }
        let tip = try await client.tip()
        verdict.height = tip.height
        var chain: [Height: BlockHash] = [:]
        for machine in consortium.machines {
            let name = "validator-\(machine.index)"
            var found: [TransactionID: Int] = [:]
            for number in stride(from: 1, through: tip.height.rawValue, by: 1) {
                let height = Height(rawValue: number)
                let reply = try await block(height, machine, consortium, client)
                try reply.verify(client.light.trust)
                let hash = reply.finality.header.hash
                if let other = chain[height], other != hash {
                    verdict.findings.append("\(name): another block \(height)")
                }
                chain[height] = hash
                for transaction in reply.transactions { found[transaction.id, default: 0] += 1 }
            }
            for (id, count) in found where count > 1 { verdict.findings.append("\(name): \(id) \(count) times") }
            let missing = record.acknowledged.keys.filter { found[$0] == nil }
            lost += missing.count
            verdict.findings += missing.prefix(8).map { "\(name): \($0) was acknowledged and is not there" }
        }
        for (id, place) in record.acknowledged where chain[place.height] != place.block {
            verdict.findings.append("\(id) was acknowledged in a block that is not final")
        }
        return (verdict, lost)
    }

    /// A block from one validator; one that is behind by a little is waited for.
    private static func block(
        _ height: Height, _ machine: Machine, _ consortium: Consortium, _ client: LedgerClient
    ) async throws -> BlockReply {
        var attempt = 0
        while true {
            do throws(ClientFailure) {
                return try await client.nodes.send(
                    .readBlockTransactions(height), signedBy: consortium.auditor, to: machine.node, as: BlockReply.self
                ).value
            } catch {
                attempt += 1
                guard attempt < 100 else {
                    throw SystemFailure(description: "validator-\(machine.index) has no block \(height): \(error)")
                }
            }
            try await Task.sleep(for: .milliseconds(300))
        }
    }
}
