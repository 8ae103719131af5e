internal import API
internal import ChainStorage
internal import Codec
internal import Cryptography
internal import HTTPTypes
internal import Hummingbird
internal import Ledger
internal import Logging
internal import NIOCore
internal import Synchronization

/// Answers the HTTP API: understands the address, checks who asks, does it, and says what went wrong in one form.
///
/// There is one place that decides on each: ``API/Request`` parses addresses, ``Authentication`` knows who asks, the
/// ledger's authorization table says what they may see. What the routes add is only how.
struct Responder: HTTPResponder {
    /// What a request has brought: who signed it, what it carries, in which form its answer is wanted.
    struct Exchange: Sendable {
        /// Nothing where everybody may ask.
        var requester: Requester?
        var body: [UInt8]
        var form: Form
        var headers: HTTPFields
    }

    let node: NodeCore
    let authentication: Authentication
    private let load: Load

    private let metrics: @Sendable (inout MetricsPage) -> Void

    init(node: NodeCore, metrics: @escaping @Sendable (inout MetricsPage) -> Void) {
        self.node = node
        self.metrics = metrics
        authentication = Authentication(node)
        load = Load()
    }

    func respond(to request: Hummingbird.Request, context: BasicRequestContext) async throws -> Response {
        guard load.enter() else {
            node.metrics.refusedRequests.add()
            return problem(Problem(.tooManyRequests, retryAfter: 1), request)
        }
        defer { load.leave() }
        let start = ContinuousClock.now
        do {
            let response = try await answer(request)
            node.metrics.requestTime.record(start.duration(to: .now))
            return response
        } catch StorageFailure.notKept(let height) {
            node.metrics.refusedRequests.add()
            return problem(Problem(.notReady, "\(StorageFailure.notKept(before: height))"), request)
        } catch let problem as Problem {
            node.metrics.refusedRequests.add()
            return self.problem(problem, request)
        } catch {
            node.metrics.failedRequests.add()
            node.logger.error("request failed", metadata: ["error": "\(error)"])
            return problem(Problem(.internalFailure), request)
        }
    }

    private func problem(_ problem: Problem, _ request: Hummingbird.Request) -> Response {
        Form.problem(problem, cbor: request.headers[.accept]?.contains(API.MediaType.cbor.rawValue) ?? false)
    }

    private func answer(_ request: Hummingbird.Request) async throws -> Response {
        let parsed = try API.Request(method: request.method, target: request.head.path ?? "/")
        let endpoint = parsed.endpoint
        let form = try Form(accept: request.headers[.accept], of: endpoint)
        let body = try await body(of: request, endpoint)
        if endpoint.isClosedByFreeze { try requireOpenDoors() }
        let requester = try endpoint.access == .everyone ? nil : authentication.requester(of: request.head, body: body)
        let exchange = Exchange(requester: requester, body: body, form: form, headers: request.headers)
        return try await dispatch(parsed, exchange)
    }

    /// A validator whose organisation has frozen its doors hands out and takes in nothing that patients entrusted to it. It
    /// goes on voting and answering for the chain.
    private func requireOpenDoors() throws {
        let target = FreezeTarget.validator(node.custody.validator)
        guard !node.reads.store.isFrozen(target, after: node.reads.tip) else {
            throw Problem(.notReady, "This validator's doors are frozen because of an incident.")
        }
    }

    private func dispatch(_ request: API.Request, _ exchange: Exchange) async throws -> Response {
        switch request {
        case .health: exchange.form.answer(Health(ok: true))
        case .ready: try ready(exchange)
        case .metrics: Form.bytes(Array(page.text.utf8), .prometheus)
        case .status: exchange.form.answer(node.status())
        case .genesis: Form.bytes(node.genesis.encoded, .cbor)
        case .submitTransaction(let wait): try await submit(wait, exchange)
        case .readTransaction(let id): try transaction(id, exchange)
        case .readBlock(let selector, let under): try header(selector, under: under, exchange)
        case .readBlockTransactions(let height): try block(height, exchange)
        case .streamBlocks(let height): stream(from: height)
        case .listOrganizations, .listValidators, .readSubject, .readAuthor, .readStanding, .readKeyHolder, .readAccess,
            .listChanges, .readChange, .readThread:
            try state(request, exchange)
        case .readEpochs(let epoch): try epochs(from: epoch, exchange)
        case .readHistory(let subject, let range): try history(subject, range, exchange)
        case .readEvidence(let subject, let range): try evidence(subject, range, exchange)
        case .requestFragments(let access): try await fragments(access, exchange)
        case .depositFragment(let grant): try await deposit(grant, exchange)
        case .collectPart(let grant, let round): try await part(of: grant, round, exchange)
        case .uploadContent(let id): try await upload(id, exchange)
        case .downloadContent(let id, let entitlement): try await download(id, entitlement, exchange)
        case .findMissingContent: try await missing(exchange)
        }
    }

    private var page: MetricsPage {
        var page = MetricsPage()
        node.metrics.write(to: &page)
        page.gauge("careledger_height", "The last final block.", node.reads.store.height.rawValue)
        metrics(&page)
        return page
    }

    private func body(of request: Hummingbird.Request, _ endpoint: Endpoint) async throws -> [UInt8] {
        guard let expected = endpoint.requestBody else { return [] }
        guard let type = request.headers[.contentType], type.lowercased() == expected.mediaType.rawValue else {
            throw Problem(.unsupportedMediaType, "The body must be \(expected.mediaType.rawValue).")
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > expected.maximumLength {
            throw Problem(.bodyTooLarge, "The body may have \(expected.maximumLength) bytes.")
        }
        do {
            let buffer = try await request.body.collect(upTo: expected.maximumLength)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem(.bodyTooLarge, "The body may have \(expected.maximumLength) bytes.")
        }
    }
}

extension Endpoint {
    /// Whether a frozen validator does not answer: what concerns content and fragments.
    fileprivate var isClosedByFreeze: Bool {
        switch self {
        case .requestFragments, .depositFragment, .collectPart, .uploadContent, .downloadContent: true
        default: false
        }
    }
}

/// Counts the requests in hand, so that a flood is answered "later" instead of filling the memory.
private final class Load: Sendable {
    private static let maximum = 4096
    private let count = Atomic<Int>(0)

    func enter() -> Bool {
        if count.add(1, ordering: .relaxed).newValue <= Self.maximum { return true }
        leave()
        return false
    }

    func leave() { count.subtract(1, ordering: .relaxed) }
}
