/// Why a request's signature was not accepted.
public enum MessageSignatureFailure: Error, Hashable, Sendable {
    /// There is none.
    case missing
    /// The fields do not parse, or lack a parameter.
    case malformed
    /// Something that must be signed is not.
    case notCovered(component: String)
    /// Something that is signed does not stand in the request.
    case uncoverable(component: String)
    /// Another algorithm than the key's.
    case unsupportedAlgorithm
    /// The request is for another node.
    case wrongAuthority
    /// The signer's clock and ours are too far apart; negative when the signature lies in the future.
    case stale(secondsAgo: Int64)
    /// The key did not sign this.
    case invalid
    /// The nonce was used before.
    case replayed
    /// The node remembers as many nonces as it can, of this key or in all.
    case tooMany
}

extension MessageSignatureFailure {
    /// The answer to the request.
    public var problem: Problem {
        switch self {
        case .missing: Problem(.signatureRequired)
        case .malformed: Problem(.signatureInvalid, "The signature fields do not parse, or lack a parameter.")
        case .notCovered(let component): Problem(.signatureInvalid, "The signature does not cover \(component).")
        case .uncoverable(let component):
            Problem(.signatureInvalid, "The signature covers \(component), which the request has not.")
        case .unsupportedAlgorithm: Problem(.signatureInvalid, "The algorithm is not es256k.")
        case .wrongAuthority: Problem(.signatureInvalid, "The request was signed for another node.")
        case .stale(let seconds) where seconds >= 0:
            Problem(.signatureStale, "The signature was made \(seconds) s ago by this node's clock.")
        case .stale(let seconds):
            Problem(.signatureStale, "The signature lies \(-seconds) s in the future by this node's clock.")
        case .invalid: Problem(.signatureInvalid)
        case .replayed: Problem(.signatureReplayed)
        case .tooMany: Problem(.tooManyRequests, retryAfter: Int(MessageSignature.maximumSkew))
        }
    }
}
