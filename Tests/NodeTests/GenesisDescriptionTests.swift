import Codec
import Cryptography
import Foundation
import Ledger
import Node
import P2P
import Testing

@Suite("GenesisDescription")
struct GenesisDescriptionTests {
    @Test func `a description and cards make a genesis`() throws {
        let keys = try (0..<4).map { _ in NodeKeys(consensus: .random(), sealing: .random(), tls: try .make()) }
        let genesis = try GenesisSample.genesis(keys: keys)
        #expect(genesis.validators.map(\.consensusKey) == keys.map(\.consensus.publicKey))
        #expect(genesis.time.rawValue == 1_769_846_400_000)
        #expect(genesis.parameters.accessWindow == 50)
        #expect(genesis.organizations.first?.roles == [.clinician, .registrar, .privacyOfficer])
        #expect(genesis.auditors.first?.name == "authority")
    }

    @Test func `a card is what it was as JSON`() throws {
        let keys = NodeKeys(consensus: .random(), sealing: .random(), tls: try .make())
        let card = ValidatorCard(
            organization: "hospital", keys: keys, peerAddress: "a.example:7400", apiURL: "https://a.example:7443")
        #expect(try ValidatorCard(json: Array(card.json.utf8)) == card)
        let private_ = keys.consensus.secretBytes.copy().hex
        #expect(!card.json.contains(private_))
    }

    @Test(
        arguments: [
            ("\"name\": \"c\"", "\"nam\": \"c\"", "name"),
            ("2026-01-31T08:00:00Z", "yesterday", "time"),
            ("\"accessWindow\": 50", "\"accessWindow\": -1", "parameters.accessWindow"),
            ("\"accessWindow\": 50", "\"window\": 50", "parameters.window"),
            ("\"threshold\": 1", "\"threshold\": \"one\"", "organizations[0].threshold"),
            ("\"clinician\"", "\"surgeon\"", "organizations[0].roles"),
            ("did:key:z", "did:key:y", "organizations[0].signingKeys"),
            ("2030-01-01", "2030-13-01", "auditors[0].expires"),
        ])
    func `a mistake is answered with the field's path`(right: String, wrong: String, field: String) {
        let text = GenesisSample.description(name: "c").replacingOccurrences(of: right, with: wrong)
        #expect {
            try GenesisDescription(json: Array(text.utf8))
        } throws: { error in
            (error as? DescriptionFailure)?.field == field
        }
    }

    @Test(arguments: [
        ("transactionWindow", "4294967295", "4294967296"), ("accessWindow", "4294967295", "4294967296"),
        ("maximumBlockBytes", "4294967295", "4294967296"), ("documentCopies", "128", "129"),
    ])
    func `a parameter has its largest value and none above`(name: String, largest: String, above: String) throws {
        let keys = NodeKeys(consensus: .random(), sealing: .random(), tls: try .make())
        let card = ValidatorCard(organization: "hospital", keys: keys, peerAddress: "a:1", apiURL: "https://a:2")
        func genesis(_ value: String) throws -> Genesis {
            let text = GenesisSample.description(name: "c")
                .replacingOccurrences(of: "\"accessWindow\": 50", with: "\"\(name)\": \(value)")
            return try GenesisDescription(json: Array(text.utf8)).genesis(validators: [card])
        }
        let made = try genesis(largest)
        #expect(try Genesis(decoding: made.encoded) == made)
        #expect {
            try genesis(above)
        } throws: { error in
            (error as? DescriptionFailure)?.field == "parameters.\(name)"
        }
    }

    @Test func `a threshold beyond any number of keys is refused`() throws {
        let keys = NodeKeys(consensus: .random(), sealing: .random(), tls: try .make())
        let card = ValidatorCard(organization: "hospital", keys: keys, peerAddress: "a:1", apiURL: "https://a:2")
        let text = GenesisSample.description(name: "c")
            .replacingOccurrences(of: "\"threshold\": 1", with: "\"threshold\": 10000000000000000000")
        let description = try GenesisDescription(json: Array(text.utf8))
        #expect(throws: DescriptionFailure.self) { try description.genesis(validators: [card]) }
    }

    @Test func `a card of an organisation that is not described is refused`() throws {
        let keys = NodeKeys(consensus: .random(), sealing: .random(), tls: try .make())
        let card = ValidatorCard(organization: "clinic", keys: keys, peerAddress: "a:1", apiURL: "https://a:2")
        let description = try GenesisDescription(json: Array(GenesisSample.description(name: "c").utf8))
        #expect(throws: DescriptionFailure.self) { try description.genesis(validators: [card]) }
    }
}
