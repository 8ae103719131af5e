import Cryptography
import P2P
import Testing

@Suite("TLSIdentity")
struct TLSIdentityTests {
    @Test func `what was made is loaded again`() throws {
        let made = try TLSIdentity.make(hosts: ["localhost", "ledger.hospital.example"])
        let loaded = try made.withPrivateKeyPEM {
            try TLSIdentity(certificatePEM: made.certificatePEM, privateKeyPEM: $0)
        }
        #expect(loaded.certificate == made.certificate)
        #expect(loaded.keyHash == made.keyHash)
        #expect(try TLSIdentity.keyHash(ofCertificate: made.certificate) == made.keyHash)
        #expect(made.certificate.count <= TLSIdentity.maximumCertificateLength)
    }

    @Test func `two identities have two keys`() throws {
        #expect(try TLSIdentity.make().keyHash != TLSIdentity.make().keyHash)
    }

    @Test func `a certificate for another key is refused`() throws {
        let one = try TLSIdentity.make()
        let other = try TLSIdentity.make()
        #expect(throws: TLSIdentityFailure.keyDoesNotMatch) {
            try other.withPrivateKeyPEM { try TLSIdentity(certificatePEM: one.certificatePEM, privateKeyPEM: $0) }
        }
    }

    @Test func `texts that are neither are refused`() throws {
        let one = try TLSIdentity.make()
        #expect(throws: TLSIdentityFailure.unreadablePrivateKey) {
            try TLSIdentity(certificatePEM: one.certificatePEM, privateKeyPEM: "")
        }
        #expect(throws: TLSIdentityFailure.unreadableCertificate) {
            try one.withPrivateKeyPEM { try TLSIdentity(certificatePEM: "no", privateKeyPEM: $0) }
        }
    }

    @Test func `a description holds no secret`() throws {
        let one = try TLSIdentity.make()
        #expect(!"\(one)".contains("PRIVATE"))
        #expect(!String(reflecting: one).contains("PRIVATE"))
    }
}
