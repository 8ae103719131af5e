import Cryptography

/// The three hashes of the state tree. Each has its own domain, so that none can be taken for another.
enum TreeHash {
    private static let valueDomain = Domain("state-value")
    private static let leafDomain = Domain("state-leaf")
    private static let branchDomain = Domain("state-branch")

    /// What a leaf commits to, so that a proof of absence need not disclose a neighbour's value.
    static func value(_ value: [UInt8]) -> Digest { .hash(value, in: valueDomain) }

    static func leaf(_ key: StateKey, valueHash: Digest) -> Digest { .hash(key.digest, valueHash, in: leafDomain) }

    static func branch(_ left: Digest, _ right: Digest) -> Digest { .hash(left, right, in: branchDomain) }
}
