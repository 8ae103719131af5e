import Cryptography
import Testing

@Suite("ECDSA: edges")
struct ECDSAEdgeTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let isValid: Bool
        let key: [UInt8]
        let message: [UInt8]
        let signature: [UInt8]

        var testDescription: String { name }

        static let all: [Case] = {
            let lines = ecdsaEdgeCases.split(separator: "\n").map(String.init)
            return stride(from: 0, to: lines.count, by: 6).map { start in
                let fields = lines[(start + 2)..<(start + 6)].map { [UInt8](hex: $0) ?? [] }
                return Case(
                    name: lines[start], isValid: lines[start + 1] == "valid", key: fields[0], message: fields[1],
                    signature: fields[2] + fields[3])
            }
        }()
    }

    @Test(arguments: Case.all)
    func `the verdict is OpenSSL's, and low s`(edge: Case) {
        let verdict =
            if let key = PublicKey(edge.key), let signature = Signature(edge.signature) {
                key.isValid(signature, forDigest: .sha256(edge.message))
            } else {
                false
            }
        #expect(verdict == edge.isValid)
    }

    @Test func `no case was lost on the way into the table`() {
        #expect(Case.all.count == 123)
        #expect(Case.all.count(where: \.isValid) == 30)
        #expect(Set(Case.all.map(\.name)).count == 123)
    }

    @Test(arguments: [UInt8(1), 2, 3])
    func `signing gives the deterministic signature`(secret: UInt8) throws {
        let edge = try #require(Case.all.first { $0.name == "key \(secret - 1) signs by RFC 6979" })
        let key = try #require(SigningKey(SecretBytes(copying: [UInt8](repeating: 0, count: 31) + [secret])))
        #expect(key.publicKey.bytes == edge.key)
        #expect(key.sign(digest: .sha256(edge.message)).bytes == edge.signature)
    }
}
