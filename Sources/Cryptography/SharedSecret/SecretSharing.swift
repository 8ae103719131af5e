/// Shamir's secret sharing in two levels: groups, and members of each group (SLIP-0039).
public enum SecretSharing {
    /// How many shares a group has, and how many of them give its part.
    public struct Group: Hashable, Sendable {
        /// How many are needed.
        public let threshold: Int
        /// How many there are.
        public let count: Int

        /// - Returns: Nothing unless 1 to 16 shares are needed of at most 16, and one is not enough of several.
        public init?(threshold: Int, count: Int) {
            guard (1...16).contains(count), (1...count).contains(threshold), threshold > 1 || count == 1 else {
                return nil
            }
            self.threshold = threshold
            self.count = count
        }
    }

    /// What all shares of a set have in common.
    struct Parameters {
        let identifier: Int
        let isExtendable: Bool
        let iterationExponent: Int
        let groupThreshold: Int
        let groupCount: Int

        /// Older sets bind the passphrase to the identifier.
        var salt: [UInt8] {
            isExtendable ? [] : Array("shamir".utf8) + [UInt8(identifier >> 8), UInt8(identifier & 255)]
        }
    }

    private static let secretPlace: UInt8 = 255
    private static let digestPlace: UInt8 = 254
    private static let digestLength = 4

    /// Shares a secret.
    ///
    /// - Parameters:
    ///   - groupThreshold: How many groups restore it.
    ///   - passphrase: Printable ASCII. Another one restores another secret, and nothing tells which is right.
    ///   - iterationExponent: What a guess costs: 10 000 rounds of PBKDF2 times two to this, 0 to 15.
    /// - Returns: The shares of each group.
    public static func split(
        _ secret: SecretBytes, groupThreshold: Int = 1, groups: [Group], passphrase: String = "",
        iterationExponent: Int = 1, isExtendable: Bool = true
    ) throws(RecoveryShareFailure) -> [[RecoveryShare]] {
        guard (16...64).contains(secret.count), secret.count.isMultiple(of: 2) else { throw .unsupportedSecret }
        guard (1...16).contains(groups.count), (1...groups.count).contains(groupThreshold),
            (0...15).contains(iterationExponent)
        else { throw .unsupportedGroups }
        let random = SystemRandom.bytes(2)
        let set = Parameters(
            identifier: Int(random[0] & 127) << 8 | Int(random[1]), isExtendable: isExtendable,
            iterationExponent: iterationExponent, groupThreshold: groupThreshold, groupCount: groups.count)
        let encrypted = ShareCipher.encrypt(
            secret, passphrase: try bytes(of: passphrase), exponent: iterationExponent, salt: set.salt)
        let parts = points(of: encrypted, threshold: groupThreshold, count: groups.count)
        return zip(groups, parts).enumerated().map { index, pair in
            points(of: pair.1, threshold: pair.0.threshold, count: pair.0.count).enumerated().map { member, value in
                RecoveryShare(set, group: (index, pair.0.threshold), member: member, value: value)
            }
        }
    }

    /// Restores what was shared. Shares beyond those that are needed must fit the others.
    ///
    /// - Parameter passphrase: A wrong one gives a wrong secret, not a failure.
    public static func combine(
        _ shares: [RecoveryShare], passphrase: String = ""
    ) throws(RecoveryShareFailure) -> SecretBytes {
        guard let first = shares.first else { throw .tooFewGroups(complete: 0, needed: 1) }
        guard shares.allSatisfy({ $0.isOfSet(first) }) else { throw .differentSets }
        let passphrase = try bytes(of: passphrase)
        var parts: [(x: UInt8, values: SecretBytes)] = []
        for index in 0..<first.groupCount {
            let members = shares.filter { $0.groupIndex == index }
            if let part = try part(of: members) { parts.append((UInt8(index), part)) }
        }
        guard parts.count >= first.groupThreshold else {
            throw .tooFewGroups(complete: parts.count, needed: first.groupThreshold)
        }
        let encrypted = try secret(of: parts, threshold: first.groupThreshold)
        let set = Parameters(
            identifier: first.identifier, isExtendable: first.isExtendable,
            iterationExponent: first.iterationExponent, groupThreshold: first.groupThreshold,
            groupCount: first.groupCount)
        return ShareCipher.decrypt(
            encrypted, passphrase: passphrase, exponent: first.iterationExponent, salt: set.salt)
    }

