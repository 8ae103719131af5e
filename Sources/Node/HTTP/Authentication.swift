internal import API
internal import ChainStorage
internal import Cryptography
internal import Foundation
internal import HTTPTypes
internal import Ledger
internal import Synchronization

/// Finds out who signed a request (RFC 9421), and that they have not sent it before.
final class Authentication: Sendable {
    private let reads: ChainReads
    private let roster: Roster
    private let fallback: Set<String>
    private let cached = Mutex<(url: String, authorities: Set<String>)?>(nil)
    private let replays = Mutex(ReplayCache())

    init(_ node: NodeCore) {
        reads = node.reads
        roster = node.roster
        fallback = Self.authorities(of: "https://\(node.apiListen)")
    }

    /// The names under which this node is reached: those of its card, or of the address that it listens on while the chain
    /// has no card of it.
    private var authorities: Set<String> {
        guard let url = roster.own?.apiURL else { return fallback }
        return cached.withLock { cached in
            if let cached, cached.url == url { return cached.authorities }
            let authorities = Self.authorities(of: url)
            cached = (url, authorities)
            return authorities
        }
    }

    /// The holder of the key on the chain that signed the request.
    ///
    /// - Throws: A problem; a key that is on nobody's record is as good as no signature.
    func requester(of request: HTTPRequest, body: [UInt8]) throws -> Requester {
        let now = Int64(Date.now.timeIntervalSince1970)
        let signed: SignedRequest
        do throws(MessageSignatureFailure) {
            signed = try MessageSignature.verify(request, authorities: authorities, now: now)
            if let digest = signed.body, digest != .sha256(body) { throw .invalid }
        } catch { throw error.problem }
        guard let requester = Requester(key: KeyID(signed.key), over: reads.store, at: reads.tip) else {
            throw Problem(.signatureInvalid, "The key is not on the chain, or may not be used now.")
        }
        // Only now: a stranger cannot fill the cache.
        do throws(MessageSignatureFailure) {
            try replays.withLock { (cache) throws(MessageSignatureFailure) in try cache.admit(signed, now: now) }
        } catch { throw error.problem }
        return requester
    }

    /// The names under which clients reach `url`: with the port, and without it where it is the scheme's own.
    static func authorities(of url: String) -> Set<String> {
        var authority = url.lowercased()
        if authority.hasPrefix("https://") { authority.removeFirst("https://".count) }
        authority = String(authority.prefix { $0 != "/" })
        if authority.hasSuffix(":443") { return [authority, String(authority.dropLast(4))] }
        return authority.contains(":") ? [authority] : [authority, authority + ":443"]
    }
}
