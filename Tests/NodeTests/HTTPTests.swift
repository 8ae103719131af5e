import API
import Client
import Codec
import Cryptography
import Foundation
import HTTPTypes
import Ledger
import Node
import Testing

@Suite("HTTP API over TLS", .runningConsortium, .serialized, .timeLimit(.minutes(10)))
struct HTTPTests {
    private let consortium: TestConsortium
    private let raw: RawClient

    init() throws {
        consortium = try #require(RunningConsortium.current)
        raw = RawClient(consortium: consortium, index: 0)
    }

    private var hospital: OrganizationID { consortium.genesis.organizations[0].id }

    // MARK: Open to everybody

    @Test(arguments: [
        "/health", "/ready", "/status", "/v1/genesis", "/v1/blocks/latest", "/v1/blocks/0", "/v1/validators",
    ])
    func `what is public needs no signature`(target: String) async throws {
        var status = try await raw.send(.get, target).status
        // A validator is not ready before it has heard from the others.
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while status == 503, ContinuousClock.now < deadline { status = try await raw.send(.get, target).status }
        #expect(status == 200)
    }

    @Test func `metrics are Prometheus text`() async throws {
        let answer = try await raw.send(.get, "/metrics", headers: ["Accept": "*/*"])
        #expect(answer.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
        var text = String(decoding: answer.body, as: UTF8.self)
        // Two of four are enough for everything else here: the last connection may still be on its way.
        let connected = (1...3).map { "careledger_peer_connected{peer=\"\($0)\"} 1" }
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while !connected.allSatisfy(text.contains), ContinuousClock.now < deadline {
            let again = try await raw.send(.get, "/metrics", headers: ["Accept": "*/*"])
            text = String(decoding: again.body, as: UTF8.self)
        }
        #expect(connected.allSatisfy(text.contains))
        #expect(text.contains("# TYPE careledger_height gauge"))
    }

    @Test func `people get JSON, programs what they accept, and nobody what there is not`() async throws {
        let json = try await raw.send(.get, "/v1/blocks/0", headers: ["Accept": "application/json"])
        #expect(json.headers["content-type"] == "application/json")
        func members(_ answer: RawClient.Answer) throws -> [String: Any]? {
            try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        }
        let block = try members(json)?["block"] as? [String: Any]
        #expect(block?["height"] as? Int == 0)
        let status = try members(await raw.send(.get, "/status", headers: ["Accept": "application/json"]))
        #expect(status?["chain"] as? String == "\(consortium.genesis.chain)")
        let proof = try FinalityProof(decoding: try await raw.send(.get, "/v1/blocks/0").body)
        #expect(proof.header.height == .genesis)
        #expect(try await raw.send(.get, "/v1/blocks/0", headers: ["Accept": "image/png"]).status == 406)
    }

    @Test func `what is not understood is refused by name`() async throws {
        #expect(try await raw.send(.get, "/v1/blocks/-1").problem == .malformedRequest)
        #expect(try await raw.send(.get, "/v1/blocks/999999999").problem == .notFound)
        #expect(try await raw.send(.get, "/v2/nothing").problem == .notFound)
        #expect(try await raw.send(.delete, "/v1/blocks/0").problem == .methodNotAllowed)
        #expect(try await raw.send(.get, "/v1/blocks/0?x=1").problem == .malformedRequest)
    }

    // MARK: Transactions

    @Test func `a body that is no transaction is refused, and one that is too long is not read`() async throws {
        let target = "/v1/transactions"
        let cbor = "application/cbor"
        #expect(try await raw.send(.post, target, body: [0xff], type: cbor).problem == .malformedBody)
        #expect(try await raw.send(.post, target, body: [0xff], type: "text/plain").problem == .unsupportedMediaType)
        let long = [UInt8](repeating: 0, count: 256 * 1024 + 1)
        #expect(try await raw.send(.post, target, body: long, type: cbor).problem == .bodyTooLarge)
    }

