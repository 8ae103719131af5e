internal import API
internal import Codec
public import Cryptography
public import Ledger

/// A document that a request has opened: with these its ciphertext is fetched and read.
public struct OpenedDocument: Sendable {
    /// The document.
    public let id: DocumentID
    /// What the chain says of it.
    public let record: DocumentRecord
    /// The document that it shares; nothing for one that an author committed here.
    public let share: SharedDocumentRecord?
    /// What its capsule hides.
    public let keySeed: SecretBytes
    /// S of its scope.
    public let scopeSecret: SecretBytes
}

/// Who a grant is for, with their secrets.
public struct GrantRecipient: Sendable {
    /// Opens re-encrypted capsules.
    public let receiving: ReceivingKey
    /// Opens the scope card.
    public let sealing: SealingKey
    /// Whom the card is sealed to.
    public let reader: Subject

    /// A member of staff.
    public init(_ keys: StaffKeys, _ staff: StaffID) {
        receiving = keys.receiving
        sealing = keys.sealing
        reader = .staff(staff)
    }

    /// A hospital whose keys are at hand.
    public init(_ keys: OrganizationKeys, _ organization: OrganizationID) {
        receiving = keys.receiving
        sealing = keys.sealing
        reader = .organization(organization)
    }
}

extension AccessKeeper {
    /// Collects re-encryptions for a final request from all validators at once, and opens its documents with the first
    /// that are enough.
    ///
    /// Every fragment is checked against the capsule and the grant on the chain; one that does not hold is as if it had
    /// not come.
    ///
    /// - Parameter recipient: Whom the grant is for; nothing for this member of staff.
    /// - Throws: ``WalletFailure/tooFewFragments(have:need:_:)`` when too few validators help.
    public func open(_ access: AccessID, as recipient: GrantRecipient? = nil) async throws -> [OpenedDocument] {
        let recipient = recipient ?? GrantRecipient(keys, staff)
        let task = try await openingTask(access)
        let card = try await self.card(of: task, as: recipient)
        let collected = try await collect(task)
        return try task.documents.map { id, record, share in
            let seed: SecretBytes
            do throws(OpeningFailure) {
                seed = try recipient.receiving.open(record.capsule, with: collected[id] ?? [])
            } catch { throw WalletFailure.doesNotOpen(error) }
            return OpenedDocument(id: id, record: record, share: share, keySeed: seed, scopeSecret: card.secret)
        }
    }

    /// Opens a final request as whoever of these the grant is for; as this member of staff where it is for none of them.
    ///
    /// A grant to an organisation, as every emergency grant is, opens with the organisation's keys.
    public func open(_ access: AccessID, asOneOf recipients: [GrantRecipient]) async throws -> [OpenedDocument] {
        let request = try await record(of: access)
        let grant: GrantRecord? = try await ledger.record(
            request.grant, at: .readSubject(.grant(request.grant)), signedBy: keys.device)
        return try await open(access, as: recipients.first { $0.reader == grant?.grantee.subject })
    }

    /// The scope card of a grant, which lists the scope's documents and their titles without opening any.
    public func card(of grant: GrantID, as recipient: GrantRecipient? = nil) async throws -> ScopeCard {
        let record: GrantRecord? = try await ledger.record(
            grant, at: .readSubject(.grant(grant)), signedBy: keys.device)
        guard let record else { throw WalletFailure.unknown("grant \(grant)") }
        return try await card(record, grant, as: recipient ?? GrantRecipient(keys, staff))
    }

    private func card(of task: OpeningTask, as recipient: GrantRecipient) async throws -> ScopeCard {
        try await card(task.grant, task.request.grant, as: recipient)
    }

    private func card(_ record: GrantRecord, _ grant: GrantID, as recipient: GrantRecipient) async throws -> ScopeCard {
        let sealed = try await ledger.download(record.card, for: .grant(grant), signedBy: keys.device)
        return try ScopeCard(
            opening: sealed, of: record.scope, with: recipient.sealing, as: recipient.reader, on: ledger.chain)
    }

    /// Everything about a request that the chain proves.
    private func openingTask(_ access: AccessID) async throws -> OpeningTask {
        let request = try await record(of: access)
        let grantState = try await ledger.state(.readSubject(.grant(request.grant)), signedBy: keys.device)
        guard let grant: GrantRecord = try grantState.record(request.grant),
            let fragments: GrantFragmentsRecord = try grantState.record(request.grant)
        else { throw WalletFailure.unknown("grant \(request.grant)") }
        let scopeState = try await ledger.state(.readSubject(.scope(request.scope)), signedBy: keys.device)
        let scope: ScopeRecord? = try scopeState.record(request.scope)
        // The grant's epoch may have ended: its documents were sealed under the key of that epoch.
        let key = scope?.delegatingKey(of: grant.epoch, ended: try scopeState.record(request.scope))
        guard let delegating = key?.publicKey, let verifying = request.scope.key.publicKey,
            let receiving = grant.receivingKey.publicKey
        else { throw WalletFailure.unknown("scope \(request.scope)") }
        var documents: [(id: DocumentID, record: DocumentRecord, share: SharedDocumentRecord?)] = []
        for id in request.documents {
            let (record, share) = try await ledger.document(id, signedBy: keys.device)
            documents.append((id, record, share))
        }
        return OpeningTask(
            access: access, request: request, grant: grant, fragments: fragments,
            keys: DelegationKeys(delegating: delegating, verifying: verifying, receiving: receiving),
            documents: documents, replyKey: replyKey(of: request))
    }

    /// Asks all validators and stops as soon as every document has enough fragments.
    private func collect(_ task: OpeningTask) async throws -> [DocumentID: [VerifiedCapsuleFragment]] {
        try await withThrowingTaskGroup(of: ValidatorResult.self) { group in
            for validator in task.fragments.validators {
                group.addTask { await self.ask(validator, task) }
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

    private func ask(_ validator: ValidatorID, _ task: OpeningTask) async -> ValidatorResult {
        guard let node = try? await ledger.node(of: validator) else {
            return .nothing(.init(validator: validator, reason: "has no address"))
        }
        let body = FragmentRequest(replyKey: task.replyKey.publicKey).encoded
        var reason = "did not answer"
        // A validator answers from its own final state, which may be a block behind.
        for attempt in 0..<20 {
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(50)) }
            do {
                let answer = try await ledger.nodes.send(
                    .requestFragments(task.access), body: body, signedBy: keys.device, to: node,
                    as: FragmentReply.self)
                return task.check(answer.value, of: validator, for: staff, on: ledger.chain)
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

/// A request with everything that its answers are checked against.
private struct OpeningTask: Sendable {
    let access: AccessID
    let request: AccessRecord
    let grant: GrantRecord
    let fragments: GrantFragmentsRecord
    let keys: DelegationKeys
    let documents: [(id: DocumentID, record: DocumentRecord, share: SharedDocumentRecord?)]
    let replyKey: SealingKey

    /// Opens and checks a validator's fragments: one for every document, each the validator's own share.
    func check(
        _ reply: FragmentReply, of validator: ValidatorID, for staff: StaffID, on chain: ChainID
    ) -> ValidatorResult {
        var checked: [(DocumentID, VerifiedCapsuleFragment)] = []
        for (id, record, _) in documents {
            guard let sealed = reply.fragments.first(where: { $0.document == id })?.sealed else {
                return .nothing(.init(validator: validator, reason: "left out document \(id)"))
            }
            let context = SealContext.capsuleFragment(
                chain: chain, validator: validator, staff: staff, access: access, document: id)
            do {
                let bytes = try HybridSeal.open(sealed, with: replyKey, context: context)
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
}
