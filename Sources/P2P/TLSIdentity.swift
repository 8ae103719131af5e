public import Cryptography
internal import enum Crypto.P256
internal import Foundation
internal import NIOCore
public import NIOSSL
internal import SwiftASN1
internal import X509

/// A node's key and certificate for TLS: P-256, signed by itself.
///
/// No authority stands behind the certificate: whoever meets it compares the hash of its public key with the validator
/// set. Its dates (2025 to 2125) are there because X.509 wants some; nothing that a validator does depends on them, so
/// no expiry can stop the chain.
public struct TLSIdentity: Sendable {
    /// The most bytes that a certificate may have in the genesis file.
    public static let maximumCertificateLength = 1024

    /// The certificate, DER.
    public let certificate: [UInt8]
    /// SHA-256 of the certificate's SubjectPublicKeyInfo.
    public let keyHash: Digest
    let privateKey: NIOSSLPrivateKey
    private let privateKeyPEM: String

    /// Makes a key and a certificate for it.
    ///
    /// - Parameter hosts: DNS names that the certificate carries, for clients that look at names; pinning does not.
    public static func make(hosts: [String] = ["localhost"]) throws -> TLSIdentity {
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("careledger validator") }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: .init(key.publicKey),
            notValidBefore: Date(timeIntervalSince1970: 1_735_689_600),
            notValidAfter: Date(timeIntervalSince1970: 4_891_363_200),
            issuer: name,
            subject: name,
            extensions: try Certificate.Extensions {
                // A certificate that vouches for itself is an authority, or clients find no root under it.
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(digitalSignature: true, keyCertSign: true))
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
                SubjectAlternativeNames(hosts.map { GeneralName.dnsName($0) })
            },
            issuerPrivateKey: .init(key))
        return try TLSIdentity(
            certificatePEM: try certificate.serializeAsPEM().pemString, privateKeyPEM: key.pemRepresentation)
    }

    /// Loads what ``certificatePEM`` and ``withPrivateKeyPEM(_:)`` gave.
    ///
    /// - Throws: ``TLSIdentityFailure`` when the texts are not a P-256 key and a certificate for that key.
    public init(certificatePEM: String, privateKeyPEM: String) throws(TLSIdentityFailure) {
        guard let key = try? P256.Signing.PrivateKey(pemRepresentation: privateKeyPEM),
            let privateKey = try? NIOSSLPrivateKey(bytes: Array(privateKeyPEM.utf8), format: .pem)
        else { throw .unreadablePrivateKey }
        guard let parsed = try? NIOSSLCertificate.fromPEMBytes(Array(certificatePEM.utf8)).first,
            let bytes = try? parsed.toDERBytes()
        else { throw .unreadableCertificate }
        guard bytes.count <= Self.maximumCertificateLength else { throw .certificateTooLong(bytes: bytes.count) }
        keyHash = try Self.keyHash(ofCertificate: bytes)
        guard keyHash == Digest.sha256(Array(key.publicKey.derRepresentation)) else { throw .keyDoesNotMatch }
        certificate = bytes
        self.privateKey = privateKey
        self.privateKeyPEM = privateKeyPEM
    }

    /// The certificate as people pass it around.
    public var certificatePEM: String { PEMDocument(type: "CERTIFICATE", derBytes: certificate).pemString }

    /// Lends the private key's PEM text, to be written to a file that only its owner reads.
    public func withPrivateKeyPEM<Result>(_ body: (String) throws -> Result) rethrows -> Result {
        try body(privateKeyPEM)
    }

    /// SHA-256 of the SubjectPublicKeyInfo in a DER certificate: what the validator set pins.
    public static func keyHash(ofCertificate bytes: [UInt8]) throws(TLSIdentityFailure) -> Digest {
        guard let certificate = try? NIOSSLCertificate(bytes: bytes, format: .der),
            let hash = keyHash(of: certificate)
        else { throw .unreadableCertificate }
        return hash
    }

    static func keyHash(of certificate: NIOSSLCertificate) -> Digest? {
        (try? certificate.extractPublicKey().toSPKIBytes()).map { Digest.sha256($0) }
    }
}

extension TLSIdentity {
    /// Server settings for clients that trust this very certificate: TLS 1.3 only, no client certificate asked.
    public func serverConfiguration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: certificate, format: .der))],
            privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv13
        // A client that does not say goodbye must not hold up a node that stops.
        configuration.shutdownTimeout = .milliseconds(500)
        return configuration
    }
}

extension TLSIdentity: CustomStringConvertible {
    /// Names the key by its public hash.
    public var description: String { "TLS identity \(keyHash)" }
}

extension TLSIdentity: CustomReflectable {
    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why texts are not a TLS identity.
public enum TLSIdentityFailure: Error, Hashable, Sendable {
    case unreadablePrivateKey
    case unreadableCertificate
    /// Above ``TLSIdentity/maximumCertificateLength``.
    case certificateTooLong(bytes: Int)
    /// The certificate is for another key.
    case keyDoesNotMatch
}
