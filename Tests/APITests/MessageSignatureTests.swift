import API
import Cryptography
import HTTPTypes
import Testing

@Suite("RFC 9421: signed requests")
struct MessageSignatureTests {
    private static let now: Int64 = 1_800_000_000
    private let clinician = SigningKey.random()
    private let authorities: Set<String> = ["node.example:7443"]

    private func signed(body: Digest? = nil, created: Int64 = now) -> HTTPRequest {
        var request = HTTPRequest(
            method: .get, scheme: "https", authority: "node.example:7443", path: "/v1/grants/aa?from=1")
        MessageSignature.sign(&request, body: body, with: clinician, created: created)
        return request
    }

    private func verify(_ request: HTTPRequest, now: Int64 = now) throws(MessageSignatureFailure) -> SignedRequest {
        try MessageSignature.verify(request, authorities: authorities, now: now)
    }

    @Test func `a signed request names its key, and what its body must be`() throws {
        let body = Digest.sha256([1, 2, 3])
        #expect(try verify(signed()).key == clinician.publicKey)
        #expect(try verify(signed()).body == nil)
        #expect(try verify(signed(body: body)).body == body)
    }

    @Test func `method, path, query, authority and body are all signed`() {
        var other = signed()
        other.method = .head
        #expect(throws: MessageSignatureFailure.invalid) { try verify(other) }
        other = signed()
        other.path = "/v1/grants/ab?from=1"
        #expect(throws: MessageSignatureFailure.invalid) { try verify(other) }
        other = signed()
        other.path = "/v1/grants/aa?from=2"
        #expect(throws: MessageSignatureFailure.invalid) { try verify(other) }
        other = signed()
        other.authority = "elsewhere.example:7443"
        #expect(throws: MessageSignatureFailure.wrongAuthority) { try verify(other) }
        other = signed(body: .sha256([1]))
        var digest = HTTPRequest(method: .get, scheme: "https", authority: "node.example:7443", path: "/")
        MessageSignature.sign(&digest, body: .sha256([2]), with: clinician, created: Self.now)
        other.headerFields[HTTPField.Name("Content-Digest") ?? .date] =
            digest.headerFields[HTTPField.Name("Content-Digest") ?? .date]
        #expect(throws: MessageSignatureFailure.invalid) { try verify(other) }
    }

    @Test func `a time too far from the node's is refused on both sides`() {
        let limit = MessageSignature.maximumSkew
        #expect(throws: Never.self) { try verify(signed(), now: Self.now + limit) }
        #expect(throws: Never.self) { try verify(signed(), now: Self.now - limit) }
        #expect(throws: MessageSignatureFailure.stale(secondsAgo: limit + 1)) {
            try verify(signed(), now: Self.now + limit + 1)
        }
        #expect(throws: MessageSignatureFailure.stale(secondsAgo: -limit - 1)) {
            try verify(signed(), now: Self.now - limit - 1)
        }
    }

    @Test func `a request is admitted once, and a key has its share of the memory`() throws {
        var cache = ReplayCache(capacity: 4, capacityPerKey: 2)
        let first = try verify(signed())
        try cache.admit(first, now: Self.now)
        #expect(throws: MessageSignatureFailure.replayed) { try cache.admit(first, now: Self.now) }
        #expect(throws: MessageSignatureFailure.replayed) { try cache.admit(first, now: Self.now + 200) }
        try cache.admit(try verify(signed()), now: Self.now)
        #expect(throws: MessageSignatureFailure.tooMany) { try cache.admit(try verify(signed()), now: Self.now) }
    }

    @Test func `fields that are missing or do not parse are refused`() throws {
        let bare = HTTPRequest(method: .get, scheme: "https", authority: "node.example:7443", path: "/")
        #expect(throws: MessageSignatureFailure.missing) { try verify(bare) }
        let name = try #require(HTTPField.Name("Signature-Input"))
        for text in ["", "sig", "sig=", "sig=()", "sig=(\"@method\")", String(repeating: "a", count: 9000)] {
            var request = signed()
            request.headerFields[name] = text
            #expect(throws: MessageSignatureFailure.self) { try verify(request) }
        }
    }
}
