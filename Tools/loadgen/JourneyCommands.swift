import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import NIOCore
import NIOHTTP1

/// What all commands about a network take.
struct NetworkOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What `devnet` made, or an organisation's wallet home.", valueName: "dir"))
    var home: String

    @Option(help: ArgumentHelp("A node to use; repeatable. All of the genesis file's by default.", valueName: "url"))
    var node: [String] = []

    @Option(help: "A word before the name of every figure.")
    var label = ""

    @Option(help: ArgumentHelp("How to print.", valueName: "table|json"))
    var output = OutputForm.table

    /// Runs with the network, a client of it, and a directory that goes away.
    func run(_ body: (TargetNetwork, LedgerClient, String) async throws -> [Figure]) async throws {
        let password = ProcessInfo.processInfo.environment["CARELEDGER_PASSWORD"] ?? "devnet"
        let network = try TargetNetwork(home: home, urls: node, password: password)
        let client = try LedgerClient(network.genesis, urls: network.nodes.map(\.url))
        let directory = FileManager.default.temporaryDirectory.appending(path: "loadgen-\(SystemRandom.bytes(8).hex)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let result: Result<[Figure], any Error>
        do { result = .success(try await body(network, client, directory.path)) } catch { result = .failure(error) }
        await client.shutDown()
        Figure.print(try result.get(), label: label, as: output)
    }
}

/// `access`: from the request for a document to its first byte.
struct AccessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access",
        abstract: "Measure how long a clinician waits for a small document.",
        discussion: """
            Example:
              loadgen access --home /tmp/devnet --count 50

            One access after the other, each with wallets' own code: the request until it is proved final, then the \
            validators' re-encryptions, all proofs and checks, the download, up to the first byte of plain text.
            """)

    @OptionGroup var options: NetworkOptions

    @Option(help: "How many accesses.")
    var count = 50

    func validate() throws { guard count > 0 else { throw ValidationError("--count is positive") } }

    func run() async throws {
        try await options.run { network, client, directory in
            let clinic = try await Clinic(on: network, through: client, in: directory)
            let file = directory + "/plain"
            try Data(SystemRandom.bytes(4096)).write(to: URL(filePath: file))
            let sealed = try clinic.seal(file)
            _ = try await clinic.upload(sealed)
            let document = try await clinic.commit(sealed)
            let grant = try await clinic.grant()
            var (requests, openings, accesses) = (Histogram(), Histogram(), Histogram())
            for number in 0...count {
                let start = ContinuousClock.now
                let access = try await clinic.request(document, under: grant)
                let asked = ContinuousClock.now
                try await clinic.readFirstByte(of: access)
                // The first makes the connections.
                if number == 0 { continue }
                requests.record(microseconds(asked - start))
                openings.record(microseconds(.now - asked))
                accesses.record(microseconds(.now - start))
            }
            return [("request", requests), ("opening", openings), ("access", accesses)].flatMap { name, histogram in
                [
                    Figure("\(name)-p50", Double(histogram.percentile(0.5)) / 1000, "ms"),
                    Figure("\(name)-p99", Double(histogram.percentile(0.99)) / 1000, "ms"),
                ]
            }
        }
    }

    private func microseconds(_ duration: Duration) -> UInt64 { UInt64(duration / .microseconds(1)) }
}

