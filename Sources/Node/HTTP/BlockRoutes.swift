internal import API
internal import ChainStorage
internal import Codec
internal import Cryptography
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Ledger
internal import NIOCore

// Blocks: the headers with what makes them final for everybody, the transactions for validators and auditors.
extension Responder {
    func header(_ selector: API.Request.BlockSelector, under: Height?, _ exchange: Exchange) throws -> Response {
        let height: Height
        switch selector {
        case .latest: height = try node.reads.provenHeight()
        case .height(let asked): height = asked
        }
        guard let proof = try node.reads.finality(at: height, under: under) else { throw Problem(.notFound) }
        return exchange.form.answer(proof)
    }

    func block(_ height: Height, _ exchange: Exchange) throws -> Response {
        switch exchange.requester?.holder {
        case .validator, .auditor: break
        default: throw Problem(.notFound)
        }
        guard let reply = try node.reads.block(at: height) else { throw Problem(.notFound) }
        return exchange.form.answer(reply)
    }

    /// Final blocks as server-sent events: the height is the event's id, so that a reader who comes back goes on there.
    func stream(from height: Height?) -> Response {
        let node = node
        return Response(
            status: .ok,
            headers: [.contentType: API.MediaType.events.rawValue, .cacheControl: "no-store"],
            body: .init { writer in
                var next = try height ?? node.reads.provenHeight()
                // The feed is entered before the store is read, so that no block falls between.
                let heights = node.feed.heights()
                try await Self.send(&next, node, &writer)
                for await _ in heights { try await Self.send(&next, node, &writer) }
                try await writer.finish(nil)
            })
    }

    private static func send(
        _ next: inout Height, _ node: NodeCore, _ writer: inout any ResponseBodyWriter
    ) async throws {
        let last = try node.reads.provenHeight()
        while next <= last {
            guard let proof = try node.reads.finality(at: next) else { return }
            let header = proof.header
            let data: JSONValue = [
                "height": .number(header.height.rawValue), "hash": .string("\(header.hash)"),
                "time": .string("\(header.time)"), "proof": .string(Data(proof.encoded).base64EncodedString()),
            ]
            let event = "id: \(next)\nevent: block\ndata: \(data.text)\n\n"
            try await writer.write(ByteBuffer(string: event))
            next = next.next
        }
    }
}
