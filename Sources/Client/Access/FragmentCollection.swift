internal import API
internal import Codec
internal import Cryptography
internal import Ledger

/// A final access, whoever made it, that validators are asked to help with.
struct FinalOpening: Sendable {
    let access: AccessID
    let grant: GrantID
    let scope: ScopeID
    let documents: [DocumentID]
    /// Who asked: a member of staff, or the scope itself under a recovery grant.
    let reader: Grantee
    /// Opens the validators' answers.
    let replyKey: SealingKey
}

extension LedgerClient {
    /// Collects re-encryptions for a final access from all validators at once, and opens its documents with the first that
    /// are enough.
    ///
    /// - Parameter key: The asker's: signs the requests.
    func open(
        _ opening: FinalOpening, as recipient: GrantRecipient, signedBy key: SigningKey
    ) async throws -> [OpenedDocument] {
        let task = try await task(of: opening, signedBy: key)
        let card = try await card(task.grant, opening.grant, as: recipient, signedBy: key)
        let collected = try await collect(task, signedBy: key)
        return try task.documents.map { id, record, share in
            let seed: SecretBytes
            do throws(OpeningFailure) {
                seed = try recipient.receiving.open(record.capsule, with: collected[id] ?? [])
            } catch { throw WalletFailure.doesNotOpen(error) }
            return OpenedDocument(id: id, record: record, share: share, keySeed: seed, scopeSecret: card.secret)
        }
    }

    /// The scope card of a grant.
    func card(
        _ record: GrantRecord, _ grant: GrantID, as recipient: GrantRecipient, signedBy key: SigningKey
    ) async throws -> ScopeCard {
        let sealed = try await download(record.card, for: .grant(grant), signedBy: key)
        return try ScopeCard(
            opening: sealed, of: record.scope, with: recipient.sealing, as: recipient.reader, on: chain)
    }

    /// Everything about an access that the chain proves.
    private func task(of opening: FinalOpening, signedBy key: SigningKey) async throws -> OpeningTask {
        let grantState = try await state(.readSubject(.grant(opening.grant)), signedBy: key)
        guard let grant: GrantRecord = try grantState.record(opening.grant),
            let fragments: GrantFragmentsRecord = try grantState.record(opening.grant)
        else { throw WalletFailure.unknown("grant \(opening.grant)") }
        let scopeState = try await state(.readSubject(.scope(opening.scope)), signedBy: key)
        let scope: ScopeRecord? = try scopeState.record(opening.scope)
        // The grant's epoch may have ended: its documents were sealed under the key of that epoch. So may the time of who
        // signed its fragments.
        let epochKey = scope?.delegatingKey(of: grant.epoch, ended: try scopeState.record(opening.scope))
        let owners: ScopeOwnersRecord? = try scopeState.record(opening.scope)
        let owner = owners?.key(at: grant.granted) ?? opening.scope.key
        guard let delegating = epochKey?.publicKey, let verifying = owner.publicKey,
            let receiving = grant.receivingKey.publicKey
        else { throw WalletFailure.unknown("scope \(opening.scope)") }
        var documents: [(id: DocumentID, record: DocumentRecord, share: SharedDocumentRecord?)] = []
        for id in opening.documents {
            let (record, share) = try await document(id, signedBy: key)
            documents.append((id, record, share))
        }
        return OpeningTask(
            opening: opening, grant: grant, fragments: fragments,
            keys: DelegationKeys(delegating: delegating, verifying: verifying, receiving: receiving),
            documents: documents)
    }

