import API
import ArgumentParser
import Client
import Codec
import Ledger

/// `status`: how nodes are doing, and why one does not move.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Ask validators how they are and what they wait for.",
        discussion: """
            Example:
              careledger-validator status --home /var/lib/careledger
              careledger-validator status --home /var/lib/careledger --node https://east.example:7443

            Without --node all validators of the genesis file are asked.
            """)

    @OptionGroup var options: HomeOptions

    @Option(help: ArgumentHelp("Whom to ask (repeatable).", valueName: "url"))
    var node: [String] = []

    func run() async throws {
        let genesis = try WalletHome.loadGenesis(at: options.home + "/genesis.cbor")
        let nodes = try addresses(genesis)
        let client = NodeClient(nodes: nodes)
        var answers: [(node: NodeAddress, status: Result<NodeStatus, ClientFailure>)] = []
        for node in nodes { answers.append((node, await Self.ask(node, client))) }
        await client.shutDown()
        switch options.output {
        case .table: printTable(answers)
        case .json: printJSON(answers)
        }
        if !answers.contains(where: { (try? $0.status.get()) != nil }) {
            throw ProgramFailure(code: .unreachable, message: "no node answered")
        }
    }

    private func addresses(_ genesis: Genesis) throws -> [NodeAddress] {
        guard !node.isEmpty else { return NodeAddress.all(in: genesis) }
        return try node.map { url in
            guard let address = NodeAddress(url, in: genesis) else {
                throw ValidationError("--node must be https://HOST:PORT")
            }
            return address
        }
    }

    private static func ask(_ node: NodeAddress, _ client: NodeClient) async -> Result<NodeStatus, ClientFailure> {
        do throws(ClientFailure) {
            return .success(try await client.send(.status, to: node, as: NodeStatus.self).value)
        } catch { return .failure(error) }
    }

    private func printTable(_ answers: [(node: NodeAddress, status: Result<NodeStatus, ClientFailure>)]) {
        for answer in answers {
            switch answer.status {
            case .failure(let failure): print("\(answer.node.url)  does not answer: \(failure)")
            case .success(let status):
                let peers = status.peers.count { $0.connected }
                print(
                    "\(answer.node.url)  \(status.ready ? "ready" : "not ready")  height \(status.height)  "
                        + "view \(status.view)  peers \(peers) of \(status.peers.count)  "
                        + "waiting \(status.waitingTransactions)")
                for reason in status.reasons { print("  \(reason)") }
                if let warning = status.rules.warning { print("  \(warning)") }
            }
        }
    }

    private func printJSON(_ answers: [(node: NodeAddress, status: Result<NodeStatus, ClientFailure>)]) {
        let values = answers.map { answer -> JSONValue in
            switch answer.status {
            case .failure(let failure):
                ["node": .string(answer.node.url), "answers": false, "error": .string("\(failure)")]
            case .success(let status):
                [
                    "node": .string(answer.node.url), "answers": true, "ready": .bool(status.ready),
                    "height": .number(status.height.rawValue), "view": .number(status.view),
                    "peers": .integer(Int64(status.peers.count { $0.connected })),
                    "waitingTransactions": .integer(Int64(status.waitingTransactions)),
                    "reasons": .array(status.reasons.map { .string($0) }),
                    "rules": .number(status.rules.version.rawValue),
                    "rulesSupported": .number(status.rules.supported.rawValue),
                    "warning": status.rules.warning.map { .string($0) } ?? .null,
                ]
            }
        }
        print(JSONValue.array(values).prettyText, terminator: "")
    }
}
