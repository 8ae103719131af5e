internal import Codec
internal import Cryptography

extension Measurement {
    private static let size = 8 << 20

    static let sealing = [
        Measurement("Documents: seal 8 MiB", per: size >> 20, "MiB") {
            let content = SystemRandom.bytes(size)
            let document = SealedSample(content)
            return { consume(document.seal().manifest.id) }
        },
        Measurement("Documents: open 8 MiB", per: size >> 20, "MiB") {
            let document = SealedSample(SystemRandom.bytes(size))
            let (manifest, blocks) = document.seal()
            return { precondition(document.open(manifest, blocks) == size, "what was sealed opens whole") }
        },
    ]
}

/// A document in memory.
private struct SealedSample {
    let content: [UInt8]
    let key = DocumentKey(.random(count: 32))
    let context = DocumentContext(scope: SigningKey.random().publicKey, author: .sha256(Array("author".utf8)))

    init(_ content: [UInt8]) { self.content = content }

    func seal() -> (manifest: Manifest, blocks: [UInt8]) {
        var position = 0
        var sealed: [UInt8] = []
        let manifest = valid {
            var sealer = try DocumentSealer(contentSize: UInt64(content.count), key: key, context: context) { buffer in
                let count = min(buffer.count, content.count - position)
                content.withUnsafeBytes { bytes in
                    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[position..<position + count]))
                }
                position += count
                return count
            }
            while let block = try sealer.nextBlock() { sealed += block.bytes }
            return sealer.finish()
        }
        return (manifest, sealed)
    }

    func open(_ manifest: Manifest, _ blocks: [UInt8]) -> Int {
        valid {
            let document = try SealedDocument(
                manifest: manifest.encoded, id: manifest.id, key: key, context: context,
                commitment: manifest.commitment)
            func bytes(_ piece: SealedPiece) -> [UInt8] {
                let start = piece.block * DocumentLayout.maximumBlockLength
                return Array(blocks[start + piece.sealedRange.lowerBound..<start + piece.sealedRange.upperBound])
            }
            let content = try document.content(beginning: bytes(document.beginning))
            var opened = 0
            for piece in content.pieces(covering: 0..<content.size) {
                opened += try content.open(piece, bytes(piece)).count
            }
            return opened
        }
    }
}
