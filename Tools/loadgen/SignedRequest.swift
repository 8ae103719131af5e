import API
import Client
import Cryptography
import Foundation
import HTTPTypes

extension API.Request {
    /// The headers with which a node believes who asks: RFC 9421, signed now.
    func signedHeaders(by key: SigningKey, to node: NodeAddress) -> [(String, String)] {
        var head = HTTPRequest(
            method: method, scheme: "https", authority: String(node.url.dropFirst("https://".count)), path: target)
        MessageSignature.sign(&head, body: nil, with: key, created: Int64(Date().timeIntervalSince1970))
        return head.headerFields.map { ($0.name.rawName, $0.value) }
    }
}
