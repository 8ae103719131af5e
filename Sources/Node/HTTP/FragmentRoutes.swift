internal import API
internal import ChainStorage
internal import Codec
internal import Cryptography
internal import HTTPTypes
internal import Hummingbird
internal import Ledger

// What only a validator does: hold a fragment of a patient's grant, and re-encrypt with it for a final request.
extension Responder {
    func fragments(_ access: AccessID, _ exchange: Exchange) async throws -> Response {
        let request: FragmentRequest
        do throws(DecodingFailure) { request = try FragmentRequest(decoding: exchange.body) } catch {
            throw Problem(error, in: "fragment request")
        }
        try await waitUntilCurrent()
        let store = node.reads.store
        // Who else may read the request learns from the chain what was served; the fragments are for whoever asked.
        guard let asker = FinalAccess(access, over: store)?.asker, asker == exchange.requester?.holder else {
            throw Problem(.notFound)
        }
        do throws(ServiceRefusal) {
            let reply = try node.services.answer(
                access, replyKey: request.replyKey, over: store, tip: node.reads.tip)
            node.metrics.servedFragments.add(UInt64(reply.fragments.count))
            return exchange.form.answer(reply)
        } catch {
            guard let problem = Self.problem(error) else { throw error }
            throw problem
        }
    }

    func deposit(_ grant: GrantID, _ exchange: Exchange) async throws -> Response {
        let store = node.reads.store
        guard let record = store.record(grant, as: GrantRecord.self),
            case .scope(record.scope) = exchange.requester?.holder
        else { throw Problem(.notFound) }
        let acknowledgement: AcknowledgeGrant?
        do throws(CustodyRefusal) {
            acknowledgement = try node.custody.accept(exchange.body, for: grant, over: store, tip: node.reads.tip)
        } catch {
            throw Problem(.fragmentRefused, "\(error)")
        }
        if let acknowledgement { node.duties.acknowledge(acknowledgement) }
        return exchange.form.answer(
            DepositReply(grant: grant, validator: node.custody.validator), status: .accepted)
    }

    /// What this validator dealt to the one that asks. It is sealed to it; for everybody else there is nothing here.
    func part(of grant: GrantID, _ round: UInt64, _ exchange: Exchange) async throws -> Response {
        try await waitUntilCurrent()
        guard case .validator(let receiver) = exchange.requester?.holder,
            let part = try node.custody.part(
                of: grant, round: round, for: receiver, over: node.reads.store, tip: node.reads.tip)
        else { throw Problem(.notFound) }
        return Form.bytes(part, .octets)
    }

    private static func problem(_ refusal: ServiceRefusal) -> Problem? {
        switch refusal {
        case .unknownAccess: Problem(.notFound)
        case .accessExpired: Problem(.accessRefused, "The request for access has expired.", reason: "access-expired")
        case .wrongReplyKey, .unusableReplyKey:
            Problem(.accessRefused, "The reply key is not the one that the request names.", reason: "wrong-reply-key")
        case .grant(let refusal), .staff(let refusal):
            Problem(.accessRefused, refusal.explanation, reason: refusal.name)
        case .fragment(.grantEnded(let refusal)): Problem(.accessRefused, refusal.explanation, reason: refusal.name)
        case .fragment: Problem(.accessRefused, "This validator holds no fragment of the grant.", reason: "no-fragment")
        case .erasedDocument:
            Problem(.accessRefused, Refusal.documentErased.explanation, reason: Refusal.documentErased.name)
        case .unknownDocument, .inconsistentCapsule:
            Problem(.accessRefused, "A document of the request cannot be opened.", reason: "unusable-document")
        case .unreadable: nil
        }
    }
}
