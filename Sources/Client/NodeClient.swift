public import API
internal import AsyncHTTPClient
public import Codec
public import Cryptography
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// Talks to the nodes of one consortium over TLS, and believes nothing they say: what comes back is for ``LedgerClient``
/// to check.
///
/// A node is known by its certificate in the genesis file or on the chain, not by its name. When one does not answer, the next is asked;
/// the one that answered last is asked first.
public final class NodeClient: Sendable {
    private let known: Mutex<[NodeAddress]>
    private let client: HTTPClient
    private let preferred = Mutex(0)
    private let clock: @Sendable () -> Int64

    /// - Parameters:
    ///   - nodes: Whom to ask, in order of preference; not empty.
    ///   - clock: Seconds since 1970, for signatures.
    public init(nodes: [NodeAddress], clock: @escaping @Sendable () -> Int64 = SystemClock.seconds) {
        precondition(!nodes.isEmpty, "there is a node to ask")
        known = Mutex(nodes)
        self.clock = clock
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(3), read: .seconds(60)))
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// The nodes, in order of preference.
    public var nodes: [NodeAddress] { known.withLock { $0 } }

    /// Asks these nodes from now on: the validators have changed.
    func use(_ nodes: [NodeAddress]) {
        precondition(!nodes.isEmpty, "there is a node to ask")
        known.withLock { $0 = nodes }
    }

    /// Closes the connections. Must be called once, last.
    public func shutDown() async {
        // Connections that are torn down uncleanly at the very end disturb nobody.
        try? await client.shutdown()
    }

    /// Sends a request and decodes the answer.
    ///
    /// - Parameters:
    ///   - key: Signs the request; nothing for what is open to everyone.
    ///   - node: The only one to ask; nothing for any.
    public func send<Reply: CBORDecodable & Sendable>(
        _ request: Request, body: [UInt8]? = nil, signedBy key: SigningKey? = nil, to node: NodeAddress? = nil,
        timeout: Duration = .seconds(15), as reply: Reply.Type = Reply.self
    ) async throws(ClientFailure) -> Answer<Reply> {
        let answer = try await exchange(request, body: body, signedBy: key, to: node, timeout: timeout)
        do {
            return Answer(value: try Reply(decoding: answer.value), node: answer.node)
        } catch {
            throw .malformedReply(error, node: answer.node.url)
        }
    }

    /// Sends a request and returns the answer's body.
    ///
    /// - Parameter range: The bytes wanted of content; nothing for all.
    public func exchange(
        _ request: Request, body: [UInt8]? = nil, signedBy key: SigningKey? = nil, to node: NodeAddress? = nil,
        range: ClosedRange<Int>? = nil, timeout: Duration = .seconds(15)
    ) async throws(ClientFailure) -> Answer<[UInt8]> {
        var attempts: [ClientFailure.Attempt] = []
        var lastProblem: ClientFailure?
        for (place, candidate) in order(node) {
            let outcome = await attempt(request, body, key, range, timeout, at: candidate)
            switch outcome {
            case .answer(let bytes):
                preferred.withLock { $0 = place }
                return Answer(value: bytes, node: candidate)
            case .problem(let problem):
                lastProblem = .problem(problem, node: candidate.url)
                if !problem.code.isThisNodesTrouble { throw .problem(problem, node: candidate.url) }
            case .unreachable(let reason):
                attempts.append(.init(node: candidate.url, reason: reason))
            }
        }
        throw lastProblem ?? .unreachable(attempts)
    }

    /// Opens a stream that goes on for as long as somebody reads it.
    func open(_ request: Request, at node: NodeAddress) async throws(ClientFailure) -> HTTPClientResponse.Body {
        do {
            let response = try await client.execute(
                try outgoing(request, nil, nil, nil, to: node), deadline: .distantFuture)
            guard response.status == .ok else {
                throw ClientFailure.unreachable([.init(node: node.url, reason: "status \(response.status.code)")])
            }
            return response.body
        } catch let failure as ClientFailure { throw failure } catch {
            throw .unreachable([.init(node: node.url, reason: Self.reason(error))])
        }
    }

    /// An answer, and who gave it.
    public struct Answer<Value: Sendable>: Sendable {
        /// The answer.
        public let value: Value
        /// Who gave it.
        public let node: NodeAddress
    }

    private enum Outcome {
        case answer([UInt8])
        case problem(Problem)
        case unreachable(String)
    }

    /// The nodes, the one that answered last first.
    var ordered: [NodeAddress] { order(nil).map(\.node) }

    private func order(_ only: NodeAddress?) -> [(place: Int, node: NodeAddress)] {
        let nodes = nodes
        if let only { return [(nodes.firstIndex(of: only) ?? 0, only)] }
        let first = preferred.withLock { $0 }
        return nodes.indices.map { offset in
            let place = (first + offset) % nodes.count
            return (place, nodes[place])
        }
    }

    private func attempt(
        _ request: Request, _ body: [UInt8]?, _ key: SigningKey?, _ range: ClosedRange<Int>?, _ timeout: Duration,
        at node: NodeAddress
    ) async -> Outcome {
        do {
            let outgoing = try outgoing(request, body, key, range, to: node)
            let response = try await client.execute(outgoing, timeout: .init(timeout))
            let limit = request.maximumReplyLength
            let bytes = Array(buffer: try await response.body.collect(upTo: limit))
            if (200..<300).contains(response.status.code) { return .answer(bytes) }
            if let problem = try? Problem(decoding: bytes) { return .problem(problem) }
            return .unreachable("status \(response.status.code) without a problem")
        } catch {
            return .unreachable(Self.reason(error))
        }
    }

    private func outgoing(
        _ request: Request, _ body: [UInt8]?, _ key: SigningKey?, _ range: ClosedRange<Int>?, to node: NodeAddress
    ) throws -> HTTPClientRequest {
        var head = HTTPRequest(
            method: request.method, scheme: "https", authority: node.authority, path: request.target)
        head.headerFields[.accept] = request.endpoint.answers.contains(.cbor) ? MediaType.cbor.rawValue : "*/*"
        if let type = request.endpoint.requestBody?.mediaType { head.headerFields[.contentType] = type.rawValue }
        if let range { head.headerFields[.range] = "bytes=\(range.lowerBound)-\(range.upperBound)" }
        if let key {
            MessageSignature.sign(&head, body: body.map { Digest.sha256($0) }, with: key, created: clock())
        }
        var outgoing = HTTPClientRequest(url: node.url + request.target)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for field in head.headerFields { outgoing.headers.add(name: field.name.rawName, value: field.value) }
        if let body { outgoing.body = .bytes(ByteBuffer(bytes: body)) }
        outgoing.tlsConfiguration = try Self.tls(node)
        return outgoing
    }

    private static func tls(_ node: NodeAddress) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .certificates(
            try node.certificates.map { try NIOSSLCertificate(bytes: $0, format: .der) })
        // The certificate itself is pinned; its names say nothing that the genesis file does not.
        configuration.certificateVerification = .noHostnameVerification
        return configuration
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout: "connection timed out"
        case let error as HTTPClientError where error == .deadlineExceeded: "no answer in time"
        case let error as IOError where error.errnoCode == ECONNREFUSED: "connection refused"
        case let error as IOError where error.errnoCode == ECONNRESET: "the connection broke"
        case is NIOConnectionError: "connection refused"
        case NIOSSLError.handshakeFailed(let reason) where "\(reason)".contains("CERTIFICATE_VERIFY_FAILED"):
            "its certificate is not the genesis file's"
        case is NIOSSLError, is BoringSSLError: "the connection could not be secured: \(error)"
        case is NIOTooManyBytesError: "the answer is too long"
        default: "\(error)"
        }
    }
}

extension Problem.Code {
    /// Whether another node may answer better.
    fileprivate var isThisNodesTrouble: Bool {
        switch self {
        case .notReady, .tooManyRequests, .internalFailure, .storageFull, .notEnoughCopies: true
        default: false
        }
    }
}

extension Request {
    /// The longest answer that is read.
    fileprivate var maximumReplyLength: Int {
        switch self {
        case .readBlockTransactions, .readEvidence, .genesis, .listOrganizations, .listValidators: 64 << 20
        case .downloadContent: Endpoint.maximumContentLength
        default: 8 << 20
        }
    }
}
