import Codec
import Cryptography
import Ledger

/// What somebody can try who has every transaction of a chain, and knows all categories and all patients.
struct ChainAttack {
    let transactions: [Transaction]
    /// Names of patients, categories, and whatever else the attacker knows or guesses.
    let knowledge: [String]

    /// Everything known that stands on the chain: as it is, in other spellings, as hexadecimal, or as a hash that needs no
    /// secret. Nothing should.
    var recognised: [String] {
        let chain = transactions.map(\.bytes)
        let values = Set(transactions.flatMap { Self.strings($0) })
        return knowledge.filter { text in
            let spellings = [text, text.lowercased(), text.uppercased()].map { Array($0.utf8) }
            let isWritten = spellings.contains { spelling in
                chain.contains { Self.contains($0, spelling) || Self.contains($0, Array(spelling.hex.utf8)) }
            }
            return isWritten || spellings.contains { !values.isDisjoint(with: Self.hashes($0)) }
        }
    }

    /// The values of at least 8 bytes that operations on two scopes have in common.
    func shared(_ one: ScopeID, _ other: ScopeID) -> Set<[UInt8]> {
        strings(of: one).intersection(strings(of: other))
    }

    /// Everything that stands in transactions which a scope's key has signed or which name the scope.
    private func strings(of scope: ScopeID) -> Set<[UInt8]> {
        Set(
            transactions.filter { transaction in
                transaction.signers.contains { ScopeID($0) == scope } || Self.contains(transaction.bytes, scope.bytes)
            }.flatMap { Self.strings($0) })
    }

    /// The hashes that anybody can compute: bare, in each domain whose inputs they know, twice.
    private static func hashes(_ bytes: [UInt8]) -> Set<[UInt8]> {
        var hashes: Set<[UInt8]> = [Digest.sha256(bytes).bytes, Digest.sha256(Digest.sha256(bytes).bytes).bytes]
        let domains = [
            Domain("scope"), Domain("category"), Domain("patient"), Domain("operation"), Domain("registration-number"),
            Domain("organization"), Domain("staff"), Domain("transaction"), Domain("family-name"), Domain("name-key"),
        ]
        for domain in domains { hashes.insert(Digest.hash(bytes, in: domain).bytes) }
        return hashes
    }

    /// Every string of a transaction, whatever its place.
    private static func strings(_ transaction: Transaction) -> [[UInt8]] {
        guard let value = try? CBORValue(decoding: transaction.bytes) else { return [] }
        return strings(value)
    }

    private static func strings(_ value: CBORValue) -> [[UInt8]] {
        switch value {
        case .bytes(let bytes):
            // A string may hold an encoding of its own, as the payload does.
            if let inner = try? CBORValue(decoding: bytes), !strings(inner).isEmpty { return strings(inner) }
            return bytes.count >= 8 ? [bytes] : []
        case .text(let text): return text.utf8.count >= 8 ? [Array(text.utf8)] : []
        case .array(let items): return items.flatMap(strings)
        case .map(let pairs): return pairs.flatMap { strings($0.key) + strings($0.value) }
        case .tagged(_, let item): return strings(item)
        case .unsigned, .negative, .simple: return []
        }
    }

    private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard let first = part.first, bytes.count >= part.count else { return false }
        return bytes.indices.dropLast(part.count - 1).contains { start in
            bytes[start] == first && bytes[start..<(start + part.count)].elementsEqual(part)
        }
    }
}
