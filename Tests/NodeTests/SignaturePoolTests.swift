import Cryptography
import Node
import Testing

@Suite("SignaturePool")
struct SignaturePoolTests {
    @Test func `each index gets its own verdict, whatever the chunks`() async {
        let pool = SignaturePool(threads: 2)
        for count in [0, 1, 31, 32, 33, 1000] {
            let verdicts = await withCheckedContinuation { continuation in
                pool.check(count, isValid: { $0 % 3 == 0 }, completion: { continuation.resume(returning: $0) })
            }
            #expect(verdicts == (0..<count).map { $0 % 3 == 0 })
        }
        await pool.shutdown()
    }

    @Test func `real signatures are told from altered ones`() async {
        let pool = SignaturePool(threads: 2)
        let key = SigningKey.random()
        let digests = (0..<40).map { Digest.sha256([UInt8($0)]) }
        let signatures = digests.map { key.sign(digest: $0) }
        let verdicts = await withCheckedContinuation { continuation in
            pool.check(
                40, isValid: { key.publicKey.isValid(signatures[$0], forDigest: digests[$0 == 7 ? 8 : $0]) },
                completion: { continuation.resume(returning: $0) })
        }
        #expect(verdicts == (0..<40).map { $0 != 7 })
        await pool.shutdown()
    }
}
