public import Codec

/// What stands on the chain for a document's key: E, V and s, 98 bytes.
///
/// Whoever holds the delegating key, or re-encryptions by a threshold of validators, gets the key seed out of it
/// (Umbral's encapsulation). Its first point is also a verification key: the author signs the operation that carries
/// the capsule with the secret behind it, so that a capsule cannot be moved to another operation.
public struct Capsule: Sendable {
    /// Bytes of a capsule.
    public static let length = 98

    package let e: Point
    package let v: Point
    package let s: Scalar

    package init(e: Point, v: Point, s: Scalar) {
        self.e = e
        self.v = v
        self.s = s
    }

    /// Reads 98 bytes, two points and a scalar. Whether they belong together is ``isConsistent``'s to say.
    ///
    /// - Throws: The field that is not what it should be.
    public init(parsing bytes: some Collection<UInt8>) throws(DecodingFailure) {
        var fields = try FixedFields(bytes, length: Self.length)
        e = try fields.point("capsule E")
        v = try fields.point("capsule V")
        s = try fields.scalar("capsule s")
    }

    /// The 98 bytes.
    public var bytes: [UInt8] { e.bytes + v.bytes + s.bytes }

    /// Whether who made it knew what is behind its points: `s*G == V + h*E`. About 45 microseconds.
    public var isConsistent: Bool { isConsistent(in: .rustUmbral) }

    package func isConsistent(in profile: UmbralProfile) -> Bool {
        guard let h = challenge(in: profile) else { return false }
        if let expected = Point.difference(base: s, e, times: h) { return expected == v }
        guard let right = v.adding(e.multiplied(by: h)) else { return false }
        return Point(base: s) == right
    }

    package func challenge(in profile: UmbralProfile) -> Scalar? {
        var hash = UmbralHash("CAPSULE_POINTS", profile: profile)
        hash.update(e)
        hash.update(v)
        return hash.scalar()
    }

    // MARK: Binding

    /// The domain of ``Encapsulation/bind(_:)``.
    public static let bindingDomain = Domain("capsule-binding")

    /// The key under which a binding signature is checked, with ``bindingDigest(of:)``. No two capsules on the chain
    /// have the same one.
    public var bindingKey: PublicKey { PublicKey(e) }

    /// What is signed to bind a capsule to `message`, the operation without that signature.
    public static func bindingDigest(of message: [UInt8]) -> Digest { .hash(message, in: bindingDomain) }
}

extension Capsule: Hashable {
    public static func == (left: Capsule, right: Capsule) -> Bool {
        left.s == right.s && left.e == right.e && left.v == right.v
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(s) }
}

extension Capsule: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        self = try Capsule(parsing: reader.readBytes(exactly: Self.length))
    }

    public func encode(to writer: inout CBORWriter) { writer.write(bytes: bytes) }
}

/// A fresh capsule with the secrets behind it, in its author's hands until the operation is signed.
///
/// It cannot be copied; its secrets are overwritten when it goes.
public struct Encapsulation: ~Copyable, Sendable {
    /// What goes on the chain.
    public let capsule: Capsule
    /// 33 bytes from which the document key is derived: the compressed form of `(r+u)*A`.
    public let keySeed: SecretBytes
    private let binding: SigningKey

    /// Makes a capsule that the owner of the delegating key can open. About 90 microseconds.
    public init(for delegatingKey: PublicKey) {
        while true {
            let made = Encapsulation(for: delegatingKey, r: .random(), u: .random(), profile: .rustUmbral)
            guard let made else { continue }
            self = made
            return
        }
    }

    /// - Returns: Nothing when a sum is zero, which random numbers do not make happen.
    package init?(for delegatingKey: PublicKey, r: SecretScalar, u: SecretScalar, profile: UmbralProfile) {
        let e = Point(base: r)
        let v = Point(base: u)
        var hash = UmbralHash("CAPSULE_POINTS", profile: profile)
        hash.update(e)
        hash.update(v)
        guard let h = hash.scalar(), let s = u.adding(r.multiplied(by: h)), let sum = r.adding(u),
            let binding = SigningKey(r.bytes)
        else { return nil }
        capsule = Capsule(e: e, v: v, s: s.published)
        keySeed = Point(delegatingKey).sharedSecret(with: sum)
        self.binding = binding
    }

    /// Signs `message`, the operation without this signature, with the secret behind the capsule's first point.
    public func bind(_ message: [UInt8]) -> Signature { binding.sign(digest: Capsule.bindingDigest(of: message)) }
}
