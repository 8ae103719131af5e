public import Codec
public import Cryptography
public import HTTPTypes
public import Ledger

/// A request's address, understood: what a node dispatches on and a client builds.
///
/// Parsing and ``target`` are inverse to each other. Bodies are apart: `Transaction`, ``FragmentRequest`` and the like.
public enum Request: Hashable, Sendable {
    case health
    case ready
    case metrics
    case status
    /// The genesis file.
    case genesis
    case submitTransaction(wait: Wait)
    case readTransaction(TransactionID)
    /// A header; with a height, shown to stand below the first block at or above it that has a certificate.
    case readBlock(BlockSelector, under: Height? = nil)
    case readBlockTransactions(Height)
    /// Final blocks as they come, from a height on, or from now on.
    case streamBlocks(from: Height?)
    case listOrganizations
    case listValidators
    /// What the ledger knows of a subject now, with proof.
    case readSubject(Subject)
    case readHistory(Subject, HistoryRange)
    /// A part of the history with the transactions and proofs that make it evidence.
    case readEvidence(Subject, HistoryRange)
    /// Whether an organisation may add documents to a scope.
    case readAuthor(ScopeID, OrganizationID)
    /// Which grants of a scope a grantee has.
    case readStanding(ScopeID, Grantee)
    /// Whose a key is.
    case readKeyHolder(KeyID)
    case readAccess(AccessID)
    /// Asks the validator to re-encrypt for a final access request. Body: ``FragmentRequest``.
    case requestFragments(AccessID)
    /// Hands the validator its part of a grant. Body: the sealed fragment.
    case depositFragment(GrantID)
    /// What the validator dealt to the one that asks, in a round of resharing of a grant.
    case collectPart(GrantID, round: UInt64)
    case uploadContent(ContentID)
    case downloadContent(ContentID, Entitlement?)
    /// Which of these the node has not. Body: ``ContentList``.
    case findMissingContent
    /// The boundaries from the end of this epoch on.
    case readEpochs(from: UInt64?)
    /// The changes that are put to the vote.
    case listChanges
    /// A change that was proposed.
    case readChange(ChangeID)
    /// How far a thread of messages has come.
    case readThread(ThreadID)

    /// When a submission is answered.
    public enum Wait: String, Hashable, Sendable {
        /// When the node has checked it and passed it on.
        case accepted
        /// When it is in a final block, with receipt and proof; after a while all the same.
        case final
    }

    /// Which block.
    public enum BlockSelector: Hashable, Sendable {
        case latest
        case height(Height)
    }

    /// What gives the right to download content.
    public enum Entitlement: Hashable, Sendable {
        /// It belongs to a document that the signer owns, wrote, or has asked to open with success.
        case document(DocumentID)
        /// It is the card of this grant.
        case grant(GrantID)
        /// It is a card for an author of this scope.
        case scope(ScopeID)
        /// It is the text of this notice.
        case notice(NoticeID)
    }
}

/// A part of a history.
public struct HistoryRange: Hashable, Sendable {
    /// The most entries of a page.
    public static let maximumLimit = 256

    /// The place of the first entry.
    public var from: UInt64
    /// The most entries wanted; a node may answer with fewer.
    public var limit: Int

    /// - Parameter limit: 1 to ``maximumLimit``.
    public init(from: UInt64 = 0, limit: Int = 64) {
        self.from = from
        self.limit = min(max(limit, 1), Self.maximumLimit)
    }
}

extension Request {
    /// The row of the table.
    public var endpoint: Endpoint {
        switch self {
        case .health: .health
        case .ready: .ready
        case .metrics: .metrics
        case .status: .status
        case .genesis: .genesis
        case .submitTransaction: .submitTransaction
        case .readTransaction: .readTransaction
        case .readBlock: .readBlock
        case .readBlockTransactions: .readBlockTransactions
        case .streamBlocks: .streamBlocks
        case .listOrganizations: .listOrganizations
        case .listValidators: .listValidators
        case .readSubject(let subject): Self.endpoints(of: subject.kind).record
        case .readHistory(let subject, _): Self.endpoints(of: subject.kind).history
        case .readEvidence: .readEvidence
        case .readAuthor: .readAuthor
        case .readStanding: .readStanding
        case .readKeyHolder: .readKeyHolder
        case .readAccess: .readAccess
        case .requestFragments: .requestFragments
        case .depositFragment: .depositFragment
        case .collectPart: .collectPart
        case .uploadContent: .uploadContent
        case .downloadContent: .downloadContent
        case .findMissingContent: .findMissingContent
        case .readEpochs: .readEpochs
        case .listChanges: .listChanges
        case .readChange: .readChange
        case .readThread: .readThread
        }
    }

    /// The method.
    public var method: HTTPRequest.Method { endpoint.method }

    private static func endpoints(of kind: Subject.Kind) -> (record: Endpoint, history: Endpoint) {
        switch kind {
        case .organization: (.readOrganization, .readOrganizationHistory)
        case .staff: (.readStaff, .readStaffHistory)
        case .scope: (.readScope, .readScopeHistory)
        case .document: (.readDocument, .readDocumentHistory)
        case .grant: (.readGrant, .readGrantHistory)
        case .validator: (.readValidator, .readValidatorHistory)
        }
    }
}
