internal import AsyncHTTPClient
internal import Codec
internal import Cryptography
internal import Foundation
public import Ledger
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Why a gateway's signature could not be had.
public enum GatewayFailure: Error, Hashable, Sendable {
    /// The address is not `https://host:port`.
    case badAddress(String)
    /// The certificate file is not there or holds none.
    case badCertificate(String)
    /// It cannot be reached, or shows another certificate.
    case unreachable(String)
    /// It refused.
    case refused(GatewayRefusal)
    /// What it sent back is not the transaction with more signatures.
    case malformedAnswer
}

extension GatewayFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badAddress(let url): "\(url) is no gateway's address: https://host:port"
        case .badCertificate(let path): "\(path) holds no certificate"
        case .unreachable(let why): "the gateway does not answer: \(why)"
        case .refused(let refusal): refusal.explanation
        case .malformedAnswer: "the gateway's answer is not the transaction with its signature"
        }
    }
}

/// Asks an organisation's gateway to sign.
public struct GatewayClient: Sendable {
    private let url: String
    private let certificates: [NIOSSLCertificate]

    /// - Parameters:
    ///   - url: `https://host:port`.
    ///   - certificateFile: The gateway's certificate, PEM: the only one that is believed.
    public init(url: String, certificateFile: String) throws(GatewayFailure) {
        let trimmed = url.hasSuffix("/") ? String(url.dropLast()) : url
        guard trimmed.hasPrefix("https://"), trimmed.utf8.count > 8, !trimmed.dropFirst(8).contains("/") else {
            throw .badAddress(url)
        }
        guard let found = try? NIOSSLCertificate.fromPEMFile(certificateFile), !found.isEmpty else {
            throw .badCertificate(certificateFile)
        }
        self.url = trimmed
        certificates = found
    }

    /// Sends a transaction that this member's device has signed, with a code, and returns it with the organisation's
    /// signatures.
    public func cosign(_ transaction: Transaction, code: String) async throws(GatewayFailure) -> Transaction {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5), read: .seconds(30)))
        configuration.httpVersion = .http1Only
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<Transaction, GatewayFailure>
        do throws(GatewayFailure) {
            result = .success(try await cosign(transaction, code: code, over: client))
        } catch { result = .failure(error) }
        try? await client.shutdown()
        return try result.get()
    }

    private func cosign(
        _ transaction: Transaction, code: String, over client: HTTPClient
    ) async throws(GatewayFailure) -> Transaction {
        let (status, body) = try await exchange(CosignRequest(transaction: transaction, code: code).encoded, client)
        guard status == 200 else { throw Self.refusal(body) }
        guard let signed = try? Transaction(decoding: body), signed.id == transaction.id, signed.verifySignatures(),
            Set(signed.signers).isSuperset(of: transaction.signers), signed.signers.count > transaction.signers.count
        else { throw .malformedAnswer }
        return signed
    }

    private func exchange(_ body: [UInt8], _ client: HTTPClient) async throws(GatewayFailure) -> (UInt, [UInt8]) {
        var request = HTTPClientRequest(url: url + "/v1/cosign")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/cbor")
        request.body = .bytes(ByteBuffer(bytes: body))
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv13
        tls.trustRoots = .certificates(certificates)
        // The certificate itself is pinned.
        tls.certificateVerification = .noHostnameVerification
        request.tlsConfiguration = tls
        do {
            let response = try await client.execute(request, timeout: .seconds(30))
            let answer = try await response.body.collect(upTo: CosignRequest.maximumBytes)
            return (response.status.code, Array(answer.readableBytesView))
        } catch { throw .unreachable("\(error)") }
    }

    private static func refusal(_ body: [UInt8]) -> GatewayFailure {
        let problem = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        guard let type = problem?["type"] as? String, let name = type.split(separator: ":").last,
            let refusal = GatewayRefusal(rawValue: String(name))
        else { return .malformedAnswer }
        return .refused(refusal)
    }
}
