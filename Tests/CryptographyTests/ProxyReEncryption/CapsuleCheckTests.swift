import Codec
import Cryptography
import Testing

@Suite("Umbral: the check of a capsule")
struct CapsuleCheckTests {
    private func scalar(_ name: String) throws -> Scalar {
        try #require(Scalar(Digest.sha256(Array(name.utf8)).bytes))
    }

    @Test func `the difference in one pass is the one in two`() throws {
        for number in 0..<200 {
            let (base, factor) = (try scalar("base \(number)"), try scalar("factor \(number)"))
            let point = Point(base: try scalar("point \(number)"))
            let expected = try #require(Point(base: base).adding(point.multiplied(by: try negated(factor))))
            #expect(Point.difference(base: base, point, times: factor) == expected, "\(number)")
        }
    }

    @Test func `a difference that is infinity is left to the long way`() throws {
        let (factor, logarithm) = (try scalar("factor"), try scalar("logarithm"))
        let product = factor.asSecret.multiplied(by: logarithm.asSecret)
        let base = try #require(product.bytes.withUnsafeBytes { Scalar(Array($0)) })
        #expect(Point.difference(base: base, Point(base: logarithm), times: factor) == nil)
    }

    @Test func `a capsule with a point's mirror image is refused`() throws {
        for _ in 0..<20 {
            let capsule = Encapsulation(for: DelegatingKey.random().publicKey).capsule
            #expect(capsule.isConsistent)
            for place in [0, Point.length] {
                var bytes = capsule.bytes
                bytes[place] ^= 1
                #expect(try !Capsule(parsing: bytes).isConsistent)
            }
        }
    }

    @Test func `a capsule's parts do not go together with another's`() throws {
        let (one, other) = (
            Encapsulation(for: DelegatingKey.random().publicKey).capsule.bytes,
            Encapsulation(for: DelegatingKey.random().publicKey).capsule.bytes
        )
        for range in [0..<33, 33..<66, 66..<98] {
            var bytes = one
            bytes.replaceSubrange(range, with: other[range])
            #expect(try !Capsule(parsing: bytes).isConsistent)
        }
    }

    private func negated(_ scalar: Scalar) throws -> Scalar {
        try #require(scalar.asSecret.negated.bytes.withUnsafeBytes { Scalar(Array($0)) })
    }
}
