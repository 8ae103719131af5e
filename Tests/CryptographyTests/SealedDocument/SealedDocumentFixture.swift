import Codec
import Cryptography

/// A clinic seals documents for a patient's scope.
enum Clinic {
    static let key = DocumentKey(SecretBytes(copying: (0..<32).map { UInt8($0) }))
    static let salt = (0..<16).map { UInt8(0xa0 + $0) }
    static let scope = publicKey(1)
    static let organization = Digest.sha256(Array("clinic".utf8))
    static let context = DocumentContext(scope: scope, author: organization)

    static func publicKey(_ number: UInt8) -> PublicKey {
        var secret = [UInt8](repeating: 0, count: 32)
        secret[31] = number
        guard let key = SigningKey(SecretBytes(copying: secret)) else { preconditionFailure("a small number is a key") }
        return key.publicKey
    }

    /// Content that is the same on every run and has no period of a segment.
    static func content(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count { bytes.append(contentsOf: pattern.prefix(count - bytes.count)) }
        return bytes
    }

    private static let pattern: [UInt8] = {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        return (0..<10_007).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }()

    static func seal(
        _ content: [UInt8], key: DocumentKey = key, salt: [UInt8] = salt, readingAtMost step: Int = .max
    ) throws -> Sealing {
        var position = 0
        var sealer = try DocumentSealer(
            contentSize: UInt64(content.count), key: key, context: context, salt: salt
        ) { buffer in
            let count = min(buffer.count, content.count - position, step)
            buffer.copyBytes(from: content[position..<(position + count)])
            position += count
            return count
        }
        let commitment = sealer.commitment
        var blocks: [SealedBlock] = []
        while let block = try sealer.nextBlock() { blocks.append(block) }
        return Sealing(blocks: blocks, manifest: sealer.finish(), commitment: commitment)
    }

    /// Opens all of it as a reader does who gets the blocks by `fetch`.
    static func open(
        _ sealing: Sealing, key: DocumentKey = key, fetch: (SealedPiece) -> [UInt8]? = { _ in nil }
    ) throws -> [UInt8] {
        let document = try SealedDocument(
            manifest: sealing.manifest.encoded, id: sealing.manifest.id, key: key, context: context,
            commitment: sealing.commitment)
        func bytes(_ piece: SealedPiece) -> [UInt8] {
            fetch(piece) ?? Array(sealing.blocks[piece.block].bytes[piece.sealedRange])
        }
        let content = try document.content(beginning: bytes(document.beginning))
        var out: [UInt8] = []
        for piece in content.pieces(covering: 0..<content.size) { out += try content.open(piece, bytes(piece)) }
        return out
    }

    struct Sealing {
        var blocks: [SealedBlock]
        var manifest: Manifest
        var commitment: Digest
    }
}
