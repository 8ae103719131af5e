import ArgumentParser
import Client
import Codec
import Ledger
import Node

/// `card`: what a validator that is to join, or to change its keys, hands to an organisation.
struct CardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card",
        abstract: "Print the candidate with which the organisations add this validator, or replace one by it.",
        discussion: """
            Example:
              careledger-validator card --home /var/lib/careledger --organization 5f0c… \\
                --peer ledger.west.example:7400 --api https://ledger.west.example:7443

            The line holds public keys and addresses, and the consensus key's signature that this home has it. An \
            organisation puts it to the vote: careledger-wallet change propose --add-validator. Run the validator \
            meanwhile: from the proposal on it follows the chain, and it takes part from the block after the last \
            approval.
            """)

    @OptionGroup var options: HomeOptions

    @Option(help: ArgumentHelp("The organisation that runs the validator.", valueName: "id"))
    var organization: String

    @Option(help: ArgumentHelp("Where the other validators will reach this one.", valueName: "host:port"))
    var peer: String

    @Option(help: ArgumentHelp("Where clients will reach it.", valueName: "https://host:port"))
    var api: String

    func validate() throws {
        guard OrganizationID(hex: organization.lowercased()) != nil else {
            throw ValidationError("--organization must be an organisation's identifier")
        }
        guard let address = Address(peer), address.port > 0 else { throw ValidationError("--peer must be HOST:PORT") }
        guard api.hasPrefix("https://"), api.count > "https://".count else {
            throw ValidationError("--api must be https://HOST:PORT")
        }
    }

    func run() throws {
        guard let organization = OrganizationID(hex: organization.lowercased()) else { return }
        let home = NodeHome(path: options.home)
        let keys = try home.keys()
        let card = ValidatorCard(organization: "", keys: keys, peerAddress: peer, apiURL: api)
        let candidate = card.candidate(signedBy: keys, organization: organization, on: try home.genesis().chain)
        switch options.output {
        case .table: print(candidate.text)
        case .json: printFields([("candidate", candidate.text), ("validator", "\(candidate.id)")], as: .json)
        }
    }
}
