public import Codec

/// The random identifier of a key fragment, 32 bytes.
public struct FragmentID: RawRepresentable, Hashable, Sendable {
    /// The 32 bytes.
    public let rawValue: Digest

    /// An identifier.
    public init(rawValue: Digest) { self.rawValue = rawValue }

    static func random() -> FragmentID {
        guard let value = Digest(SystemRandom.bytes(32)) else { preconditionFailure("32 bytes make a digest") }
        return FragmentID(rawValue: value)
    }
}

extension FragmentID: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) { rawValue = try Digest(from: &reader) }

    public func encode(to writer: inout CBORWriter) { rawValue.encode(to: &writer) }
}

extension FragmentID: CustomStringConvertible {
    public var description: String { rawValue.hex }
}

/// The three keys that a delegation joins. All three come from the chain, never from a fragment.
public struct DelegationKeys: Hashable, Sendable {
    /// A: capsules are made for it.
    public let delegating: PublicKey
    /// Signs the fragments; the scope's signing key, which is never the delegating key.
    public let verifying: PublicKey
    /// The grantee's.
    public let receiving: PublicKey

    /// The three keys.
    public init(delegating: PublicKey, verifying: PublicKey, receiving: PublicKey) {
        self.delegating = delegating
        self.verifying = verifying
        self.receiving = receiving
    }
}

/// What a grant publishes about one validator's key fragment.
public struct PublishedShare: Hashable, Sendable {
    /// The fragment's identifier.
    public let id: FragmentID
    /// x: where the secret polynomial is evaluated. Only the grantee and the patient can derive it from the identifier.
    public let index: Scalar
    /// `U1 = f(x)*U`: what the fragment's key commits to.
    public let commitment: Point

    /// A share.
    public init(id: FragmentID, index: Scalar, commitment: Point) {
        self.id = id
        self.index = index
        self.commitment = commitment
    }
}

extension PublishedShare: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        id = try reader.read()
        index = try reader.read()
        commitment = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(id)
        writer.write(index)
        writer.write(commitment)
    }
}

/// What a grant publishes so that anyone can check the key fragments against each other: Feldman's commitments to the
/// secret polynomial and each validator's share of it.
///
/// Encoded as `[X, [F_0 ... F_(t-1)], [[id, index, U1] ...]]`; the shares stand in the order of the validators.
public struct PublishedDelegation: Hashable, Sendable {
    /// The most shares that a delegation has.
    public static let maximumShares = 128

    /// X: with it and the receiving key the grantee finds the secret that unblinds the result.
    public let precursor: Point
    /// `F_j = f_j*U`, from the constant term up; there are as many as fragments are needed.
    public let coefficients: [Point]
    /// One for each validator.
    public let shares: [PublishedShare]

    /// - Returns: Nothing unless there are 1 to ``maximumShares`` shares, at most as many coefficients, no identifier
    ///   twice and no index twice.
    public init?(precursor: Point, coefficients: [Point], shares: [PublishedShare]) {
        guard (1...Self.maximumShares).contains(shares.count), (1...shares.count).contains(coefficients.count),
            Set(shares.map(\.id)).count == shares.count, Set(shares.map(\.index)).count == shares.count
        else { return nil }
        self.precursor = precursor
        self.coefficients = coefficients
        self.shares = shares
    }

    /// How many fragments open a capsule.
    public var threshold: Int { coefficients.count }

    /// The share with this identifier.
    public func share(_ id: FragmentID) -> PublishedShare? { shares.first { $0.id == id } }

    /// Whether every share lies on the committed polynomial: `U1_i == sum over j of x_i^j F_j`.
    ///
    /// About 36 microseconds for each share and each coefficient but the first.
    public var isConsistent: Bool { shares.allSatisfy { isConsistent($0) } }

    /// Whether this share lies on the committed polynomial.
    public func isConsistent(_ share: PublishedShare) -> Bool {
        Point.polynomial(coefficients, at: share.index) == share.commitment
    }
}

extension PublishedDelegation: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        let precursor: Point = try reader.read()
        let coefficients: [Point] = try reader.readArray(max: Self.maximumShares)
        let shares: [PublishedShare] = try reader.readArray(max: Self.maximumShares)
        guard let delegation = Self(precursor: precursor, coefficients: coefficients, shares: shares) else {
            throw .invalid(field: "delegation")
        }
        self = delegation
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(precursor)
        writer.write(array: coefficients)
        writer.write(array: shares)
    }
}
