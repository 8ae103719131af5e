internal import Codec
internal import Cryptography

extension Measurement {
    static let codec = [
        Measurement("Codec: write and read an array of 1 024 numbers", per: 1024, "number") {
            let encoded = written(1024)
            return {
                consume(written(1024))
                var reader = CBORReader(encoded)
                let sum: UInt64 = valid { () throws(DecodingFailure) in
                    try reader.readArray(count: 1024)
                    var sum: UInt64 = 0
                    for _ in 0..<1024 { sum &+= try reader.readUnsigned() }
                    return sum
                }
                consume(sum)
            }
        }
    ]

    private static func written(_ count: UInt64) -> [UInt8] {
        var writer = CBORWriter(capacity: Int(count) * 9 + 9)
        writer.beginArray(Int(count))
        for number in 0..<count { writer.write(number &* 0x9E37_79B9_7F4A_7C15) }
        return writer.bytes
    }

    static let cryptography = [
        Measurement("Cryptography: check signatures", per: 256, "signature") {
            let keys = (0..<256).map { _ in SigningKey.random() }
            let digests = (0..<256).map { _ in Digest.hash(SystemRandom.bytes(300), in: Domain("transaction")) }
            let signatures = zip(keys, digests).map { $0.sign(digest: $1) }
            let publicKeys = keys.map(\.publicKey)
            return {
                for index in 0..<256 {
                    precondition(
                        publicKeys[index].isValid(signatures[index], forDigest: digests[index]),
                        "a fresh signature holds")
                }
            }
        },
        Measurement("Cryptography: sign", per: 64, "signature") {
            let key = SigningKey.random()
            let digest = Digest.hash(SystemRandom.bytes(300), in: Domain("transaction"))
            return { for _ in 0..<64 { consume(key.sign(digest: digest)) } }
        },
        Measurement("Cryptography: hash 300 bytes in a domain", per: 256, "hash") {
            let bytes = SystemRandom.bytes(300)
            let domain = Domain("transaction")
            return { for _ in 0..<256 { consume(Digest.hash(bytes, in: domain)) } }
        },
        Measurement("Cryptography: parse a key", per: 256, "key") {
            let keys = (0..<256).map { _ in SigningKey.random().publicKey.bytes }
            return { for bytes in keys { consume(PublicKey(bytes)) } }
        },
        Measurement("Cryptography: seal to an X-Wing key", per: 1, "message") {
            let key = SealingKey.random().publicKey
            let message = SecretBytes(copying: SystemRandom.bytes(260))
            let context = SealContext(Domain("measurement"), SystemRandom.bytes(32))
            return { consume(valid { try HybridSeal.seal(message, to: key, context: context) }) }
        },
    ]
}
