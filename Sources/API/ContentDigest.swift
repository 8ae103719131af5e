public import Cryptography
public import HTTPTypes

/// The SHA-256 of a body in the field Content-Digest (RFC 9530).
public enum ContentDigest {
    /// The field.
    public static let field = HTTPField.Name.contentDigest

    /// `sha-256=:<base64>:`.
    public static func value(_ digest: Digest) -> String { "sha-256=:\(Base64.encode(digest.bytes)):" }

    /// The SHA-256 that a field names; other algorithms beside it are passed over.
    public static func digest(in value: String) -> Digest? {
        guard let members = StructuredField.dictionary(value),
            case .item(.bytes(let bytes)) = members.first(where: { $0.name == "sha-256" })?.value
        else { return nil }
        return Digest(bytes)
    }
}

extension HTTPField.Name {
    // The names are tokens, so that there is always a field of that name.
    static let contentDigest = known("Content-Digest")
    static let signature = known("Signature")
    static let signatureInput = known("Signature-Input")

    private static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is a token") }
        return name
    }
}
