import Cryptography
import Testing

@Suite("Recovery shares: SLIP-0039")
struct RecoveryShareTests {
    private func combine(_ phrases: [String], passphrase: String = "TREZOR") throws -> SecretBytes {
        try SecretSharing.combine(try phrases.map { try RecoveryShare(phrase: $0) }, passphrase: passphrase)
    }

    @Test(arguments: RecoveryShareVectors.official + RecoveryShareVectors.reference)
    func `a vector restores its secret, or is refused`(_ vector: RecoveryShareVectors.Vector) throws {
        if let secret = vector.secret {
            #expect(try combine(vector.shares).copy().hex == secret, "\(vector.name)")
            #expect(try vector.shares.map { try RecoveryShare(phrase: $0).phrase } == vector.shares)
        } else {
            #expect(throws: RecoveryShareFailure.self, "\(vector.name)") { try combine(vector.shares) }
        }
    }

    @Test func `each refusal has its reason`() throws {
        func reason(_ name: String) -> RecoveryShareFailure? {
            let vector = RecoveryShareVectors.official.first { $0.name == name }
            do throws(RecoveryShareFailure) {
                var shares: [RecoveryShare] = []
                for phrase in vector?.shares ?? [] { shares.append(try RecoveryShare(phrase: phrase)) }
                _ = try SecretSharing.combine(shares, passphrase: "TREZOR")
                return nil
            } catch { return error }
        }
        #expect(reason("invalid checksum") == .wrongChecksum)
        #expect(reason("invalid padding") == .invalidPadding)
        #expect(reason("one of two shares") == .tooFewGroups(complete: 0, needed: 1))
        #expect(reason("different identifiers") == .differentSets)
        #expect(reason("different iteration exponents") == .differentSets)
        #expect(reason("mismatching group counts") == .differentSets)
        #expect(reason("greater group threshold than group counts") == .invalidGroups)
        #expect(reason("duplicate member indices") == .repeatedPlace(group: 0))
        #expect(reason("mismatching member thresholds") == .differentThresholds(group: 0))
        #expect(reason("invalid digest") == .wrongDigest)
        #expect(reason("insufficient number of groups, case 1") == .tooFewGroups(complete: 1, needed: 2))
        #expect(reason("insufficient length") == .unsupportedLength(words: 19))
        #expect(reason("invalid master secret length") == .unsupportedLength(words: 21))
    }

    @Test(arguments: [16, 18, 32, 64]) func `any three of five restore the secret, no two do`(_ length: Int) throws {
        let secret = SecretBytes.random(count: length)
        let group = try #require(SecretSharing.Group(threshold: 3, count: 5))
        let shares = try SecretSharing.split(secret, groups: [group], passphrase: "p", iterationExponent: 0)[0]
        for (first, second, third) in [(0, 1, 2), (4, 2, 0), (1, 3, 4)] {
            let chosen = [shares[first], shares[second], shares[third]]
            #expect(try SecretSharing.combine(chosen, passphrase: "p") == secret)
            #expect(throws: RecoveryShareFailure.tooFewGroups(complete: 0, needed: 1)) {
                try SecretSharing.combine(Array(chosen.prefix(2)), passphrase: "p")
            }
        }
        #expect(try SecretSharing.combine(shares + shares, passphrase: "p") == secret)
        // Nothing tells that the passphrase is wrong: somebody who is made to give one can give another.
        #expect(try SecretSharing.combine(shares, passphrase: "q") != secret)
    }

    @Test func `groups: two of a safe, a family and friends`() throws {
        let secret = SecretBytes.random(count: 32)
        let groups = try [(1, 1), (2, 3), (3, 5)].map { try #require(SecretSharing.Group(threshold: $0, count: $1)) }
        let shares = try SecretSharing.split(secret, groupThreshold: 2, groups: groups, iterationExponent: 0)
        #expect(shares.map(\.count) == [1, 3, 5])
        #expect(try SecretSharing.combine(shares[0] + shares[1].prefix(2)) == secret)
        #expect(try SecretSharing.combine(shares[1].suffix(2) + shares[2].suffix(3)) == secret)
        // A share too few in one of them does not matter while two others are complete.
        #expect(try SecretSharing.combine(shares[0] + shares[1].prefix(2) + shares[2].prefix(1)) == secret)
        #expect(throws: RecoveryShareFailure.tooFewGroups(complete: 1, needed: 2)) {
            try SecretSharing.combine(shares[0] + shares[2].prefix(2))
        }
    }

    @Test func `a changed word, swapped words and a word of another list are noticed`() throws {
        let phrase = RecoveryShareVectors.official[0].shares[0]
        var words = phrase.split(separator: " ").map(String.init)
        for position in words.indices {
            var changed = words
            changed[position] = changed[position] == "academic" ? "acid" : "academic"
            #expect(throws: RecoveryShareFailure.wrongChecksum) {
                try RecoveryShare(phrase: changed.joined(separator: " "))
            }
        }
        words.swapAt(4, 5)
        #expect(throws: RecoveryShareFailure.wrongChecksum) { try RecoveryShare(phrase: words.joined(separator: " ")) }
        words[6] = "abandon"
        #expect(throws: RecoveryShareFailure.unknownWord(position: 7)) {
            try RecoveryShare(phrase: words.joined(separator: " "))
        }
        #expect(try RecoveryShare(phrase: "  " + phrase.uppercased() + "\n").phrase == phrase)
    }

    @Test func `bounds: secrets, groups, passphrases and lengths one beyond`() throws {
        #expect(SecretSharing.Group(threshold: 1, count: 2) == nil)
        #expect(SecretSharing.Group(threshold: 17, count: 17) == nil)
        #expect(SecretSharing.Group(threshold: 3, count: 2) == nil)
        #expect(SecretSharing.Group(threshold: 0, count: 1) == nil)
        let group = try #require(SecretSharing.Group(threshold: 2, count: 3))
        for length in [14, 17, 66] {
            #expect(throws: RecoveryShareFailure.unsupportedSecret) {
                try SecretSharing.split(.random(count: length), groups: [group])
            }
        }
        #expect(throws: RecoveryShareFailure.unsupportedGroups) {
            try SecretSharing.split(.random(count: 16), groups: Array(repeating: group, count: 17))
        }
        #expect(throws: RecoveryShareFailure.unsupportedGroups) {
            try SecretSharing.split(.random(count: 16), groupThreshold: 2, groups: [group])
        }
        #expect(throws: RecoveryShareFailure.unsupportedGroups) {
            try SecretSharing.split(.random(count: 16), groups: [group], iterationExponent: 16)
        }
        #expect(throws: RecoveryShareFailure.unsupportedPassphrase) {
            try SecretSharing.split(.random(count: 16), groups: [group], passphrase: "é")
        }
        let long = Array(repeating: "academic", count: RecoveryShare.maximumWords + 1).joined(separator: " ")
        #expect(throws: RecoveryShareFailure.unsupportedLength(words: 60)) { try RecoveryShare(phrase: long) }
        #expect(throws: RecoveryShareFailure.tooFewGroups(complete: 0, needed: 1)) { try SecretSharing.combine([]) }
    }

    @Test func `nothing of a share is shown`() throws {
        let share = try RecoveryShare(phrase: RecoveryShareVectors.official[0].shares[0])
        #expect("\(share)" == "share 1 of group 1, of which 1 are needed")
        #expect(!"\(Mirror(reflecting: share).children.count)".isEmpty && Mirror(reflecting: share).children.isEmpty)
    }
}
