public import HTTPTypes

/// Every route of the HTTP API, in one table: method, path, who may ask, and what goes in and out.
///
/// `Network/openapi.yaml` describes the same routes; a test holds the two together in both directions. The raw value is
/// the operation's id there.
public enum Endpoint: String, CaseIterable, Hashable, Sendable {
    case health, ready, metrics, status, genesis
    case submitTransaction, readTransaction
    case readBlock, readBlockTransactions, streamBlocks
    case listOrganizations, readOrganization, readOrganizationHistory
    case readStaff, readStaffHistory
    case readScope, readScopeHistory, readAuthor, readStanding
    case readDocument, readDocumentHistory
    case readGrant, readGrantHistory
    case listValidators, readValidator, readValidatorHistory
    case readKeyHolder
    case readAccess, requestFragments, depositFragment, collectPart
    case uploadContent, downloadContent, findMissingContent
    case readEvidence
    case readEpochs, listChanges, readChange
    case readThread
}

/// Who may ask.
public enum Access: Hashable, Sendable {
    /// Everybody: headers, certificates, validators and health are public, and a transaction carries its own signatures.
    case everyone
    /// Whoever signs with a key that is on the chain.
    case keyHolder
    /// Key holders whom the ledger's authorization table lets read the subject; for everybody else it does not exist.
    case reader
}

extension Endpoint {
    /// The method.
    public var method: HTTPRequest.Method {
        switch self {
        case .submitTransaction, .requestFragments, .findMissingContent: .post
        case .uploadContent, .depositFragment: .put
        default: .get
        }
    }

    /// The path, with parameters in braces.
    public var template: String {
        switch self {
        case .health: "/health"
        case .ready: "/ready"
        case .metrics: "/metrics"
        case .status: "/status"
        case .genesis: "/v1/genesis"
        case .submitTransaction: "/v1/transactions"
        case .readTransaction: "/v1/transactions/{transaction}"
        case .readBlock: "/v1/blocks/{height}"
        case .readBlockTransactions: "/v1/blocks/{height}/transactions"
        case .streamBlocks: "/v1/blocks/stream"
        case .listOrganizations: "/v1/organizations"
        case .readOrganization: "/v1/organizations/{organization}"
        case .readOrganizationHistory: "/v1/organizations/{organization}/history"
        case .readStaff: "/v1/staff/{staff}"
        case .readStaffHistory: "/v1/staff/{staff}/history"
        case .readScope: "/v1/scopes/{scope}"
        case .readScopeHistory: "/v1/scopes/{scope}/history"
        case .readAuthor: "/v1/scopes/{scope}/authors/{organization}"
        case .readStanding: "/v1/scopes/{scope}/grantees/{grantee}"
        case .readDocument: "/v1/documents/{document}"
        case .readDocumentHistory: "/v1/documents/{document}/history"
        case .readGrant: "/v1/grants/{grant}"
        case .readGrantHistory: "/v1/grants/{grant}/history"
        case .listValidators: "/v1/validators"
        case .readValidator: "/v1/validators/{validator}"
        case .readValidatorHistory: "/v1/validators/{validator}/history"
        case .readKeyHolder: "/v1/keys/{key}"
        case .readAccess: "/v1/accesses/{access}"
        case .requestFragments: "/v1/accesses/{access}/fragment"
        case .depositFragment: "/v1/grants/{grant}/fragment"
        case .collectPart: "/v1/grants/{grant}/parts/{round}"
        case .uploadContent, .downloadContent: "/v1/content/{cid}"
        case .findMissingContent: "/v1/content/missing"
        case .readEvidence: "/v1/evidence/{kind}/{subject}"
        case .readEpochs: "/v1/epochs"
        case .listChanges: "/v1/changes"
        case .readChange: "/v1/changes/{change}"
        case .readThread: "/v1/threads/{thread}"
        }
    }

    /// Who may ask.
    public var access: Access {
        switch self {
        case .health, .ready, .metrics, .status, .genesis, .submitTransaction, .readBlock, .streamBlocks,
            .listValidators, .readValidator, .readEpochs:
            .everyone
        case .readTransaction, .listOrganizations, .readKeyHolder, .findMissingContent, .uploadContent,
            .listChanges, .readChange:
            .keyHolder
        case .readBlockTransactions, .readOrganization, .readOrganizationHistory, .readStaff, .readStaffHistory,
            .readScope, .readScopeHistory, .readAuthor, .readStanding, .readDocument, .readDocumentHistory, .readGrant,
            .readGrantHistory, .readValidatorHistory, .readAccess, .requestFragments, .depositFragment,
            .collectPart, .downloadContent, .readEvidence, .readThread:
            .reader
        }
    }

