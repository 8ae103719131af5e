internal import Codec
internal import Cryptography

/// The nonces of the requests that a node has accepted lately, so that none is accepted twice.
///
/// A signature is good for at most twice ``MessageSignature/maximumSkew`` after it was first seen; nonces are kept that
/// long in two generations and then dropped together. Memory is bounded, in all and for each key: a key that floods the
/// node is refused before it pushes out the others.
public struct ReplayCache: Sendable {
    private struct Generation {
        var nonces: Set<Digest> = []
        var counts: [PublicKey: Int] = [:]
    }

    private let capacity: Int
    private let capacityPerKey: Int
    private var current = Generation()
    private var previous = Generation()
    private var started: Int64 = .min

    /// - Parameters:
    ///   - capacity: The most nonces of a generation (4 minutes); each takes about 64 bytes.
    ///   - capacityPerKey: The most of one key.
    public init(capacity: Int = 1 << 18, capacityPerKey: Int = 1 << 15) {
        self.capacity = capacity
        self.capacityPerKey = capacityPerKey
    }

    /// Accepts a request once.
    ///
    /// - Parameter now: Seconds since 1970, the same clock as ``MessageSignature/verify(_:authorities:now:)``.
    public mutating func admit(_ request: SignedRequest, now: Int64) throws(MessageSignatureFailure) {
        turn(now)
        let name = Digest.hash(request.key.bytes + Array(request.nonce.utf8), in: Self.domain)
        guard !current.nonces.contains(name), !previous.nonces.contains(name) else { throw .replayed }
        guard current.nonces.count < capacity, current.counts[request.key, default: 0] < capacityPerKey else {
            throw .tooMany
        }
        current.nonces.insert(name)
        current.counts[request.key, default: 0] += 1
    }

    private static let domain = Domain("request-nonce")
    private static let lifetime = 2 * MessageSignature.maximumSkew

    private mutating func turn(_ now: Int64) {
        guard started != .min else {
            started = now
            return
        }
        let age = now - started
        guard age > Self.lifetime else { return }
        previous = age > 2 * Self.lifetime ? Generation() : current
        current = Generation()
        started = now
    }
}
