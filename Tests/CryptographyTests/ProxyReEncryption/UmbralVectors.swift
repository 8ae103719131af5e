import Cryptography
import Foundation
import Testing

/// Vectors that two independent implementations of Umbral made or opened. They are large and stand beside the package:
/// `../shared/oracles/umbral-vectors.json`, or the file that UMBRAL_VECTORS names.
struct UmbralVectors: Decodable {
    let hashToScalar: [HashToScalar]
    let digestToScalarEdges: [DigestToScalar]
    let hashToPoint: [HashToPoint]
    let scalarInverse: [Inverse]
    let hkdf: [KeyDerivation]
    let secretKeyFactory: [KeyFactory]
    let cases: [Case]
    let negative: [Negative]

    static let shared: UmbralVectors? = {
        let packageRoot = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
        let named = ProcessInfo.processInfo.environment["UMBRAL_VECTORS"].map { URL(filePath: $0) }
        let file = named ?? packageRoot.appending(path: "../shared/oracles/umbral-vectors.json").standardizedFileURL
        guard let data = try? Data(contentsOf: file) else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(UmbralVectors.self, from: data)
        } catch {
            Issue.record(error, "the vectors are not what their format says")
            return nil
        }
    }()

    static var isPresent: Bool { shared != nil }

    struct HashToScalar: Decodable {
        let profile: UmbralProfile
        let dst: String
        let parts: [Hex]
        let scalar: Hex
    }

    struct DigestToScalar: Decodable {
        let profile: UmbralProfile
        let digest: Hex
        let scalar: Hex
    }

    struct HashToPoint: Decodable {
        let method: String
        let dst: String
        let data: Hex
        let point: Hex
    }

    struct Inverse: Decodable {
        let x: Hex
        let xInverseModN: Hex
    }

    struct KeyDerivation: Decodable {
        let ikm: Hex
        let info: Hex
        let length: Int
        let okm: Hex
    }

    struct KeyFactory: Decodable {
        let seed: Hex
        let label: Hex
        let makeKeySk: Hex
        let makeKeyPk: Hex
        let makeSecret: Hex
    }

    struct Case: Decodable, CustomTestStringConvertible {
        let id: String
        let profile: UmbralProfile
        let threshold: Int
        let shares: Int
        let signDelegatingKey: Bool
        let signReceivingKey: Bool
        let delegatingSk: Hex
        let delegatingPk: Hex
        let signingSk: Hex
        let verifyingPk: Hex
        let receivingSk: Hex
        let receivingPk: Hex
        let randomness: Randomness?
        let capsule: Hex
        let capsuleH: Hex?
        let keySeed: Hex
        let demKeyHkdfSha256: Hex
        let rekey: Rekey?
        let kfrags: [KeyFragmentVector]
        let cfrags: [CapsuleFragmentVector]
        let decryptsWith: [[Int]]
        let failsWith: [Failure]

        var testDescription: String { id }
    }

    struct Randomness: Decodable {
        let r: Hex?
        let u: Hex?
        let precursorSk: Hex?
        let coefficients_1ToTMinus_1: [Hex]?

        enum CodingKeys: String, CodingKey {
            case r, u, precursorSk
            case coefficients_1ToTMinus_1 = "coefficients1ToTMinus1"
        }
    }

    struct Rekey: Decodable {
        let precursor: Hex?
        let d: Hex?
    }

    struct KeyFragmentVector: Decodable {
        let id: Hex
        let shareIndex: Hex?
        let bytes: Hex
        let rfc6979SignatureForProxy: Hex?
        let rfc6979SignatureForReceiver: Hex?
    }

    struct CapsuleFragmentVector: Decodable {
        let t: Hex?
        let bytes: Hex
    }

    struct Failure: Decodable { let cfrags: [Int] }

    struct Negative: Decodable, CustomTestStringConvertible {
        let id: String
        let profile: UmbralProfile
        let baseCase: String
        let stage: String
        let expect: String?
        let cfrag: Hex?
        let cfrags: [Hex]?
        let kfrag: Hex?
        let capsule: Hex?
        let verifyingPk: Hex?
        let delegatingPk: Hex?
        let receivingPk: Hex?
        let receivingSk: Hex?
        let oursMust: String

        var testDescription: String { id }
    }
}

/// Bytes that stand in the file as hexadecimal digits.
struct Hex: Decodable, Equatable, CustomStringConvertible {
    let bytes: [UInt8]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let bytes = [UInt8](hex: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not hexadecimal")
        }
        self.bytes = bytes
    }

    var description: String { bytes.hex }
    var secret: SecretBytes { SecretBytes(copying: bytes) }
}

extension UmbralProfile: Decodable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        switch try container.decode(String.self) {
        case "umbral-pre-0.11.0": self = .rustUmbral
        case "pyumbral-0.3.0": self = .pyUmbral
        default: throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown profile")
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips where the vectors are not there.
    static var needsUmbralVectors: Self {
        .enabled(
            if: UmbralVectors.isPresent,
            "no ../shared/oracles/umbral-vectors.json beside the package, and UMBRAL_VECTORS names no file")
    }
}