    /// The parameters of path and query, in the order of the description.
    public var parameters: [Parameter] {
        switch self {
        case .readTransaction: [.transaction]
        case .submitTransaction: [.wait]
        case .readBlock: [.heightOrLatest, .under]
        case .readBlockTransactions: [.height]
        case .streamBlocks: [.fromHeight]
        case .readOrganization: [.organization]
        case .readOrganizationHistory: [.organization, .from, .limit]
        case .readStaff: [.staff]
        case .readStaffHistory: [.staff, .from, .limit]
        case .readScope: [.scope]
        case .readScopeHistory: [.scope, .from, .limit]
        case .readAuthor: [.scope, .organization]
        case .readStanding: [.scope, .grantee]
        case .readDocument: [.document]
        case .readDocumentHistory: [.document, .from, .limit]
        case .readGrant: [.grant]
        case .readGrantHistory: [.grant, .from, .limit]
        case .readValidator: [.validator]
        case .readValidatorHistory: [.validator, .from, .limit]
        case .readKeyHolder: [.key]
        case .readAccess, .requestFragments: [.access]
        case .depositFragment: [.grant]
        case .collectPart: [.grant, .round]
        case .uploadContent: [.cid]
        case .downloadContent: [.cid, .underDocument, .underGrant, .underScope, .underNotice]
        case .readEvidence: [.kind, .subject, .from, .limit]
        case .readEpochs: [.fromEpoch]
        case .readChange: [.change]
        case .readThread: [.thread]
        case .health, .ready, .metrics, .status, .genesis, .listOrganizations, .listValidators, .findMissingContent,
            .listChanges:
            []
        }
    }

    /// The body that the request must have.
    public var requestBody: RequestBody? {
        switch self {
        case .submitTransaction: RequestBody(mediaType: .cbor, maximumLength: 256 * 1024)
        case .requestFragments: RequestBody(mediaType: .cbor, maximumLength: 4096)
        case .depositFragment: RequestBody(mediaType: .octets, maximumLength: 4096)
        case .uploadContent: RequestBody(mediaType: .octets, maximumLength: Self.maximumContentLength)
        case .findMissingContent: RequestBody(mediaType: .cbor, maximumLength: 64 * 1024)
        default: nil
        }
    }

    /// The longest content block or manifest: 2 MiB, which holds 16 sealed segments and a manifest of 50 000 blocks.
    public static let maximumContentLength = 2 << 20

    /// The forms in which a successful answer is to be had, the default first.
    public var answers: [MediaType] {
        switch self {
        case .metrics: [.prometheus]
        case .streamBlocks: [.events]
        case .downloadContent, .collectPart: [.octets]
        case .genesis: [.cbor]
        default: [.json, .cbor]
        }
    }

    /// The statuses of successful answers.
    public var successStatuses: [Int] {
        switch self {
        case .submitTransaction: [200, 202]
        case .uploadContent: [201]
        case .depositFragment: [202]
        case .downloadContent: [200, 206]
        default: [200]
        }
    }

    /// The problems that the endpoint may answer with.
    public var problems: [Problem.Code] {
        var codes: [Problem.Code] = [.malformedRequest, .notAcceptable, .tooManyRequests, .internalFailure]
        if access != .everyone {
            codes += [.signatureRequired, .signatureInvalid, .signatureStale, .signatureReplayed]
        }
        if requestBody != nil { codes += [.malformedBody, .bodyTooLarge, .unsupportedMediaType] }
        if !parameters.filter({ $0.place == .path }).isEmpty { codes.append(.notFound) }
        switch self {
        case .health, .metrics, .status, .genesis: break
        default: codes.append(.notReady)
        }
        switch self {
        case .submitTransaction: codes += [.transactionRefused, .transactionExpired]
        case .requestFragments: codes.append(.accessRefused)
        case .depositFragment: codes.append(.fragmentRefused)
        case .uploadContent: codes += [.contentMismatch, .notEnoughCopies, .storageFull]
        case .downloadContent: codes.append(.rangeNotSatisfiable)
        default: break
        }
        return codes
    }
}

/// A body that a request must have.
public struct RequestBody: Hashable, Sendable {
    /// Its type.
    public let mediaType: MediaType
    /// The most bytes.
    public let maximumLength: Int
}

/// The media types of the API.
public enum MediaType: String, CaseIterable, Hashable, Sendable {
    case json = "application/json"
    case cbor = "application/cbor"
    case octets = "application/octet-stream"
    case events = "text/event-stream"
    case prometheus = "text/plain; version=0.0.4"
}
