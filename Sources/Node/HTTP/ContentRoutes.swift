internal import API
internal import ChainStorage
internal import Codec
internal import ContentStorage
internal import Cryptography
internal import HTTPTypes
internal import Hummingbird
internal import Ledger
internal import NIOCore

// Sealed content: who may store it is any key holder; who may fetch it, the ledger says.
extension Responder {
    func upload(_ id: ContentID, _ exchange: Exchange) async throws -> Response {
        let content: Content
        do throws(ContentFailure) { content = try Content(exchange.body, named: id) } catch {
            throw Problem(.contentMismatch)
        }
        let isCopy = if case .validator = exchange.requester?.holder { true } else { false }
        let copies: Int
        do throws(ContentFailure) {
            copies = try await node.contents.keep(content, replicating: !isCopy)
        } catch .full { throw Problem(.storageFull) }
        let required = isCopy ? 1 : node.contents.requiredCopies
        guard copies >= required else {
            throw Problem(.notEnoughCopies, "\(copies) of \(required) nodes hold it.", retryAfter: 2)
        }
        return exchange.form.answer(UploadReply(id: id, copies: copies, required: required), status: .created)
    }

    func missing(_ exchange: Exchange) async throws -> Response {
        let list: ContentList
        do throws(DecodingFailure) { list = try ContentList(decoding: exchange.body) } catch {
            throw Problem(error, in: "content list")
        }
        return exchange.form.answer(ContentList(try await node.contents.store.missing(among: list.ids)))
    }

    func download(
        _ id: ContentID, _ entitlement: API.Request.Entitlement?, _ exchange: Exchange
    ) async throws -> Response {
        try await waitUntilCurrent()
        guard let requester = exchange.requester,
            try await mayFetch(id, entitlement, requester)
        else { throw Problem(.notFound) }
        // A validator asks for what this node has itself, or two nodes without it would ask each other for ever.
        let isPeer = if case .validator = requester.holder { true } else { false }
        guard let content = try await node.contents.get(id, askingPeers: !isPeer) else { throw Problem(.notFound) }
        return try Self.response(content.bytes, range: exchange.headers[.range])
    }

    private static func response(_ bytes: [UInt8], range text: String?) throws(Problem) -> Response {
        guard let text else {
            var response = Form.bytes(bytes, .octets)
            response.headers[.acceptRanges] = "bytes"
            return response
        }
        guard let range = ByteRange.parse(text, length: bytes.count) else {
            throw Problem(.rangeNotSatisfiable, "The content has \(bytes.count) bytes.")
        }
        var response = Form.bytes(Array(bytes[range]), .octets, status: .partialContent)
        response.headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)"
        return response
    }

    /// A node that has just started may not know what was erased or revoked while it was down: it serves nothing before it
    /// has caught up. That takes a second, for which the request waits.
    func waitUntilCurrent() async throws {
        for _ in 0..<100 where !node.isCurrent() { try await Task.sleep(for: .milliseconds(50)) }
        guard node.isCurrent() else {
            throw Problem(.notReady, "The node has not caught up since it started.", retryAfter: 1)
        }
    }

    /// Whether what the requester names gives a right to this very content.
    private func mayFetch(
        _ id: ContentID, _ entitlement: API.Request.Entitlement?, _ requester: Requester
    ) async throws -> Bool {
        let store = node.reads.store
        if case .validator = requester.holder { return true }
        switch entitlement {
        case nil: return false
        case .document(let document):
            guard let record = store.record(document, as: DocumentRecord.self) else { return false }
            if id == record.metadata {
                return Authorization.mayFetchMetadata(of: document, by: requester, over: store, at: node.reads.tip)
            }
            guard Authorization.mayFetchContent(of: document, by: requester, over: store) else { return false }
            if id == record.manifest { return true }
            return try await node.contents.manifest(record.manifest)?.blocks.contains(id) ?? false
        case .grant(let grant):
            guard let record = store.record(grant, as: GrantRecord.self), record.card == id else { return false }
            return Authorization.mayRead(.grant(grant), by: requester, over: store, at: node.reads.tip)
        case .notice(let notice):
            guard let record = store.record(notice, as: NoticeRecord.self), record.text == id else { return false }
            return Authorization.mayRead(record, by: requester)
        case .scope(let scope):
            guard Authorization.mayRead(.scope(scope), by: requester, over: store, at: node.reads.tip) else {
                return false
            }
            return store.consortium.organizations.contains { organization in
                store.record(.init(scope: scope, organization: organization), as: AuthorRecord.self)?.card == id
            }
        }
    }
}
