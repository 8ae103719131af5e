extension Problem {
    /// What went wrong, for programs. The names are stable: they never change their meaning and are never reused.
    public enum Code: String, CaseIterable, Hashable, Sendable {
        case malformedRequest = "malformed-request"
        case malformedBody = "malformed-body"
        case signatureRequired = "signature-required"
        case signatureInvalid = "signature-invalid"
        case signatureStale = "signature-stale"
        case signatureReplayed = "signature-replayed"
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case notAcceptable = "not-acceptable"
        case transactionExpired = "transaction-expired"
        case bodyTooLarge = "body-too-large"
        case unsupportedMediaType = "unsupported-media-type"
        case rangeNotSatisfiable = "range-not-satisfiable"
        case transactionRefused = "transaction-refused"
        case contentMismatch = "content-mismatch"
        case fragmentRefused = "fragment-refused"
        case accessRefused = "access-refused"
        case tooManyRequests = "too-many-requests"
        case internalFailure = "internal-failure"
        case notReady = "not-ready"
        case notEnoughCopies = "not-enough-copies"
        case storageFull = "storage-full"
    }
}

extension Problem.Code {
    /// The HTTP status that always goes with the code.
    public var status: Int { row.status }

    /// A few words for people, the same for every occurrence.
    public var title: String { row.title }

    /// What helps, for people.
    public var remedy: String { row.remedy }

    /// `urn:careledger:problem:<code>`, the type of RFC 9457.
    public var type: String { "urn:careledger:problem:\(rawValue)" }

    private var row: (status: Int, title: String, remedy: String) {
        switch self {
        case .malformedRequest:
            (400, "The address or a parameter is not understood", "Compare the request with the API's description.")
        case .malformedBody: (400, "The body is not understood", "Send what the API's description says, in full.")
        case .signatureRequired:
            (401, "The request needs a signature", "Sign it with a key that is on the chain (RFC 9421).")
        case .signatureInvalid:
            (401, "The signature does not hold", "Sign the request as it is sent, body included.")
        case .signatureStale:
            (401, "The signature's time is too far from the node's", "Set the clock, then sign again.")
        case .signatureReplayed: (401, "The signature was used before", "Sign again with a fresh nonce.")
        case .notFound: (404, "Not here, or not for this key", "Check the identifier, and who may read it.")
        case .methodNotAllowed:
            (405, "The address exists, the method does not", "Use a method that the Allow field names.")
        case .notAcceptable: (406, "The answer has no such form", "Accept application/json or application/cbor.")
        case .transactionExpired:
            (410, "The transaction will never be included", "Build it again with a later last height.")
        case .bodyTooLarge: (413, "The body is too large", "Send less at once.")
        case .unsupportedMediaType: (415, "The body has the wrong type", "Send the type that the description names.")
        case .rangeNotSatisfiable: (416, "The range lies outside the content", "Ask for bytes that exist.")
        case .transactionRefused:
            (422, "The transaction cannot be included", "Read the reason, correct the transaction and sign again.")
        case .contentMismatch: (422, "The content is not what its id names", "Send the content again, unchanged.")
        case .fragmentRefused:
            (422, "The fragment does not fit the grant", "Make the grant again; the chain decides what fits.")
        case .accessRefused:
            (403, "The grant does not allow this now", "Read the reason; ask the patient for a grant.")
        case .tooManyRequests: (429, "Too many requests", "Wait as long as Retry-After says.")
        case .internalFailure: (500, "The node failed", "Try another node, and tell who runs this one.")
        case .notReady: (503, "The node is not ready", "Try another node, or wait until it has caught up.")
        case .notEnoughCopies:
            (503, "Too few nodes hold a copy", "Send it again later; what is stored stays stored.")
        case .storageFull: (507, "The node has no room left", "Try another node, and tell who runs this one.")
        }
    }
}
