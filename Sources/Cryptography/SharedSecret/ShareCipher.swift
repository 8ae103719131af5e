/// What stands between the secret and its shares: a Feistel network of four rounds over PBKDF2-HMAC-SHA256, so that a
/// passphrase changes what comes out, and any passphrase gives something (SLIP-0039).
enum ShareCipher {
    private static let rounds = 4
    private static let baseIterations = 10_000

    /// - Precondition: The secret has an even number of bytes.
    static func encrypt(
        _ secret: SecretBytes, passphrase: [UInt8], exponent: Int, salt: [UInt8]
    ) -> SecretBytes {
        run(secret, Array(0..<rounds), passphrase, exponent, salt)
    }

    /// The other way.
    static func decrypt(
        _ secret: SecretBytes, passphrase: [UInt8], exponent: Int, salt: [UInt8]
    ) -> SecretBytes {
        run(secret, (0..<rounds).reversed(), passphrase, exponent, salt)
    }

    private static func run(
        _ secret: SecretBytes, _ order: [Int], _ passphrase: [UInt8], _ exponent: Int, _ salt: [UInt8]
    ) -> SecretBytes {
        precondition(secret.count.isMultiple(of: 2), "a shared secret has two halves")
        let half = secret.count / 2
        var bytes = secret.copy()
        var left = Array(bytes[..<half])
        var right = Array(bytes[half...])
        bytes.erase()
        for round in order {
            var password = [UInt8(round)] + passphrase
            var input = salt + right
            let output = SecretBytes(count: half) { (out: UnsafeMutableRawBufferPointer) in
                password.withUnsafeBytes {
                    OpenSSL.pbkdf2SHA256(
                        password: $0, salt: input, iterations: (baseIterations << exponent) / rounds, into: out)
                }
            }
            output.withUnsafeBytes { output in for index in 0..<half { left[index] ^= output[index] } }
            swap(&left, &right)
            password.erase()
            input.erase()
        }
        defer {
            left.erase()
            right.erase()
        }
        return SecretBytes(count: 2 * half) { (out: UnsafeMutableRawBufferPointer) in
            for index in 0..<half {
                out[index] = right[index]
                out[half + index] = left[index]
            }
        }
    }
}
