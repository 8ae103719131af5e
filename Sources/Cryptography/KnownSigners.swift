internal import Synchronization

/// The keys that signed envelopes lately, parsed.
///
/// The same devices, hospitals and patients sign again and again, and putting a key on the curve costs 5 µs. Only a key
/// that parsed is kept, under its 33 bytes: whoever fills this with keys of their own makes others parse again, no more.
enum KnownSigners {
    /// Keys in one generation, of which there are two; about 200 bytes each.
    private static let generationLimit = 4096

    private struct Name: Hashable {
        let prefix: UInt8
        let x: Digest
    }

    private struct Generations {
        var young: [Name: PublicKey] = [:]
        var old: [Name: PublicKey] = [:]

        mutating func keep(_ key: PublicKey, _ name: Name) {
            if young.count == generationLimit {
                swap(&old, &young)
                young.removeAll(keepingCapacity: true)
            }
            young[name] = key
        }
    }

    private static let generations = Mutex(Generations())

    /// The key with these 33 bytes; nothing when they are none.
    static func key(_ bytes: UnsafeRawBufferPointer) -> PublicKey? {
        guard bytes.count == PublicKey.length, let base = bytes.baseAddress else { return nil }
        let name = Name(prefix: bytes[0], x: Digest(at: base + 1))
        let known = generations.withLock { generations -> PublicKey? in
            if let key = generations.young[name] { return key }
            guard let key = generations.old[name] else { return nil }
            generations.keep(key, name)
            return key
        }
        if let known { return known }
        guard let key = PublicKey(compressed: bytes) else { return nil }
        generations.withLock { $0.keep(key, name) }
        return key
    }
}
