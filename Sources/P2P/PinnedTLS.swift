internal import Cryptography
internal import NIOCore
internal import NIOSSL

/// TLS 1.3 with certificates on both sides, judged by nothing but the hash of their keys.
struct PinnedTLS: Sendable {
    private let serverContext: NIOSSLContext
    private let clientContext: NIOSSLContext

    init(_ identity: TLSIdentity) throws {
        let certificate = try NIOSSLCertificate(bytes: identity.certificate, format: .der)
        var server = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(certificate)], privateKey: .privateKey(identity.privateKey))
        var client = TLSConfiguration.makeClientConfiguration()
        client.certificateChain = [.certificate(certificate)]
        client.privateKey = .privateKey(identity.privateKey)
        Self.restrict(&server)
        Self.restrict(&client)
        serverContext = try NIOSSLContext(configuration: server)
        clientContext = try NIOSSLContext(configuration: client)
    }

    func server(accepts: @escaping @Sendable (Digest) -> Bool) -> NIOSSLServerHandler {
        NIOSSLServerHandler(context: serverContext) { chain, promise in
            promise.succeed(Self.judge(chain, accepts))
        }
    }

    func client(accepts: @escaping @Sendable (Digest) -> Bool) throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: clientContext, serverHostname: nil) { chain, promise in
            promise.succeed(Self.judge(chain, accepts))
        }
    }

    private static func restrict(_ configuration: inout TLSConfiguration) {
        configuration.minimumTLSVersion = .tlsv13
        // Makes the server ask for a certificate; the verdict is ours alone, so no roots are needed.
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates([])
        configuration.shutdownTimeout = .seconds(1)
    }

    private static func judge(_ chain: [NIOSSLCertificate], _ accepts: (Digest) -> Bool) -> NIOSSLVerificationResult {
        guard let leaf = chain.first, let hash = TLSIdentity.keyHash(of: leaf) else { return .failed }
        return accepts(hash) ? .certificateVerified : .failed
    }
}
