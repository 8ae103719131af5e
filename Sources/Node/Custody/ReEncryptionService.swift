public import API
public import ChainStorage
public import Cryptography
public import Ledger

/// Why a validator does not re-encrypt for a request.
public enum ServiceRefusal: Error, Hashable, Sendable {
    /// The final state has no such request: it was refused, or is not final here yet.
    case unknownAccess
    /// The last height at which it may be answered has passed.
    case accessExpired
    /// The reply key is not the one whose digest the request has.
    case wrongReplyKey
    /// The reply key cannot carry a secret.
    case unusableReplyKey
    /// The grant cannot be used now.
    case grant(Refusal)
    /// Whoever asked cannot act now.
    case staff(Refusal)
    /// This validator's fragment is not there or does not fit.
    case fragment(CustodyRefusal)
    /// A document of the request is gone.
    case unknownDocument(DocumentID)
    /// A document of the request has been erased.
    case erasedDocument(DocumentID)
    /// The capsule of a document is none that anybody made.
    case inconsistentCapsule(DocumentID)
    /// The custody database cannot be read.
    case unreadable(DatabaseFailure)
}

/// Answers final requests for access with this validator's re-encryptions.
///
/// There is no coordinator: each validator looks the request up in its own final state, and asks again whether the grant
/// can be used at its tip. Nothing leaves before the log of services has it on disk.
public struct ReEncryptionService: Sendable {
    private let custody: FragmentCustody
    /// What was handed out.
    public let log: ServiceLog

    /// A service over a custody and its log.
    public init(custody: FragmentCustody, log: ServiceLog) {
        self.custody = custody
        self.log = log
    }

    /// Re-encrypts every document of a request. About 0.4 ms a document, and a sync the first time.
    ///
    /// - Parameters:
    ///   - access: A request that the chain applied.
    ///   - replyKey: What the answers are sealed to, each under
    ///     ``SealContext/capsuleFragment(chain:validator:staff:access:document:)``.
    ///   - state: What is final. Never an overlay of blocks that are not.
    ///   - tip: The block that `state` is the state after.
    /// - Throws: Why not.
    public func answer(
        _ access: AccessID, replyKey: SealingPublicKey, over state: some LedgerReader, tip: BlockContext
    ) throws(ServiceRefusal) -> FragmentReply {
        guard let request = FinalAccess(access, over: state) else { throw .unknownAccess }
        guard tip.height <= request.expires else { throw .accessExpired }
        guard Digest.hash(replyKey.bytes, in: RequestAccess.replyKeyDomain) == request.replyKeyDigest else {
            throw .wrongReplyKey
        }
        let fragment = try fragment(for: request, over: state, tip: tip)
        let window: GrantWindowRecord? = state.record(request.grant)
        var capsules: [(document: DocumentID, capsule: Capsule)] = []
        for document in request.documents {
            guard let record: DocumentRecord = state.record(document) else { throw .unknownDocument(document) }
            guard !state.isErased(document) else { throw .erasedDocument(document) }
            guard window?.contains(record.time) ?? true else { throw .grant(.documentOutsideWindow) }
            capsules.append((document, record.capsule))
        }
        var sealed: [FragmentReply.Fragment] = []
        for (document, capsule) in capsules {
            let context = request.context(custody.chain, custody.validator, access, document)
            let bytes = try seal(
                reEncrypt(capsule, of: document, with: fragment), to: replyKey, context: context)
            sealed.append(FragmentReply.Fragment(document: document, sealed: bytes))
        }
        do {
            try log.record(
                request.documents.map {
                    ServedFragment(access: access, document: $0, fragment: fragment.id)
                })
        } catch {
            throw .unreadable(error)
        }
        return FragmentReply(validator: custody.validator, fragments: sealed)
    }

    /// What the request rests on, as it is at the tip: the grant, whoever asked, the fragment.
    private func fragment(
        for request: FinalAccess, over state: some LedgerReader, tip: BlockContext
    ) throws(ServiceRefusal) -> HeldFragment {
        if case .staff(let id) = request.asker { try check(id, asking: request.scope, over: state, tip: tip) }
        let share: GrantShare
        do { share = try GrantShare(of: request.grant, for: custody.validator, over: state) } catch {
            throw .fragment(error)
        }
        if let refusal = share.record.refusal(at: tip.time) { throw .grant(refusal) }
        do { return try custody.fragment(of: request.grant, as: share) } catch { throw .fragment(error) }
    }

    /// Whether a member of staff may open something of a scope at the tip.
    private func check(
        _ staff: StaffID, asking scope: ScopeID, over state: some LedgerReader, tip: BlockContext
    ) throws(ServiceRefusal) {
        guard let member: StaffRecord = state.record(staff) else { throw .unknownAccess }
        if let refusal = member.refusal(at: tip.height, tip.time) { throw .staff(refusal) }
        guard state.consortium.organizations.contains(member.organization) else {
            throw .staff(.organizationExpelled)
        }
        if state.isDenied(scope, to: member.organization) { throw .staff(.organizationDenied) }
        if state.isFrozen(.staff(staff), after: tip) { throw .staff(.staffFrozen) }
        if state.isFrozen(.key(member.deviceKey), after: tip) { throw .staff(.keyFrozen) }
        if state.isFrozen(.organization(member.organization), after: tip) { throw .staff(.organizationFrozen) }
    }

    private func reEncrypt(
        _ capsule: Capsule, of document: DocumentID, with fragment: HeldFragment
    ) throws(ServiceRefusal) -> [UInt8] {
        do { return try fragment.reEncapsulate(capsule) } catch { throw .inconsistentCapsule(document) }
    }

    private func seal(
        _ fragment: [UInt8], to replyKey: SealingPublicKey, context: SealContext
    ) throws(ServiceRefusal) -> [UInt8] {
        do {
            return try HybridSeal.seal(SecretBytes(copying: fragment), to: replyKey, context: context)
        } catch {
            throw .unusableReplyKey
        }
    }
}
