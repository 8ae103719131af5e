import ArgumentParser
import Cryptography
import Foundation

/// `signatures`: how many signatures the machine checks in a second, which bounds what any ledger on it can do.
struct SignaturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signatures", abstract: "Measure signature checks a second on all cores.", shouldDisplay: false)

    @Option(help: "How long to check.")
    var seconds = 2.0

    @Option(help: "How many validators share the machine: their ceiling is the rate divided by this.")
    var validators = 4

    @Option(help: ArgumentHelp("How to print.", valueName: "table|json"))
    var output = OutputForm.table

    func run() async throws {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let duration = Duration.seconds(seconds)
        let checks = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<cores { group.addTask { Self.check(for: duration) } }
            return await group.reduce(0, +)
        }
        let rate = Double(checks) / seconds
        Figure.print(
            [
                Figure("signature-checks", rate, "1/s"), Figure("cores", Double(cores), "1"),
                Figure("signature-ceiling", rate / Double(validators), "tx/s"),
            ], label: "", as: output)
    }

    private static func check(for duration: Duration) -> Int {
        let key = SigningKey.random()
        let domain = Domain("transaction")
        let messages = (0..<64).map { _ in Digest.hash(SystemRandom.bytes(32), in: domain) }
        let signatures = messages.map { key.sign(digest: $0) }
        let end = ContinuousClock.now + duration
        var count = 0
        while ContinuousClock.now < end {
            for (message, signature) in zip(messages, signatures) {
                precondition(key.publicKey.isValid(signature, forDigest: message), "a fresh signature holds")
            }
            count += messages.count
        }
        return count
    }
}
