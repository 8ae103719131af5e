internal import API
internal import AsyncHTTPClient
internal import Codec
internal import Foundation
internal import Ledger
internal import NIOCore

extension LedgerClient {
    /// The final blocks as nodes tell of them, each proved; from one node after the other, for as long as the task runs.
    ///
    /// When no node can be reached, they are asked again every second.
    ///
    /// - Parameter take: Gets the proved header's height; the stream ends when it returns no.
    func followHeads(_ take: (Height) async throws -> Bool) async throws {
        var node = 0
        while true {
            try Task.checkCancellation()
            do {
                guard try await followHeads(at: nodes.nodes[node % nodes.nodes.count], take) else { return }
            } catch let failure as ClientFailure {
                switch failure {
                case .unreachable, .problem, .malformedReply, .behind: break
                default: throw failure
                }
            }
            node += 1
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// - Returns: Whether the stream ended by itself.
    private func followHeads(at node: NodeAddress, _ take: (Height) async throws -> Bool) async throws -> Bool {
        var pieces = try await nodes.open(.streamBlocks(from: nil), at: node).makeAsyncIterator()
        var events = ServerEvents()
        while true {
            let piece: ByteBuffer?
            do { piece = try await pieces.next() } catch {
                throw ClientFailure.unreachable([.init(node: node.url, reason: "\(error)")])
            }
            guard let piece else { return true }
            let complete: [[UInt8]]
            do { complete = try events.append(piece.readableBytesView) } catch {
                throw ClientFailure.malformedReply(.invalid(field: "event"), node: node.url)
            }
            for data in complete {
                let proof = try Self.proof(data, from: node)
                try await accept(proof, from: node)
                guard try await take(proof.header.height) else { return false }
            }
        }
    }

    private struct BlockEvent: Decodable {
        let proof: Data
    }

    private static func proof(_ data: [UInt8], from node: NodeAddress) throws(ClientFailure) -> FinalityProof {
        guard let event = try? JSONDecoder().decode(BlockEvent.self, from: Data(data)) else {
            throw .malformedReply(.invalid(field: "event"), node: node.url)
        }
        do { return try FinalityProof(decoding: Array(event.proof)) } catch {
            throw .malformedReply(error, node: node.url)
        }
    }
}
