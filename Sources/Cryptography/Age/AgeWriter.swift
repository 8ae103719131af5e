internal import Crypto
internal import FoundationEssentials

/// Seals a stream into a standard age file (C2SP age, version 1) for one X25519 recipient: what the program `age` and many
/// others open.
///
/// Bytes go in, bytes of the file come out; it holds at most one chunk of 64 KiB. Without ``finish()`` the file does not
/// open: whoever reads it knows that its end is missing.
public struct AgeWriter: Sendable {
    /// Plaintext of a chunk.
    static let chunkLength = 64 * 1024
    private static let intro = "age-encryption.org/v1\n"
    private static let fileKeyLength = 16
    private static let nonceLength = 16

    private let payloadKey: SymmetricKey
    private var counter: UInt64 = 0
    private var pending: [UInt8] = []
    private var head: [UInt8]

    /// - Throws: ``SealFailure/unusableKey`` for a recipient that cannot carry a secret: a point of low order.
    public init(to recipient: AgeRecipient) throws(SealFailure) {
        try self.init(
            to: recipient, fileKey: .random(count: Self.fileKeyLength), ephemeral: .random(count: 32),
            nonce: SystemRandom.bytes(Self.nonceLength))
    }

    /// - Parameters:
    ///   - fileKey: 16 bytes, of this file alone.
    ///   - ephemeral: 32 bytes, of this file alone.
    ///   - nonce: 16 bytes, of this file alone.
    init(
        to recipient: AgeRecipient, fileKey: SecretBytes, ephemeral: SecretBytes, nonce: [UInt8]
    ) throws(SealFailure) {
        let (share, wrapped) = try Self.wrap(fileKey, to: recipient, with: ephemeral)
        let header =
            Self.intro + "-> X25519 \(Self.base64(share))\n\(Self.base64(wrapped))\n---"
        let macKey = KeyDerivation.hkdf(fileKey, info: Array("header".utf8))
        let mac = KeyDerivation.hmac(Array(header.utf8), key: macKey)
        head = Array("\(header) \(Self.base64(mac.bytes))\n".utf8) + nonce
        payloadKey = KeyDerivation.hkdf(fileKey, salt: nonce, info: Array("payload".utf8))
            .withUnsafeBytes { SymmetricKey(data: $0) }
    }

    /// The file key under a key that only the recipient can derive.
    private static func wrap(
        _ fileKey: SecretBytes, to recipient: AgeRecipient, with ephemeral: SecretBytes
    ) throws(SealFailure) -> (share: [UInt8], wrapped: [UInt8]) {
        do {
            let own = try ephemeral.withUnsafeBytes {
                try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0)
            }
            let share = Array(own.publicKey.rawRepresentation)
            let other = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: recipient.key)
            let shared = try own.sharedSecretFromKeyAgreement(with: other)
                .withUnsafeBytes { SecretBytes(copying: $0) }
            // A point of low order: anybody knows what comes of it.
            guard shared != SecretBytes(copying: [UInt8](repeating: 0, count: 32)) else {
                throw SealFailure.unusableKey
            }
            let key = KeyDerivation.hkdf(
                shared, salt: share + recipient.key, info: Array("age-encryption.org/v1/X25519".utf8)
            ).withUnsafeBytes { SymmetricKey(data: $0) }
            let zero = try ChaChaPoly.Nonce(data: [UInt8](repeating: 0, count: 12))
            let box = try fileKey.withUnsafeBytes { try ChaChaPoly.seal($0, using: key, nonce: zero) }
            return (share, Array(box.ciphertext) + Array(box.tag))
        } catch {
            throw .unusableKey
        }
    }

    /// Takes plaintext in and gives what of the file is ready.
    public mutating func write(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var ready = head
        head = []
        pending += bytes
        // The last chunk is marked as such: a full one waits until it is known whether more comes.
        while pending.count > Self.chunkLength {
            ready += seal(pending.prefix(Self.chunkLength), isLast: false)
            pending.removeFirst(Self.chunkLength)
        }
        return ready
    }

    /// Ends the file.
    public mutating func finish() -> [UInt8] {
        let ready = head + seal(pending[...], isLast: true)
        head = []
        pending.erase()
        return ready
    }

    private mutating func seal(_ chunk: ArraySlice<UInt8>, isLast: Bool) -> [UInt8] {
        // Eleven bytes of a counter, and whether it is the last chunk.
        let count = withUnsafeBytes(of: counter.bigEndian) { Array($0) }
        counter += 1
        do {
            let nonce = try ChaChaPoly.Nonce(data: [0, 0, 0] + count + [isLast ? 1 : 0])
            let box = try ChaChaPoly.seal(chunk, using: payloadKey, nonce: nonce)
            return Array(box.ciphertext) + Array(box.tag)
        } catch { preconditionFailure("a chunk of 64 KiB can be sealed: \(error)") }
    }

    /// Standard Base64 without padding, on one line: none of ours is longer than 48 bytes.
    private static func base64(_ bytes: [UInt8]) -> String {
        let text = Data(bytes).base64EncodedString()
        return String(text.prefix { $0 != "=" })
    }
}
