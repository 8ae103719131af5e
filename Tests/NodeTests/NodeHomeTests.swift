import Codec
import Cryptography
import Foundation
import Ledger
import Node
import P2P
import Testing

@Suite("NodeHome")
struct NodeHomeTests {
    @Test func `what init made is loaded again`() throws {
        try TemporaryDirectory.with { directory in
            let (home, keys) = try NodeHome.make(at: directory + "/node")
            let loaded = try home.keys()
            #expect(loaded.consensus.publicKey == keys.consensus.publicKey)
            #expect(loaded.sealing.publicKey == keys.sealing.publicKey)
            #expect(loaded.tls.certificate == keys.tls.certificate)
            #expect(try home.configuration() == Configuration())
        }
    }

    @Test func `keys are never replaced`() throws {
        try TemporaryDirectory.with { directory in
            let (home, keys) = try NodeHome.make(at: directory)
            #expect(throws: NodeHomeFailure.exists(directory + "/keys")) { try NodeHome.make(at: directory) }
            #expect(try home.keys().consensus.publicKey == keys.consensus.publicKey)
        }
    }

    @Test func `a key that others may read is refused`() throws {
        try TemporaryDirectory.with { directory in
            let (home, _) = try NodeHome.make(at: directory)
            let file = directory + "/keys/consensus.key"
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
            #expect(throws: NodeHomeFailure.notPrivate(file)) { try home.keys() }
        }
    }

    @Test func `a missing key and a mangled one are named`() throws {
        try TemporaryDirectory.with { directory in
            let (home, _) = try NodeHome.make(at: directory)
            let file = directory + "/keys/sealing.key"
            try FileManager.default.removeItem(atPath: file)
            #expect(throws: NodeHomeFailure.missing(file)) { try home.keys() }
            try Data("abc".utf8).write(to: URL(filePath: file))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            #expect(throws: NodeHomeFailure.malformed(file)) { try home.keys() }
        }
    }

    @Test func `another chain's genesis does not replace the first`() throws {
        try TemporaryDirectory.with { directory in
            let (home, keys) = try NodeHome.make(at: directory)
            let genesis = try GenesisSample.genesis(keys: [keys], name: "one")
            try home.install(genesis)
            try home.install(genesis)
            #expect(throws: NodeHomeFailure.anotherGenesis(directory + "/genesis.cbor")) {
                try home.install(GenesisSample.genesis(keys: [keys], name: "two"))
            }
            #expect(try home.genesis().name == "one")
        }
    }

    @Test func `other keys than the chain has for a validator are refused, a stranger only follows`() throws {
        let listed = NodeKeys(consensus: .random(), sealing: .random(), tls: try .make())
        let genesis = try GenesisSample.genesis(keys: [listed], name: "one")
        let place = ValidatorCardRecord.key(ValidatorID(consensusKey: listed.consensus.publicKey))
        let leaf = try #require(genesis.initialState.first { $0.key == place }?.value)
        let card = try Leaf<ValidatorCardRecord>(decoding: leaf).record
        try listed.check(card)
        try listed.check(nil)
        let renewed = NodeKeys(consensus: listed.consensus, sealing: listed.sealing, tls: try .make())
        #expect(throws: NodeHomeFailure.otherKeys) { try renewed.check(card) }
        let resealed = NodeKeys(consensus: listed.consensus, sealing: .random(), tls: listed.tls)
        #expect(throws: NodeHomeFailure.otherKeys) { try resealed.check(card) }
    }
}
