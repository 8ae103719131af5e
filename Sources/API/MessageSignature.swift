public import Cryptography
public import HTTPTypes

/// Requests signed by a key on the chain (RFC 9421): ES256K over method, authority, path, query and the body's digest,
/// with the time and a nonce.
///
/// The algorithm follows from the key, so the parameter `alg` may be left out; if it is there it says `es256k`. The
/// authority is covered so that one node cannot pass a request on to another in the sender's name.
public enum MessageSignature {
    /// How far the signer's clock may be from the node's, in seconds, either way.
    public static let maximumSkew: Int64 = 120
    /// The tag that our signatures carry.
    public static let tag = "careledger-v1"

    static let algorithm = "es256k"
    private static let label = "sig1"
    private static let covered = ["@method", "@authority", "@path", "@query"]
    private static let nonceLength = 16...88

    /// Adds Signature-Input and Signature, and Content-Digest where there is a body.
    ///
    /// - Parameters:
    ///   - body: SHA-256 of the body, nothing when the request has none.
    ///   - created: Seconds since 1970.
    ///   - nonce: Random bytes, fresh for each request.
    /// - Precondition: The request has an authority and a path.
    public static func sign(
        _ request: inout HTTPRequest, body: Digest?, with key: SigningKey, created: Int64,
        nonce: [UInt8] = SystemRandom.bytes(16)
    ) {
        if let body { request.headerFields[.contentDigest] = ContentDigest.value(body) }
        let names = covered + (body == nil ? [] : ["content-digest"])
        let base = SignatureBase(
            components: names.map { .init(item: .string($0), parameters: []) },
            parameters: [
                .init(name: "created", value: .integer(created)),
                .init(name: "nonce", value: .string(Base64.encode(nonce))),
                .init(name: "keyid", value: .string(DIDKey(key.publicKey).description)),
                .init(name: "tag", value: .string(tag)),
            ])
        guard let text = try? base.text(of: request), let input = base.input else {
            preconditionFailure("a request that is signed has an authority and a path")
        }
        let signature = key.sign(digest: .sha256(Array(text.utf8)))
        request.headerFields[.signatureInput] = "\(label)=\(input)"
        request.headerFields[.signature] = "\(label)=:\(Base64.encode(signature.bytes)):"
    }

    /// Checks a request's signature, all but the body itself and whether the nonce is new.
    ///
    /// - Parameters:
    ///   - authorities: The names, in lower case, under which this node is reached: `host:port`.
    ///   - now: Seconds since 1970.
    /// - Returns: Who signed, and what the body must hash to.
    public static func verify(
        _ request: HTTPRequest, authorities: Set<String>, now: Int64
    ) throws(MessageSignatureFailure) -> SignedRequest {
        let (base, signature) = try parse(request)
        let parameters = try Parameters(base)
        guard abs(now - parameters.created) <= maximumSkew else {
            throw .stale(secondsAgo: now - parameters.created)
        }
        let names = base.names ?? []
        for name in covered where !names.contains(name) { throw .notCovered(component: name) }
        guard let authority = SignatureBase.value(of: "@authority", in: request), authorities.contains(authority) else {
            throw .wrongAuthority
        }
        let body = try digest(of: request, covering: names)
        let text = try base.text(of: request)
        guard parameters.key.isValid(signature, forDigest: .sha256(Array(text.utf8))) else { throw .invalid }
        return SignedRequest(key: parameters.key, created: parameters.created, nonce: parameters.nonce, body: body)
    }

    private static func parse(
        _ request: HTTPRequest
    ) throws(MessageSignatureFailure) -> (SignatureBase, Signature) {
        guard let input = request.headerFields[.signatureInput], let value = request.headerFields[.signature] else {
            throw .missing
        }
        guard let inputs = StructuredField.dictionary(input), let signatures = StructuredField.dictionary(value),
            let member = inputs.first(where: { $0.has(tag: tag) }), case .list(let components) = member.value,
            case .item(.bytes(let bytes)) = signatures.first(where: { $0.name == member.name })?.value
        else { throw .malformed }
        guard let signature = Signature(bytes) else { throw .invalid }
        return (SignatureBase(components: components, parameters: member.parameters), signature)
    }

    private static func digest(
        of request: HTTPRequest, covering names: [String]
    ) throws(MessageSignatureFailure) -> Digest? {
        let value = request.headerFields[.contentDigest]
        let carriesBody = request.method == .post || request.method == .put || value != nil
        guard carriesBody else { return nil }
        guard names.contains("content-digest") else { throw .notCovered(component: "content-digest") }
        guard let digest = value.flatMap(ContentDigest.digest) else { throw .malformed }
        return digest
    }

    private struct Parameters {
        var created: Int64
        var nonce: String
        var key: PublicKey

        init(_ base: SignatureBase) throws(MessageSignatureFailure) {
            var created: Int64?
            var nonce: String?
            var key: PublicKey?
            for parameter in base.parameters {
                switch (parameter.name, parameter.value) {
                case ("created", .integer(let seconds)): created = seconds
                case ("nonce", .string(let text)) where nonceLength.contains(text.utf8.count): nonce = text
                case ("keyid", .string(let text)): key = DIDKey(text)?.key
                case ("tag", .string(tag)): continue
                case ("alg", .string(algorithm)): continue
                case ("alg", _): throw .unsupportedAlgorithm
                // `expires` and what the future brings may narrow what the signer meant: not ours to guess.
                default: throw .malformed
                }
            }
            guard let created, let nonce, let key else { throw .malformed }
            (self.created, self.nonce, self.key) = (created, nonce, key)
        }
    }
}

/// A request whose signature holds.
public struct SignedRequest: Hashable, Sendable {
    /// Who signed.
    public let key: PublicKey
    /// When, in seconds since 1970 by the signer's clock.
    public let created: Int64
    /// What makes it this request; ``ReplayCache`` knows whether it is new.
    public let nonce: String
    /// What the body must hash to, nothing when there is none.
    public let body: Digest?
}

extension StructuredField.Member {
    fileprivate func has(tag: String) -> Bool { parameters.contains(.init(name: "tag", value: .string(tag))) }
}