/// `upload`: sealed content to the network's stores.
struct UploadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upload",
        abstract: "Measure how fast sealed content gets to the stores of the network.",
        discussion: """
            Example:
              loadgen upload --home /tmp/devnet --size 1073741824

            Seals a file, which is not measured, and uploads it until as many nodes have synced every block as the \
            chain's parameters ask for. The same number of bytes is then written to the same disk in one go and synced, \
            for comparison.
            """)

    @OptionGroup var options: NetworkOptions

    @Option(help: "Bytes of the file.")
    var size: UInt64 = 256 << 20

    func validate() throws { guard size > 0 else { throw ValidationError("--size is positive") } }

    func run() async throws {
        try await options.run { network, client, directory in
            let clinic = try await Clinic(on: network, through: client, in: directory)
            let file = directory + "/plain"
            _ = FileManager.default.createFile(atPath: file, contents: nil)
            let handle = try FileHandle(forWritingTo: URL(filePath: file))
            let pattern = Data(SystemRandom.bytes(1 << 20))
            var left = size
            while left > 0 {
                let count = min(left, UInt64(pattern.count))
                try handle.write(contentsOf: pattern.prefix(Int(count)))
                left -= count
            }
            try handle.close()
            let sealed = try clinic.seal(file)
            let start = ContinuousClock.now
            let copies = try await clinic.upload(sealed)
            let uploading = ContinuousClock.now - start
            let scratch = try ScratchFile(in: directory)
            let writing = ContinuousClock.now
            try scratch.fill(size)
            try scratch.sync()
            let megabytes = Double(size) / 1e6
            let uploaded = megabytes / (uploading / .seconds(1))
            let disk = megabytes / ((ContinuousClock.now - writing) / .seconds(1))
            return [
                Figure("upload", uploaded, "MB/s"), Figure("upload-copies", Double(copies), "1"),
                Figure("synced-writes", disk, "MB/s"),
                // Both copies are written to one disk here.
                Figure("upload-written-to-disk-rate", uploaded * Double(copies) / disk, "1"),
            ]
        }
    }
}

/// `proofs`: histories of documents with their proofs, from one node.
struct ProofsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proofs",
        abstract: "Ask one node for documents' histories with proof, and time the answers.",
        discussion: """
            Example:
              loadgen proofs --home /tmp/devnet --rate 1000 --seconds 10

            Every question is signed by the documents' patient, beforehand. Latency counts from when a question was due.
            """)

    @OptionGroup var options: NetworkOptions

    @Option(help: "Questions a second.")
    var rate = 1000.0

    @Option(help: "For how long.")
    var seconds = 10.0

    @Option(help: "Connections.")
    var connections = 16

    @Option(help: "Documents that are put on record first and then asked for in turn.")
    var documents = 256

    func validate() throws {
        guard rate > 0, seconds > 0, connections > 0, (1...256).contains(documents) else {
            throw ValidationError("numbers are positive; at most 256 documents")
        }
        guard seconds <= 60 else { throw ValidationError("signatures last a minute: --seconds is at most 60") }
    }

    func run() async throws {
        try await options.run { network, client, _ in
            let workload = try await Workload(.documents, on: network, through: client)
            let (committed, owner) = try await workload.commit(documents, through: client)
            let node = network.nodes[0]
            let count = Int(rate * seconds)
            let messages = (0..<count).map { question(about: committed[$0 % committed.count], by: owner, to: node) }
            let generator = Generator(count, of: { messages[$0] }, rate: rate, seconds: seconds + 5)
            let outcome = try await generator.run(over: connections, to: [node])
            guard outcome.failures.isEmpty else { throw LoadFailure.refused(outcome.failures) }
            let trust = TrustAnchor(network.genesis)
            for sample in outcome.samples {
                let reply = try HistoryReply(decoding: Array(sample.readableBytesView))
                guard try reply.verify(trust)?.count == UInt64(reply.entries.count) else { throw LoadFailure.noReceipt }
            }
            return [
                Figure("proofs", Double(outcome.latencies.count) / (outcome.elapsed / .seconds(1)), "1/s"),
                Figure("proof-p50", Double(outcome.latencies.percentile(0.5)) / 1000, "ms"),
                Figure("proof-p99", Double(outcome.latencies.percentile(0.99)) / 1000, "ms"),
            ]
        }
    }

    private func question(about document: DocumentID, by key: SigningKey, to node: NodeAddress) -> APIConnection.Message
    {
        let request = API.Request.readHistory(.document(document), HistoryRange())
        return APIConnection.Message(
            method: .GET, target: request.target, headers: request.signedHeaders(by: key, to: node))
    }
}