    /// Asks all validators and stops as soon as every document has enough fragments.
    private func collect(
        _ task: OpeningTask, signedBy key: SigningKey
    ) async throws -> [DocumentID: [VerifiedCapsuleFragment]] {
        try await withThrowingTaskGroup(of: ValidatorResult.self) { group in
            for validator in task.fragments.validators {
                group.addTask { await self.ask(validator, task, signedBy: key) }
            }
            var collected: [DocumentID: [VerifiedCapsuleFragment]] = [:]
            var answers: [WalletFailure.ValidatorAnswer] = []
            var helped = 0
            for try await result in group {
                switch result {
                case .fragments(let fragments):
                    helped += 1
                    for (document, fragment) in fragments { collected[document, default: []].append(fragment) }
                    if helped == task.grant.threshold {
                        group.cancelAll()
                        return collected
                    }
                case .nothing(let answer): answers.append(answer)
                }
            }
            throw WalletFailure.tooFewFragments(
                have: helped, need: task.grant.threshold, answers.sorted { $0.validator < $1.validator })
        }
    }

    private func ask(
        _ validator: ValidatorID, _ task: OpeningTask, signedBy key: SigningKey
    ) async -> ValidatorResult {
        let address: NodeAddress?
        do { address = try await node(of: validator) } catch {
            return .nothing(.init(validator: validator, reason: "its address cannot be had: \(error)"))
        }
        guard let node = address else {
            return .nothing(.init(validator: validator, reason: "has no address"))
        }
        let body = FragmentRequest(replyKey: task.opening.replyKey.publicKey).encoded
        var reason = "did not answer"
        // A validator answers from its own final state, which may be a block behind.
        for attempt in 0..<20 {
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(50)) }
            do {
                let answer = try await nodes.send(
                    .requestFragments(task.opening.access), body: body, signedBy: key, to: node,
                    as: FragmentReply.self)
                return task.check(answer.value, of: validator, on: chain)
            } catch {
                reason = "\(error)"
                if !error.isEarly { break }
            }
        }
        return .nothing(.init(validator: validator, reason: reason))
    }
}

/// What a validator's answer came to.
private enum ValidatorResult: Sendable {
    /// A checked fragment for every document.
    case fragments([(DocumentID, VerifiedCapsuleFragment)])
    case nothing(WalletFailure.ValidatorAnswer)
}

/// An access with everything that its answers are checked against.
private struct OpeningTask: Sendable {
    let opening: FinalOpening
    let grant: GrantRecord
    let fragments: GrantFragmentsRecord
    let keys: DelegationKeys
    let documents: [(id: DocumentID, record: DocumentRecord, share: SharedDocumentRecord?)]

    /// Opens and checks a validator's fragments: one for every document, each the validator's own share.
    func check(_ reply: FragmentReply, of validator: ValidatorID, on chain: ChainID) -> ValidatorResult {
        var checked: [(DocumentID, VerifiedCapsuleFragment)] = []
        for (id, record, _) in documents {
            guard let sealed = reply.fragments.first(where: { $0.document == id })?.sealed else {
                return .nothing(.init(validator: validator, reason: "left out document \(id)"))
            }
            do {
                let bytes = try HybridSeal.open(
                    sealed, with: opening.replyKey, context: context(of: id, from: validator, on: chain))
                let fragment = try CapsuleFragment(parsing: bytes.copy())
                guard fragment.id == fragments.share(of: validator)?.id else {
                    return .nothing(.init(validator: validator, reason: "sent another validator's fragment"))
                }
                let verified = try fragment.verify(for: record.capsule, of: fragments.delegation, keys: keys)
                checked.append((id, verified))
            } catch {
                return .nothing(.init(validator: validator, reason: "sent a fragment that does not hold: \(error)"))
            }
        }
        return .fragments(checked)
    }

    private func context(of document: DocumentID, from validator: ValidatorID, on chain: ChainID) -> SealContext {
        switch opening.reader {
        case .staff(let staff):
            .capsuleFragment(
                chain: chain, validator: validator, staff: staff, access: opening.access, document: document)
        case .scope(let scope):
            .recoveredFragment(
                chain: chain, validator: validator, scope: scope, access: opening.access, document: document)
        case .organization: preconditionFailure("a person asks, never an organisation as such")
        }
    }
}