    /// A group's part; nothing while it has too few shares.
    private static func part(of members: [RecoveryShare]) throws(RecoveryShareFailure) -> SecretBytes? {
        guard let first = members.first else { return nil }
        var points: [(x: UInt8, values: SecretBytes)] = []
        for member in members {
            guard member.memberThreshold == first.memberThreshold else {
                throw .differentThresholds(group: first.groupIndex)
            }
            if let known = points.first(where: { $0.x == UInt8(member.memberIndex) }) {
                guard known.values == member.value else { throw .repeatedPlace(group: first.groupIndex) }
            } else {
                points.append((UInt8(member.memberIndex), member.value))
            }
        }
        guard points.count >= first.memberThreshold else { return nil }
        return try secret(of: points, threshold: first.memberThreshold)
    }

    /// The values at the places 0 to `count` - 1 of random polynomials with the secret at 255 and, so that an altered
    /// share is noticed, its digest at 254.
    private static func points(of secret: SecretBytes, threshold: Int, count: Int) -> [SecretBytes] {
        if threshold == 1 { return Array(repeating: secret, count: count) }
        var base = (0..<(threshold - 2)).map { (x: UInt8($0), values: SecretBytes.random(count: secret.count)) }
        let key = SecretBytes.random(count: secret.count - digestLength)
        base.append((digestPlace, digest(of: secret, key: key)))
        base.append((secretPlace, secret))
        return (0..<count).map { GaloisField.interpolate(base, at: UInt8($0)) }
    }

    /// What stands at 255, its digest checked.
    private static func secret(
        of points: [(x: UInt8, values: SecretBytes)], threshold: Int
    ) throws(RecoveryShareFailure) -> SecretBytes {
        let needed = Array(points.prefix(threshold))
        for extra in points.dropFirst(threshold) {
            guard GaloisField.interpolate(needed, at: extra.x) == extra.values else { throw .wrongDigest }
        }
        if threshold == 1 { return needed[0].values }
        let secret = GaloisField.interpolate(needed, at: secretPlace)
        let found = GaloisField.interpolate(needed, at: digestPlace)
        let key = found.withUnsafeBytes { SecretBytes(copying: $0.dropFirst(digestLength)) }
        guard digest(of: secret, key: key) == found else { throw .wrongDigest }
        return secret
    }

    /// The first 4 bytes of HMAC-SHA256 over the secret, then the key.
    private static func digest(of secret: SecretBytes, key: SecretBytes) -> SecretBytes {
        let code = SecretBytes(count: 32) { (out: UnsafeMutableRawBufferPointer) in
            key.withUnsafeBytes { key in
                secret.withUnsafeBytes { secret in
                    if let base = out.baseAddress { OpenSSL.hmacSHA256(key: key, message: secret, into: base) }
                }
            }
        }
        return SecretBytes(count: digestLength + key.count) { (out: UnsafeMutableRawBufferPointer) in
            code.withUnsafeBytes { code in for index in 0..<digestLength { out[index] = code[index] } }
            key.withUnsafeBytes { key in for index in 0..<key.count { out[digestLength + index] = key[index] } }
        }
    }

    private static func bytes(of passphrase: String) throws(RecoveryShareFailure) -> [UInt8] {
        guard passphrase.utf8.allSatisfy({ (32...126).contains($0) }) else { throw .unsupportedPassphrase }
        return Array(passphrase.utf8)
    }
}
