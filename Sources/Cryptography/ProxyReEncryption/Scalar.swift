public import Codec

/// A public number from 1 to the group order less 1: a share index, a proof. 32 bytes, big-endian.
///
/// Multiplying by it takes time that depends on it; a secret is a ``SecretScalar``, and the type decides which
/// multiplication runs.
public struct Scalar: Hashable, Sendable {
    /// Bytes of a scalar.
    public static let length = 32

    private let value: Digest

    /// - Parameter bytes: 32 bytes; zero and what is not below the order are refused.
    public init?(_ bytes: some Collection<UInt8>) {
        guard let value = Digest(bytes) else { return nil }
        self.init(value)
    }

    init?(_ value: Digest) {
        guard value.withUnsafeBytes({ Secp256k1.isScalar($0) }) else { return nil }
        self.value = value
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { value.bytes }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { value.withUnsafeBytes(body) }

    /// The same number where only secrets are taken.
    package var asSecret: SecretScalar {
        guard let scalar = SecretScalar(SecretBytes(copying: bytes)) else {
            preconditionFailure("a public scalar is in range")
        }
        return scalar
    }
}

extension Scalar: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let scalar = Scalar(try reader.readBytes(exactly: Self.length)) else { throw .invalid(field: "scalar") }
        self = scalar
    }

    public func encode(to writer: inout CBORWriter) { writer.write(bytes: bytes) }
}

extension Scalar: CustomStringConvertible {
    public var description: String { value.hex }
}

/// A secret number from 1 to the group order less 1, in one buffer that is overwritten at the end.
///
/// The arithmetic takes the same time for all values. A result that would be zero is `nil`: that happens by chance once
/// in 2^256, else because someone arranged it.
package struct SecretScalar: Sendable {
    package let bytes: SecretBytes

    /// - Parameter bytes: 32 bytes big-endian; zero and what is not below the order are refused.
    package init?(_ bytes: SecretBytes) {
        guard bytes.withUnsafeBytes({ Secp256k1.isScalar($0) }) else { return nil }
        self.bytes = bytes
    }

    /// A fresh one from the system's random generator.
    package static func random() -> SecretScalar {
        // One draw in 2^128 is out of range.
        while true { if let scalar = SecretScalar(.random(count: 32)) { return scalar } }
    }

    static var one: SecretScalar {
        let one = SecretBytes(count: 32) { (buffer: UnsafeMutableRawBufferPointer) in buffer[31] = 1 }
        guard let scalar = SecretScalar(one) else { preconditionFailure("1 is in range") }
        return scalar
    }

    package func adding(_ other: SecretScalar) -> SecretScalar? {
        changed { scalar in other.bytes.withUnsafeBytes { Secp256k1.add($0, to: scalar) } }
    }

    package func subtracting(_ other: SecretScalar) -> SecretScalar? { adding(other.negated) }

    package func multiplied(by other: SecretScalar) -> SecretScalar {
        nonzero(changed { scalar in other.bytes.withUnsafeBytes { Secp256k1.multiply(scalar, by: $0) } })
    }

    package func multiplied(by other: Scalar) -> SecretScalar {
        nonzero(changed { scalar in other.withUnsafeBytes { Secp256k1.multiply(scalar, by: $0) } })
    }

    package var negated: SecretScalar { nonzero(changed { Secp256k1.negate($0) }) }

    /// The inverse modulo the order n, as `self^(n-2)`: the exponent is public, so that the same multiplications run
    /// for every value.
    package var inverse: SecretScalar {
        var powers = [self]
        for index in 1..<15 { powers.append(powers[index - 1].multiplied(by: self)) }
        // The first digit is 15.
        let result = powers[14].changed { value in
            Self.orderLessTwo.flatMap({ [$0 >> 4, $0 & 15] }).dropFirst().allSatisfy { digit in
                for _ in 0..<4 {
                    guard Secp256k1.multiply(value, by: UnsafeRawBufferPointer(value)) else { return false }
                }
                guard digit > 0 else { return true }
                return powers[Int(digit) - 1].bytes.withUnsafeBytes { Secp256k1.multiply(value, by: $0) }
            }
        }
        return nonzero(result)
    }

    /// The same number as a public one: for proofs, where a random mask hides the secret part.
    package var published: Scalar {
        guard let digest = bytes.withUnsafeBytes({ Digest($0) }), let scalar = Scalar(digest) else {
            preconditionFailure("a secret scalar is in range")
        }
        return scalar
    }

    private static let orderLessTwo: [UInt8] = [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
        0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x3f,
    ]

    private struct NotAScalar: Error {}

    /// A copy on which `change` has succeeded.
    private func changed(_ change: (UnsafeMutableRawBufferPointer) -> Bool) -> SecretScalar? {
        let result = try? SecretBytes(count: 32) { (buffer) throws(NotAScalar) in
            bytes.withUnsafeBytes { buffer.copyMemory(from: $0) }
            guard change(buffer) else { throw NotAScalar() }
        }
        return result.flatMap { SecretScalar($0) }
    }

    private func nonzero(_ result: SecretScalar?) -> SecretScalar {
        guard let result else { preconditionFailure("a product of numbers that are not zero is not zero") }
        return result
    }
}
