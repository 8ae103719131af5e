internal import API
internal import AsyncHTTPClient
internal import Codec
internal import Cryptography
internal import Foundation
internal import HTTPTypes
internal import Ledger
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import Synchronization

/// Asks another validator's HTTP API, in this validator's name: each one is trusted by the very certificate that the
/// chain has for it.
final class PeerClient: Sendable {
    private struct Peer: Sendable {
        var url: String
        var authority: String
        var tls: TLSConfiguration
    }

    private static let timeout = TimeAmount.seconds(20)

    private let client: HTTPClient
    private let key: SigningKey
    private let peers = Mutex<[Roster.Node: Peer]>([:])

    init(key: SigningKey, group: any EventLoopGroup) {
        self.key = key
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(20))
        configuration.connectionPool.idleTimeout = .seconds(60)
        client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }

    /// Stores content with a validator.
    ///
    /// - Throws: When it does not confirm.
    func put(_ id: ContentID, _ bytes: [UInt8], at node: Roster.Node) async throws {
        let response = try await send(.uploadContent(id), body: bytes, to: node)
        guard response.status == .created else { throw PeerFailure.status(Int(response.status.code)) }
    }

    /// Gets content from a validator; nothing when it has none.
    func get(_ id: ContentID, from node: Roster.Node) async throws -> [UInt8]? {
        let response = try await send(.downloadContent(id, nil), body: nil, to: node)
        if response.status == .notFound { return nil }
        guard response.status == .ok else { throw PeerFailure.status(Int(response.status.code)) }
        let body = try await response.body.collect(upTo: Endpoint.maximumContentLength)
        return Array(body.readableBytesView)
    }

    /// Gets what a validator dealt to this one in a round of resharing; nothing when it has nothing.
    func part(of grant: GrantID, round: UInt64, from node: Roster.Node) async throws -> [UInt8]? {
        let response = try await send(.collectPart(grant, round: round), body: nil, to: node)
        if response.status == .notFound { return nil }
        guard response.status == .ok else { throw PeerFailure.status(Int(response.status.code)) }
        let body = try await response.body.collect(upTo: KeptDeal.partLength)
        return Array(body.readableBytesView)
    }

    /// Asks a validator whether it lacks content.
    func isMissing(_ id: ContentID, at node: Roster.Node) async throws -> Bool {
        let response = try await send(
            .findMissingContent, body: ContentList([id]).encoded, to: node)
        guard response.status == .ok else { throw PeerFailure.status(Int(response.status.code)) }
        let body = try await response.body.collect(upTo: Endpoint.maximumContentLength)
        return try !ContentList(decoding: Array(body.readableBytesView)).ids.isEmpty
    }

    func shutdown() async { try? await client.shutdown() }

    /// How a node is reached; made once for each card.
    private func peer(_ node: Roster.Node) throws -> Peer {
        if let known = peers.withLock({ $0[node] }) { return known }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv13
        tls.trustRoots = .certificates([try NIOSSLCertificate(bytes: node.certificate, format: .der)])
        // The certificate is the name: whoever has its key is the validator, wherever it answers.
        tls.certificateVerification = .noHostnameVerification
        var url = node.apiURL
        while url.hasSuffix("/") { url.removeLast() }
        let peer = Peer(url: url, authority: url.lowercased().replacing("https://", with: ""), tls: tls)
        peers.withLock { peers in
            // Cards of nodes that are gone are made again should they come back.
            if peers.count >= 2 * Genesis.maximumValidators { peers.removeAll() }
            peers[node] = peer
        }
        return peer
    }

    private func send(
        _ request: API.Request, body: [UInt8]?, to node: Roster.Node
    ) async throws -> HTTPClientResponse {
        let peer = try peer(node)
        var head = HTTPRequest(
            method: request.method, scheme: "https", authority: peer.authority, path: request.target)
        if let type = request.endpoint.requestBody?.mediaType { head.headerFields[.contentType] = type.rawValue }
        if request.endpoint.answers.contains(.cbor) { head.headerFields[.accept] = MediaType.cbor.rawValue }
        MessageSignature.sign(
            &head, body: body.map { .sha256($0) }, with: key, created: Int64(Date.now.timeIntervalSince1970))
        var outgoing = HTTPClientRequest(url: peer.url + request.target)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for field in head.headerFields { outgoing.headers.add(name: field.name.rawName, value: field.value) }
        if let body { outgoing.body = .bytes(body) }
        outgoing.tlsConfiguration = peer.tls
        return try await client.execute(outgoing, timeout: Self.timeout)
    }
}

/// What another validator answered instead of what was asked for.
enum PeerFailure: Error, Hashable, Sendable {
    case status(Int)
}
