import Codec
import Cryptography
import Foundation
import Ledger
import Node
import P2P
import Testing

@Suite("Genesis/")
struct GenesisFilesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Genesis")

    @Test func `every description decodes and makes a genesis with a card for each hospital`() throws {
        let files = try FileManager.default.contentsOfDirectory(at: Self.folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
        #expect(!files.isEmpty)
        for file in files {
            let json = try Data(contentsOf: file)
            let description = try GenesisDescription(json: Array(json))
            let names = try JSONDecoder().decode(Names.self, from: json).organizations.map(\.name)
            let cards = try names.enumerated().map { index, name in
                ValidatorCard(
                    organization: name, keys: NodeKeys(consensus: .random(), sealing: .random(), tls: try .make()),
                    peerAddress: "validator-\(index).example:7400", apiURL: "https://validator-\(index).example:7443")
            }
            let genesis = try description.genesis(validators: cards)
            #expect(genesis.validators.count == names.count, "\(file.lastPathComponent)")
            #expect(try Genesis(decoding: genesis.encoded) == genesis)
        }
    }

    @Test func `the page explains every field`() throws {
        let page = try String(contentsOf: Self.folder.appending(path: "README.md"), encoding: .utf8)
        let json = try Data(contentsOf: Self.folder.appending(path: "example.json"))
        for field in try Self.fields(JSONSerialization.jsonObject(with: json)) {
            #expect(page.contains("`\(field)`") || page.contains(".\(field)`"), "\(field)")
        }
    }

    private struct Names: Decodable {
        struct Organization: Decodable { let name: String }
        let organizations: [Organization]
    }

    private static func fields(_ value: Any) -> Set<String> {
        switch value {
        case let object as [String: Any]: Set(object.keys).union(object.values.flatMap(fields))
        case let list as [Any]: Set(list.flatMap(fields))
        default: []
        }
    }
}