    @Test func `a transaction that was altered, or is for another chain or another time, is refused`() async throws {
        func problem(_ transaction: Transaction) async throws -> (Problem.Code?, String?) {
            let answer = try await raw.send(
                .post, "/v1/transactions?wait=final", body: transaction.bytes, type: "application/cbor")
            return (answer.problem, (try? Problem(decoding: answer.body))?.reason)
        }
        let honest = consortium.registration()
        let stranger = Transaction(honest.body, signedBy: [.random()])
        var forged = stranger.bytes
        forged[forged.count - 1] ^= 1
        if let forged = try? Transaction(decoding: forged) {
            #expect(try await problem(forged) == (.transactionRefused, "invalid-signature"))
        }
        var body = honest.body
        body.validUntil = Height(rawValue: 1_000_000)
        #expect(
            try await problem(Transaction(body, signedBy: [GenesisSample.hospitalKey]))
                == (.transactionRefused, "valid-until-too-far"))
        body.validUntil = honest.body.validUntil
        body.chain = ChainID(.zero)
        #expect(
            try await problem(Transaction(body, signedBy: [GenesisSample.hospitalKey]))
                == (.transactionRefused, "wrong-chain"))
    }

    // MARK: Who asks

    @Test func `a reader must sign, once, now, for this node, with a key on the chain`() async throws {
        let target = "/v1/organizations/\(hospital)"
        let key = GenesisSample.hospitalKey
        #expect(try await raw.send(.get, target).problem == .signatureRequired)
        #expect(try await raw.send(.get, target, signedBy: .random()).problem == .signatureInvalid)
        let old = Int64(Date.now.timeIntervalSince1970) - 3600
        #expect(try await raw.send(.get, target, signedBy: key, created: old).problem == .signatureStale)
        let nonce = SystemRandom.bytes(16)
        #expect(try await raw.send(.get, target, signedBy: key, nonce: nonce).status == 200)
        #expect(try await raw.send(.get, target, signedBy: key, nonce: nonce).problem == .signatureReplayed)
        let moved = try await raw.send(.get, target, signedBy: key) { $0.path = target + "/history" }
        #expect(moved.problem == .signatureInvalid)
    }

    @Test func `not there and not allowed are one answer`() async throws {
        let client = try consortium.client(of: 0)
        let registration = consortium.registration(7)
        _ = try await client.submit(registration)
        await client.shutDown()
        guard case .registerStaff(let operation) = registration.operations[0] else { return }
        let target = "/v1/staff/\(operation.staff)/history"
        let there = try await raw.send(.get, target, signedBy: GenesisSample.hospitalKey)
        #expect(there.status == 200)
        #expect(try HistoryReply(decoding: there.body).entries.count == 1)
        #expect(try await raw.send(.get, target, signedBy: GenesisSample.auditorKey).status == 200)
        let absent = "/v1/staff/\(Digest.sha256([1]))/history"
        let missing = try await raw.send(.get, absent, signedBy: GenesisSample.hospitalKey)
        let block = "/v1/blocks/1/transactions"
        let forbidden = try await raw.send(.get, block, signedBy: GenesisSample.hospitalKey)
        #expect(missing.status == 404)
        #expect(missing.body == forbidden.body)
        #expect(try await raw.send(.get, block, signedBy: GenesisSample.auditorKey).status == 200)
    }

    @Test func `evidence holds every transaction that the history names`() async throws {
        let client = try consortium.client(of: 1)
        _ = try await client.submit(consortium.registration(8))
        await client.shutDown()
        let answer = try await RawClient(consortium: consortium, index: 1).send(
            .get, "/v1/evidence/organizations/\(hospital)", signedBy: GenesisSample.auditorKey)
        let evidence = try EvidenceReply(decoding: answer.body)
        let trust = TrustAnchor(consortium.genesis)
        #expect(try evidence.history.verify(trust)?.count == UInt64(evidence.history.entries.count))
        #expect(evidence.transactions.map(\.transaction.id) == evidence.history.entries.map(\.transaction))
        for proof in evidence.transactions { try proof.verify(trust) }
    }

    // MARK: Content

    @Test func `content is kept by two nodes before the upload is confirmed`() async throws {
        let bytes = SystemRandom.bytes(100_000)
        let id = ContentID(of: bytes)
        let stored = try await raw.send(
            .put, "/v1/content/\(id)", body: bytes, type: "application/octet-stream",
            signedBy: GenesisSample.hospitalKey)
        #expect(stored.status == 201)
        let reply = try UploadReply(decoding: stored.body)
        #expect(reply.copies == 2 && reply.required == 2)
        var copies = 0
        for index in 0..<4 {
            let key = try NodeHome(path: "\(consortium.directory)/1").keys().consensus
            let answer = try await RawClient(consortium: consortium, index: index).send(
                .get, "/v1/content/\(id)", signedBy: key)
            if answer.status == 200 {
                #expect(answer.body == bytes)
                copies += 1
            }
        }
        #expect(copies == 2)
    }

    @Test func `a part of content is had by its range`() async throws {
        let bytes = Array(0..<200) as [UInt8]
        let id = ContentID(of: bytes)
        _ = try await raw.send(
            .put, "/v1/content/\(id)", body: bytes, type: "application/octet-stream",
            signedBy: GenesisSample.hospitalKey)
        let key = try NodeHome(path: "\(consortium.directory)/2").keys().consensus
        func part(_ range: String) async throws -> RawClient.Answer {
            try await raw.send(.get, "/v1/content/\(id)", headers: ["Range": range], signedBy: key)
        }
        #expect(try await part("bytes=10-19").body == Array(10...19))
        #expect(try await part("bytes=190-999").body == Array(190...199))
        #expect(try await part("bytes=-5").body == Array(195...199))
        #expect(try await part("bytes=150-").headers["content-range"] == "bytes 150-199/200")
        #expect(try await part("bytes=200-").status == 416)
        #expect(try await part("bytes=5-4").status == 416)
    }

    @Test func `content under another name is refused, and a stranger stores and reads nothing`() async throws {
        let bytes = SystemRandom.bytes(100)
        let id = ContentID(of: bytes)
        let type = "application/octet-stream"
        let other = "/v1/content/\(ContentID(of: [1]))"
        let key = GenesisSample.hospitalKey
        #expect(try await raw.send(.put, other, body: bytes, type: type, signedBy: key).problem == .contentMismatch)
        let target = "/v1/content/\(id)"
        #expect(try await raw.send(.put, target, body: bytes, type: type, signedBy: .random()).status == 401)
        #expect(try await raw.send(.put, target, body: bytes, type: type, signedBy: key).status == 201)
        #expect(try await raw.send(.get, target, signedBy: key).problem == .notFound)
        let list = ContentList([id, ContentID(of: [2])]).encoded
        let missing = try await raw.send(
            .post, "/v1/content/missing", body: list, type: "application/cbor", signedBy: key)
        #expect(try ContentList(decoding: missing.body).ids == [ContentID(of: [2])])
    }
}
