import Codec
import Cryptography
import Testing

/// A store hands out something else than what was sealed.
@Suite("Sealed document: tampering")
struct TamperingTests {
    private let content = Clinic.content(2_300_000)

    @Test func `a swapped, altered, shortened or lengthened block is refused by its name`() throws {
        let sealing = try Clinic.seal(content)
        let first = sealing.blocks[0].bytes
        #expect(throws: DocumentRejection.wrongContent(sealing.blocks[1].id)) {
            try Clinic.open(sealing) { $0.block == 1 ? first : nil }
        }
        for position in [0, 65_535, 65_551, 65_552, 1_048_831] {
            var altered = first
            altered[position] ^= 1
            #expect(throws: DocumentRejection.self) {
                try Clinic.open(sealing) { $0.block == 0 ? Array(altered[$0.sealedRange]) : nil }
            }
        }
        for other in [Array(first.dropLast()), first + [0], []] {
            #expect(throws: DocumentRejection.wrongLength(block: 1)) {
                try Clinic.open(sealing) { $0.block == 1 ? other : nil }
            }
        }
    }

    /// Each of these has a manifest that is well formed, and a MAC by someone who holds the key: what stops them are the
    /// counter, the last flag and the sizes.
    @Test func `segments do not open in another place`() throws {
        let sealing = try Clinic.seal(content)
        let blocks = sealing.blocks.map(\.bytes)
        let segment = DocumentLayout.sealedSegmentLength
        var swapped = blocks
        swapped[0].replaceSubrange(0..<(2 * segment), with: blocks[0][segment..<(2 * segment)] + blocks[0][..<segment])
        var repeated = blocks
        repeated[0].replaceSubrange(segment..<(2 * segment), with: blocks[0][..<segment])
        for (altered, damaged) in [
            (swapped, UInt64(0)), (repeated, 1), ([blocks[1], blocks[0], blocks[2]], 0),
            ([blocks[0], blocks[0], blocks[2]], 16),
        ] {
            let forged = forge(sealing, blocks: altered, size: sealing.manifest.layout.size)
            #expect(throws: DocumentRejection.damagedSegment(damaged)) { try Clinic.open(forged) }
        }
    }

    @Test func `a document cut off after a full segment or block does not open`() throws {
        let size: UInt64 = 2_097_152
        let sealing = try Clinic.seal(Clinic.content(Int(size) - 8))
        #expect(sealing.blocks.count == 2)
        let blocks = sealing.blocks.map(\.bytes)
        let shorter = [blocks[0], Array(blocks[1].prefix(8 * DocumentLayout.sealedSegmentLength))]
        for (blocks, size, damaged) in [([blocks[0]], size / 2, UInt64(15)), (shorter, size * 3 / 4, 23)] {
            let forged = forge(sealing, blocks: blocks, size: size)
            // The first segment's true size is above what the shorter layout holds.
            #expect(throws: DocumentRejection.wrongSize) { try Clinic.open(forged) }
            let document = try open(forged)
            let piece = SealedPiece(
                block: blocks.count - 1, id: forged.blocks[blocks.count - 1].id,
                segments: forged.manifest.layout.segments(ofBlock: blocks.count - 1), layout: forged.manifest.layout)
            #expect(throws: DocumentRejection.damagedSegment(damaged)) {
                try document.plaintext(of: piece, forged.blocks[piece.block].bytes)
            }
        }
    }

    @Test func `an appended segment does not open`() throws {
        let sealing = try Clinic.seal(Clinic.content(65_536 - 8))
        let block = sealing.blocks[0].bytes
        let forged = forge(sealing, blocks: [block + block], size: 131_072)
        #expect(throws: DocumentRejection.self) { try Clinic.open(forged) }
        // What was the last segment is not one in the middle.
        let document = try open(forged)
        #expect(throws: DocumentRejection.damagedSegment(0)) {
            try document.plaintext(
                of: document.beginning, Array(forged.blocks[0].bytes[document.beginning.sealedRange]))
        }
    }

    @Test func `a manifest whose list was swapped, shortened or repeated is forged`() throws {
        let sealing = try Clinic.seal(content)
        let blocks = sealing.manifest.blocks
        for list in [[blocks[1], blocks[0], blocks[2]], [blocks[0], blocks[0], blocks[2]]] {
            #expect(throws: DocumentRejection.forgedManifest) {
                try open(sealing, altered(sealing) { $0["blocks"] = links(list) })
            }
        }
        for list in [[blocks[0], blocks[1]], blocks + [blocks[0]], []] {
            #expect(throws: DocumentRejection.self) {
                try open(sealing, altered(sealing) { $0["blocks"] = links(list) })
            }
        }
    }

    @Test func `another salt, commitment, context, size or code is refused`() throws {
        let sealing = try Clinic.seal(content)
        func refusal(_ key: String, _ value: CBORValue) -> DocumentRejection? {
            do {
                _ = try open(sealing, altered(sealing) { $0[key] = value })
                return nil
            } catch { return error as? DocumentRejection }
        }
        #expect(refusal("salt", .bytes([UInt8](repeating: 0, count: 16))) == .wrongKey)
        #expect(refusal("commit", .bytes([UInt8](repeating: 0, count: 32))) == .wrongKey)
        #expect(refusal("ctx", .bytes([UInt8](repeating: 0, count: 32))) == .wrongContext)
        #expect(refusal("mac", .bytes([UInt8](repeating: 0, count: 32))) == .forgedManifest)
        #expect(refusal("size", .unsigned(sealing.manifest.layout.size - 65_536)) == .forgedManifest)
        #expect(refusal("v", .unsigned(2)) == .malformedManifest(.invalid(field: "v")))
        #expect(refusal("suite", .text("none")) == .malformedManifest(.invalid(field: "suite")))
        #expect(refusal("segment", .unsigned(65_535)) == .malformedManifest(.invalid(field: "segment")))
        #expect(refusal("blockSegments", .unsigned(17)) == .malformedManifest(.invalid(field: "blockSegments")))
        #expect(refusal("size", .unsigned(2_300_001)) == .malformedManifest(.invalid(field: "size")))
    }

    @Test func `the chain's context, commitment and key decide`() throws {
        let sealing = try Clinic.seal(content)
        let bytes = sealing.manifest.encoded
        let id = sealing.manifest.id
        let elsewhere = [
            DocumentContext(scope: Clinic.publicKey(2), author: Clinic.organization),
            DocumentContext(scope: Clinic.scope, author: .zero),
        ]
        for context in elsewhere {
            #expect(throws: DocumentRejection.wrongContext) {
                try SealedDocument(
                    manifest: bytes, id: id, key: Clinic.key, context: context, commitment: sealing.commitment)
            }
        }
        #expect(throws: DocumentRejection.wrongKey) {
            try SealedDocument(manifest: bytes, id: id, key: Clinic.key, context: Clinic.context, commitment: .zero)
        }
        #expect(throws: DocumentRejection.wrongKey) {
            try Clinic.open(sealing, key: DocumentKey(SecretBytes(copying: [UInt8](repeating: 1, count: 32))))
        }
        let raw = ContentID(format: .raw, digest: id.digest)
        #expect(throws: DocumentRejection.wrongContent(raw)) {
            try SealedDocument(
                manifest: bytes, id: raw, key: Clinic.key, context: Clinic.context, commitment: sealing.commitment)
        }
    }

    @Test func `a true size that does not fit the padded size is refused`() throws {
        // Sealed with the key: the author lies.
        let sealing = try Clinic.seal(Clinic.content(1_000))
        let lying = try Clinic.seal(Clinic.content(100))
        let forged = forge(sealing, blocks: [lying.blocks[0].bytes], size: lying.manifest.layout.size)
        #expect(throws: Never.self) { try Clinic.open(forged) }
        let cipher = AESGCM(key: Clinic.key.schedule(salt: Clinic.salt).payload)
        var plaintext = [UInt8](repeating: 0, count: 112)
        plaintext[7] = 3
        var block = [UInt8](repeating: 0, count: 128)
        let nonce = [UInt8](repeating: 0, count: 11) + [1]
        plaintext.withUnsafeBytes { plaintext in
            block.withUnsafeMutableBytes { cipher.seal(plaintext, nonce: nonce, into: $0) }
        }
        #expect(throws: DocumentRejection.wrongSize) { try Clinic.open(forge(sealing, blocks: [block], size: 112)) }
    }

    // MARK: Helpers

    private func open(_ sealing: Clinic.Sealing, _ manifest: [UInt8]? = nil) throws -> SealedDocument {
        let bytes = manifest ?? sealing.manifest.encoded
        return try SealedDocument(
            manifest: bytes, id: ContentID(of: bytes, format: .dagCBOR), key: Clinic.key, context: Clinic.context,
            commitment: sealing.commitment)
    }

    /// A manifest over other blocks by someone who holds the key.
    private func forge(_ sealing: Clinic.Sealing, blocks: [[UInt8]], size: UInt64) -> Clinic.Sealing {
        guard let layout = DocumentLayout(size: size) else { preconditionFailure("the size is padded") }
        let blocks = blocks.enumerated().map { SealedBlock(index: $0, id: ContentID(of: $1), bytes: $1) }
        let manifest = Manifest(
            layout: layout, salt: Clinic.salt, commitment: sealing.commitment, context: Clinic.context.digest,
            blocks: blocks.map(\.id), authenticate: Clinic.key.schedule(salt: Clinic.salt).authenticate)
        return Clinic.Sealing(blocks: blocks, manifest: manifest, commitment: sealing.commitment)
    }
}

/// Rewrites entries of a manifest's map without the key.
private func altered(_ sealing: Clinic.Sealing, _ alter: (inout [String: CBORValue]) -> Void) throws -> [UInt8] {
    guard case .map(let pairs) = try CBORValue(decoding: sealing.manifest.encoded) else { return [] }
    var map: [String: CBORValue] = [:]
    for pair in pairs { if case .text(let key) = pair.key { map[key] = pair.value } }
    alter(&map)
    return CBORValue.map(map.map { CBORValue.Pair(.text($0.key), $0.value) }).encoded
}

private func links(_ ids: [ContentID]) -> CBORValue { .array(ids.map { .tagged(42, .bytes([0] + $0.bytes)) }) }
