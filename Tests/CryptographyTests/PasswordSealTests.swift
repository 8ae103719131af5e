import Codec
import Cryptography
import Testing

@Suite("Password seal")
struct PasswordSealTests {
    static let domain = Domain("test-keystore")
    let password = SecretBytes(copying: Array("correct horse".utf8))
    let secret = SecretBytes(copying: [UInt8](0..<40))

    func sealed() -> [UInt8] {
        PasswordSeal.seal(secret, password: password, domain: Self.domain, cost: .testing)
    }

    func open(_ bytes: [UInt8], limit: Int = 40) throws(PasswordSealFailure) -> SecretBytes {
        try PasswordSeal.open(bytes, password: password, domain: Self.domain, maximumLength: limit)
    }

    @Test func `the password opens it`() throws {
        #expect(try open(sealed()) == secret)
        let empty = SecretBytes(copying: [])
        let bytes = PasswordSeal.seal(empty, password: empty, domain: Self.domain, cost: .testing)
        #expect(try PasswordSeal.open(bytes, password: empty, domain: Self.domain, maximumLength: 0) == empty)
    }

    @Test func `another password or another purpose does not`() {
        let bytes = sealed()
        #expect(throws: PasswordSealFailure.wrongPassword) {
            try PasswordSeal.open(bytes, password: secret, domain: Self.domain, maximumLength: 40)
        }
        #expect(throws: PasswordSealFailure.wrongPassword) {
            try PasswordSeal.open(bytes, password: password, domain: Domain("test-other"), maximumLength: 40)
        }
    }

    @Test func `no altered byte goes unnoticed`() {
        let bytes = sealed()
        for index in bytes.indices {
            var altered = bytes
            altered[index] ^= 1
            #expect(throws: PasswordSealFailure.self, "byte \(index)") { try open(altered) }
        }
    }

    @Test func `every cut is refused`() {
        let bytes = sealed()
        for count in bytes.indices {
            #expect(throws: PasswordSealFailure.self) { try open(Array(bytes[..<count])) }
        }
    }

    @Test(arguments: [[9, 8, 1], [21, 8, 1], [63, 8, 1], [10, 7, 1], [10, 9, 1], [10, 8, 0], [10, 8, 5]])
    func `a cost out of bounds is refused before it is paid`(cost: [UInt64]) {
        var writer = CBORWriter()
        writer.beginArray(7)
        writer.write(1)
        for parameter in cost { writer.write(parameter) }
        writer.write(bytes: [UInt8](repeating: 0, count: 16))
        writer.write(bytes: [UInt8](repeating: 0, count: 12))
        writer.write(bytes: [UInt8](repeating: 0, count: 16))
        #expect(throws: PasswordSealFailure.malformed(.invalid(field: "cost"))) { try open(writer.bytes) }
    }

    @Test func `a secret above the bound is refused`() throws {
        let bytes = sealed()
        #expect(throws: PasswordSealFailure.malformed(.tooLong(limit: 39 + 16, offset: 35))) {
            try open(bytes, limit: 39)
        }
    }

    @Test func `two seals share neither salt nor nonce`() throws {
        let first = sealed()
        let second = sealed()
        #expect(first[5..<35] != second[5..<35])
        #expect(first.suffix(56) != second.suffix(56))
    }
}
