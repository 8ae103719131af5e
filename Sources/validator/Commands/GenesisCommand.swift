import ArgumentParser
import Codec
import Foundation
import Ledger
import Node

/// `genesis`: the file that a chain begins with.
struct GenesisCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "genesis",
        abstract: "Build a genesis file from a description and the validators' cards, and print its hash.",
        discussion: """
            Example:
              careledger-validator genesis consortium.json north.card.json east.card.json south.card.json \\
                west.card.json --file genesis.cbor

            The order of the cards is the order of the validators. Everybody who joins compares the printed hash with \
            the others over another channel, then puts the file into their home as genesis.cbor.
            """)

    @Argument(help: "The description: organisations, auditors, parameters (JSON).")
    var description: String

    @Argument(help: "The validators' cards (JSON).")
    var cards: [String]

    @Option(help: ArgumentHelp("Where to write the genesis file.", valueName: "file"))
    var file = "genesis.cbor"

    @Option(help: ArgumentHelp("Also put it into this home (repeatable).", valueName: "dir"))
    var home: [String] = []

    @Option(help: ArgumentHelp("How to print.", valueName: "table|json"))
    var output = OutputForm.table

    func validate() throws {
        if cards.isEmpty { throw ValidationError("name at least one validator's card") }
    }

    func run() throws {
        let description: GenesisDescription = try Self.read(description) { try GenesisDescription(json: $0) }
        let cards = try cards.map { file in try Self.read(file) { try ValidatorCard(json: $0) } }
        let genesis = try description.genesis(validators: cards)
        try Data(genesis.encoded).write(to: URL(filePath: file))
        for path in home { try NodeHome(path: path).install(genesis) }
        let fields = [
            ("chain", "\(genesis.chain)"), ("name", genesis.name),
            ("organizations", "\(genesis.organizations.count)"), ("validators", "\(genesis.validators.count)"),
            ("file", file),
        ]
        printFields(fields.map { (name: $0.0, value: $0.1) }, as: output)
    }

    private static func read<Value>(_ file: String, _ parse: ([UInt8]) throws -> Value) throws -> Value {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ProgramFailure(message: "\(file) cannot be read")
        }
        do { return try parse(Array(data)) } catch { throw ProgramFailure(message: "\(file): \(error)") }
    }
}
