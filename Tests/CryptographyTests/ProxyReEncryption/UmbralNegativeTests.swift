import Codec
import Cryptography
import Testing

@Suite("Umbral: everything that must be refused", .needsUmbralVectors)
struct UmbralNegativeTests {
    static let all = UmbralVectors.shared?.negative ?? []

    static func base(of vector: UmbralVectors.Negative) throws -> UmbralVectors.Case {
        try #require(UmbralVectors.shared?.cases.first { $0.id == vector.baseCase })
    }

    /// The keys of the base case, but for those that the vector replaces.
    static func keys(of vector: UmbralVectors.Negative) throws -> DelegationKeys {
        let keys = try base(of: vector).keys
        return DelegationKeys(
            delegating: vector.delegatingPk.flatMap { PublicKey($0.bytes) } ?? keys.delegating,
            verifying: vector.verifyingPk.flatMap { PublicKey($0.bytes) } ?? keys.verifying,
            receiving: vector.receivingPk.flatMap { PublicKey($0.bytes) } ?? keys.receiving)
    }

    @Test func `each negative is of one of the three kinds`() {
        #expect(!Self.all.isEmpty)
        for vector in Self.all {
            #expect([vector.cfrag != nil, vector.kfrag != nil, vector.cfrags != nil].count { $0 } == 1)
            #expect(vector.oursMust.hasPrefix("reject"))
        }
    }

    @Test(arguments: all.filter { $0.cfrag != nil })
    func `a wrong re-encryption is refused`(vector: UmbralVectors.Negative) throws {
        let base = try Self.base(of: vector)
        let keys = try Self.keys(of: vector)
        let bytes = try #require(vector.cfrag).bytes
        let capsule = try Capsule(parsing: (vector.capsule ?? base.capsule).bytes)
        if vector.stage == "parse" {
            #expect(throws: DecodingFailure.self) { try CapsuleFragment(parsing: bytes) }
            return
        }
        if vector.stage == "capsule-parse" { #expect(!capsule.isConsistent(in: vector.profile)) }
        #expect(throws: (any Error).self) {
            try CapsuleFragment(parsing: bytes).verify(for: capsule, keys: keys, profile: vector.profile)
        }
    }

    @Test(arguments: all.filter { $0.kfrag != nil })
    func `a wrong key fragment is refused`(vector: UmbralVectors.Negative) throws {
        let bytes = try #require(vector.kfrag).secret
        if vector.stage == "parse" {
            #expect(throws: DecodingFailure.self) { try KeyFragment(parsing: bytes) }
            return
        }
        guard vector.receivingPk != nil else {
            // Verification without the receiving key cannot be asked for: it is not optional.
            #expect(vector.id.hasSuffix("no-receiver"))
            return
        }
        let keys = try Self.keys(of: vector)
        #expect(throws: (any Error).self) {
            try KeyFragment(parsing: bytes).verify(keys: keys, profile: vector.profile)
        }
    }

    @Test(arguments: all.filter { $0.cfrags != nil })
    func `a wrong set of re-encryptions does not open`(vector: UmbralVectors.Negative) throws {
        let base = try Self.base(of: vector)
        let keys = try base.keys
        let capsule = try Capsule(parsing: base.capsule.bytes)
        let receiver = try #require(ReceivingKey((vector.receivingSk ?? base.receivingSk).secret))
        // Each of them is right by itself.
        let fragments = try #require(vector.cfrags).map {
            try CapsuleFragment(parsing: $0.bytes).verify(for: capsule, keys: keys, profile: vector.profile)
        }
        let failure = #expect(throws: OpeningFailure.self) {
            try receiver.open(capsule, with: fragments, profile: vector.profile)
        }
        switch vector.expect {
        case "empty": #expect(failure == .noFragments)
        case "repeating": #expect(failure == fragments.first.map { .repeatedFragment($0.fragment.id) })
        case "mismatched": #expect(failure == .mismatchedFragments)
        default: #expect(failure == .fragmentsDoNotOpen)
        }
    }
}
