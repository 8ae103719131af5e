package import Consensus
package import Cryptography

/// Signatures that cost a hash: who may sign is a matter of who holds the ``Signer``, not of arithmetic.
package struct SymbolicKeys: VoteVerifier {
    private let secrets: [[UInt8]]
    /// Whose secret is checked at which place; in the first epoch each one's own.
    private var places: [Int]

    /// - Parameter count: How many validators there are.
    package init(count: Int) {
        secrets = (0..<count).map { [UInt8](repeating: UInt8($0 + 1), count: 8) }
        places = Array(0..<count)
    }

    package func serving(_ validators: ValidatorSet) -> any VoteVerifier {
        var other = self
        other.places = validators.keys.map { key in
            guard let place = Self.keys.firstIndex(of: key), place < secrets.count else {
                preconditionFailure("the simulation's validators have its keys")
            }
            return place
        }
        return other
    }

    /// The key that stands for a machine.
    package static func key(_ index: Int) -> PublicKey { keys[index] }

    /// The signer of one validator.
    package func signer(_ index: Int) -> Signer { Signer(secret: secrets[index]) }

    package func isValid(_ signature: Signature, of digest: Digest, by signer: ValidatorIndex) -> Bool {
        signature == Self.signature(over: digest, with: secrets[places[signer.rawValue]])
    }

    /// Signs for one validator.
    package struct Signer: VoteSigner {
        fileprivate let secret: [UInt8]

        package func sign(_ digest: Digest) -> Signature { SymbolicKeys.signature(over: digest, with: secret) }
    }

    private static func signature(over digest: Digest, with secret: [UInt8]) -> Signature {
        // r is a hash below the group order, s is 1: a value of the type that no curve operation made.
        var bytes = Digest.sha256(secret + digest.bytes).bytes
        bytes[0] &= 0x7f
        guard let signature = Signature(bytes + [UInt8](repeating: 0, count: 31) + [1]) else {
            preconditionFailure("a hash below the order and 1 make a signature's form")
        }
        return signature
    }

    /// A validator set of this size; its keys stand for places only.
    package static func validators(_ count: Int) -> ValidatorSet {
        guard let set = ValidatorSet(Array(keys.prefix(count))) else {
            preconditionFailure("1 to \(keys.count) different keys make a set")
        }
        return set
    }

    /// The key behind ``key(_:)``, for what is signed outside of consensus.
    package static func signing(_ index: Int) -> SigningKey {
        guard let key = SigningKey(SecretBytes(copying: [UInt8](repeating: UInt8(index + 1), count: 32))) else {
            preconditionFailure("a small number is a key")
        }
        return key
    }

    private static let keys: [PublicKey] = (0..<31).map { signing($0).publicKey }
}
