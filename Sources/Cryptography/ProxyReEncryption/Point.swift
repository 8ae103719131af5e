public import Codec

/// A point of secp256k1 that is not infinity. 33 bytes, compressed.
///
/// The same thing as a ``PublicKey``, under the name for points that no one holds a key to.
public struct Point: Sendable {
    /// Bytes of the compressed form.
    public static let length = 33

    let parsed: Secp256k1.ParsedPoint

    /// - Parameter bytes: 33 bytes with prefix 02 or 03, on the curve; nothing else is a point.
    public init?(_ bytes: some Collection<UInt8>) {
        guard let parsed = Secp256k1.ParsedPoint(compressed: Array(bytes)) else { return nil }
        self.parsed = parsed
    }

    /// The point that a key is.
    public init(_ key: PublicKey) { parsed = key.point }

    init(parsed: Secp256k1.ParsedPoint) { self.parsed = parsed }

    /// The 33 bytes.
    public var bytes: [UInt8] { parsed.compressed }

    /// `scalar * G`.
    package init(base scalar: SecretScalar) {
        guard let parsed = scalar.bytes.withUnsafeBytes({ Secp256k1.multiplyBase($0) }) else {
            preconditionFailure("a scalar in range times the base is a point")
        }
        self.parsed = parsed
    }

    /// `scalar * G`.
    package init(base scalar: Scalar) {
        guard let parsed = scalar.withUnsafeBytes({ Secp256k1.multiplyBase($0) }) else {
            preconditionFailure("a scalar in range times the base is a point")
        }
        self.parsed = parsed
    }

    /// `scalar * self` in time that does not depend on the scalar.
    package func multiplied(by scalar: SecretScalar) -> Point {
        guard let product = scalar.bytes.withUnsafeBytes({ Secp256k1.multiply(parsed, bySecret: $0) }) else {
            preconditionFailure("the group has prime order: a point times a scalar in range is a point")
        }
        return Point(parsed: product)
    }

    /// The compressed form of `scalar * self`, 33 bytes, where the product itself is the secret.
    package func sharedSecret(with scalar: SecretScalar) -> SecretBytes {
        SecretBytes(count: Self.length) { (out: UnsafeMutableRawBufferPointer) in
            let succeeded = scalar.bytes.withUnsafeBytes {
                Secp256k1.multiply(parsed, bySecret: $0, compressedInto: out)
            }
            precondition(succeeded, "the group has prime order: a point times a scalar in range is a point")
        }
    }

    /// `scalar * self`, in time that depends on the scalar.
    package func multiplied(by scalar: Scalar) -> Point {
        guard let product = scalar.withUnsafeBytes({ Secp256k1.multiply(parsed, byPublic: $0) }) else {
            preconditionFailure("the group has prime order: a point times a scalar in range is a point")
        }
        return Point(parsed: product)
    }

    /// `base * G - factor * point`, in time that depends on the values; nothing when it has to be computed in two steps.
    package static func difference(base: Scalar, _ point: Point, times factor: Scalar) -> Point? {
        base.withUnsafeBytes { base in
            factor.withUnsafeBytes { Secp256k1.difference(base: base, point.parsed, times: $0) }
        }.map { Point(parsed: $0) }
    }

    /// The sum; nothing when it is infinity or there is no summand.
    package static func sum(_ points: [Point]) -> Point? {
        Secp256k1.sum(points.map(\.parsed)).map { Point(parsed: $0) }
    }

    /// The sum of two points, nothing when it is infinity.
    package func adding(_ other: Point) -> Point? { Point.sum([self, other]) }
}

extension PublicKey {
    /// The key whose secret half is the point's logarithm.
    public init(_ point: Point) { self.init(point: point.parsed) }
}

extension Point: Hashable {
    public static func == (left: Point, right: Point) -> Bool { Secp256k1.isEqual(left.parsed, right.parsed) }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

extension Point: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let point = Point(try reader.readBytes(exactly: Self.length)) else { throw .invalid(field: "point") }
        self = point
    }

    public func encode(to writer: inout CBORWriter) { writer.write(bytes: bytes) }
}

extension Point: CustomStringConvertible {
    public var description: String { bytes.hex }
}
