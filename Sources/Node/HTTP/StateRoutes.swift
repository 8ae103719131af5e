internal import API
internal import ChainStorage
internal import Cryptography
internal import HTTPTypes
internal import Hummingbird
internal import Ledger

// What the ledger knows and what happened to it. Not there and not allowed are one answer.
extension Responder {
    func state(_ request: API.Request, _ exchange: Exchange) throws -> Response {
        if request.endpoint.access == .reader {
            guard try mayRead(request, exchange) else { throw Problem(.notFound) }
        }
        let store = node.reads.store
        // The newest that an answer holds.
        let changes = store.docket.changes.suffix(StateReply.maximumLeaves - 2)
        guard
            let leaves = request.leaves(
                organizations: store.consortium.organizations, validators: store.validatorSet.ids,
                changes: Array(changes)),
            let reply = try node.reads.state(leaves)
        else { throw Problem(.notReady) }
        return exchange.form.answer(reply)
    }

    /// How the epochs ended from the one asked for on.
    func epochs(from epoch: UInt64?, _ exchange: Exchange) throws -> Response {
        exchange.form.answer(try node.reads.epochs(from: epoch ?? 0))
    }

    func history(_ subject: Subject, _ range: HistoryRange, _ exchange: Exchange) throws -> Response {
        guard try mayReadHistory(subject, exchange) else { throw Problem(.notFound) }
        guard let reply = try node.reads.history(of: subject, range) else { throw Problem(.notReady) }
        return exchange.form.answer(reply)
    }

    func evidence(_ subject: Subject, _ range: HistoryRange, _ exchange: Exchange) throws -> Response {
        guard try mayReadHistory(subject, exchange) else { throw Problem(.notFound) }
        guard let reply = try node.reads.evidence(of: subject, range) else { throw Problem(.notReady) }
        return exchange.form.answer(reply)
    }

    private func mayReadHistory(_ subject: Subject, _ exchange: Exchange) throws -> Bool {
        guard let requester = exchange.requester else { return false }
        return Authorization.mayReadHistory(
            of: subject, by: requester, over: node.reads.store, at: node.reads.tip)
    }

    private func mayRead(_ request: API.Request, _ exchange: Exchange) throws -> Bool {
        guard let requester = exchange.requester else { return false }
        let store = node.reads.store
        let now = node.reads.tip
        switch request {
        case .readSubject(let subject):
            return Authorization.mayRead(subject, by: requester, over: store, at: now)
        case .readAuthor(let scope, _), .readStanding(let scope, _):
            return Authorization.mayRead(.scope(scope), by: requester, over: store, at: now)
        case .readAccess(let id):
            if let record = store.record(id, as: RecoveryAccessRecord.self) {
                return Authorization.mayRead(record, by: requester)
            }
            guard let record = store.record(id, as: AccessRecord.self) else { return false }
            return Authorization.mayRead(record, by: requester, over: store)
        case .readThread(let id):
            guard let record = store.record(id, as: ThreadRecord.self) else { return false }
            return Authorization.mayRead(record, by: requester, over: store, at: now)
        default:
            return false
        }
    }
}
