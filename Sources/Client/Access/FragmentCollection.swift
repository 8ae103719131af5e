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
        var task = try await task(of: opening, signedBy: key)
        let card = try await card(task.grant, opening.grant, as: recipient, signedBy: key)
        let collected: [DocumentID: [CheckedFragment]]
        do { collected = try await collect(task, signedBy: key) } catch {
            guard case WalletFailure.tooFewFragments = error else { throw error }
            // The validators may have shared the grant out anew meanwhile: those that know answer with the new fragments.
            let later = try await self.task(of: opening, signedBy: key)
            guard later.generation != task.generation else { throw error }
            task = later
            collected = try await collect(task, signedBy: key)
        }
        return try task.documents.map { id, record, share in
            let seed: SecretBytes
            do throws(OpeningFailure) {
                seed = try task.open(record.capsule, with: collected[id] ?? [], by: recipient.receiving)
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
            generation: try grantState.record(opening.grant, as: GenerationRecord.self)?.round ?? 0,
            keys: DelegationKeys(delegating: delegating, verifying: verifying, receiving: receiving),
            documents: documents)
    }

    /// Asks all validators and stops as soon as every document has enough fragments.
    private func collect(
        _ task: OpeningTask, signedBy key: SigningKey
    ) async throws -> [DocumentID: [CheckedFragment]] {
        try await withThrowingTaskGroup(of: ValidatorResult.self) { group in
            for validator in task.fragments.validators {
                group.addTask { await self.ask(validator, task, signedBy: key) }
            }
            var collected: [DocumentID: [CheckedFragment]] = [:]
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
    case fragments([(DocumentID, CheckedFragment)])
    case nothing(WalletFailure.ValidatorAnswer)
}

/// A capsule fragment that was held against the grant: made with the patient's fragment, or with one that came about by
/// resharing. All of one collection are of one sort and generation.
private enum CheckedFragment: Sendable {
    case original(VerifiedCapsuleFragment)
    case reshared(VerifiedResharedFragment)
}

/// An access with everything that its answers are checked against.
private struct OpeningTask: Sendable {
    let opening: FinalOpening
    let grant: GrantRecord
    let fragments: GrantFragmentsRecord
    /// Which round made the fragments; 0 for the patient's. The same proof has it that has the commitments.
    let generation: UInt64
    let keys: DelegationKeys
    let documents: [(id: DocumentID, record: DocumentRecord, share: SharedDocumentRecord?)]

    /// Opens and checks a validator's fragments: one for every document, each the validator's own share.
    func check(_ reply: FragmentReply, of validator: ValidatorID, on chain: ChainID) -> ValidatorResult {
        var checked: [(DocumentID, CheckedFragment)] = []
        for (id, record, _) in documents {
            guard let sealed = reply.fragments.first(where: { $0.document == id })?.sealed else {
                return .nothing(.init(validator: validator, reason: "left out document \(id)"))
            }
            do {
                let bytes = try HybridSeal.open(
                    sealed, with: opening.replyKey, context: context(of: id, from: validator, on: chain))
                guard let fragment = try check(bytes.copy(), for: record.capsule, from: validator) else {
                    return .nothing(.init(validator: validator, reason: "sent another validator's fragment"))
                }
                checked.append((id, fragment))
            } catch {
                return .nothing(.init(validator: validator, reason: "sent a fragment that does not hold: \(error)"))
            }
        }
        return .fragments(checked)
    }

    /// - Returns: Nothing for a fragment of another share than the validator's.
    private func check(
        _ bytes: [UInt8], for capsule: Capsule, from validator: ValidatorID
    ) throws -> CheckedFragment? {
        let share = fragments.share(of: validator)?.id
        if generation == 0 {
            let fragment = try CapsuleFragment(parsing: bytes)
            guard fragment.id == share else { return nil }
            return .original(try fragment.verify(for: capsule, of: fragments.delegation, keys: keys))
        }
        let fragment = try ResharedCapsuleFragment(parsing: bytes)
        guard fragment.id == share else { return nil }
        return .reshared(try fragment.verify(for: capsule, of: fragments.delegation, keys: keys))
    }

    /// The key seed of a capsule.
    func open(
        _ capsule: Capsule, with fragments: [CheckedFragment], by key: ReceivingKey
    ) throws(OpeningFailure) -> SecretBytes {
        if generation == 0 {
            let originals = fragments.compactMap { if case .original(let fragment) = $0 { fragment } else { nil } }
            return try key.open(capsule, with: originals)
        }
        let reshared = fragments.compactMap { if case .reshared(let fragment) = $0 { fragment } else { nil } }
        return try key.open(capsule, with: reshared)
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
