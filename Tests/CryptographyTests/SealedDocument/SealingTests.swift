import Codec
import Cryptography
import Synchronization
import Testing

@Suite("Sealed document: sealing and opening")
struct SealingTests {
    /// Around the edges of the header, a segment and a block.
    static let sizes = [
        0, 1, 7, 8, 9, 1_000, 65_527, 65_528, 65_529, 65_536, 131_064, 1_048_567, 1_048_568, 1_048_569, 1_048_576,
        2_600_000,
    ]

    @Test(arguments: sizes) func `what was sealed opens`(size: Int) throws {
        let content = Clinic.content(size)
        let sealing = try Clinic.seal(content)
        #expect(try Clinic.open(sealing) == content)
        #expect(sealing.blocks.count == sealing.manifest.layout.blockCount)
        for block in sealing.blocks { #expect(block.id.names(block.bytes)) }
        let plaintext =
            sealing.blocks.reduce(0) { $0 + $1.bytes.count } - 16 * Int(sealing.manifest.layout.segmentCount)
        #expect(UInt64(plaintext) == sealing.manifest.layout.size)
    }

    /// Made by another program from the format's description (Python: dag-cbor, multiformats, cryptography).
    static let known = [
        (0, "bafyreicydq67sfsylat3orh6phulpob7wo4kxjqfewdi2v2rqif7iklbza"),
        (1000, "bafyreiaya5kd4nx6zvc5ebslixns3rlb4vocwhhhxabsdeddqmf65rlrqy"),
        (100000, "bafyreign6zmaqtpsdeluceigzds23uqomtdlnj3f66pemnjvqde7hvkgqi"),
        (2300000, "bafyreiefz5updwyt6abwkarie3p4btypdqr7ua3czhqnlormrzl5vi4lxa"),
    ]

    @Test(arguments: known) func `the format is locked`(size: Int, id: String) throws {
        #expect(try Clinic.seal(Clinic.content(size)).manifest.id.description == id)
    }

    @Test func `how the source is read does not show`() throws {
        let content = Clinic.content(200_000)
        #expect(try Clinic.seal(content, readingAtMost: 777).manifest == Clinic.seal(content).manifest)
    }

    @Test func `how many blocks are sealed at once does not show`() throws {
        let content = Clinic.content(3_300_000)
        let expected = try Clinic.seal(content).manifest
        for count in [2, 3, 9] {
            var rest = content[...]
            var sealer = try DocumentSealer(
                contentSize: UInt64(content.count), key: Clinic.key, context: Clinic.context, salt: Clinic.salt
            ) { buffer in
                let read = rest.prefix(buffer.count)
                buffer.copyBytes(from: read)
                rest = rest.dropFirst(read.count)
                return read.count
            }
            let sealed = Mutex<[Int: [UInt8]]>([:])
            while try sealer.sealBlocks(
                atMost: count, take: { index, bytes in sealed.withLock { $0[index] = Array(bytes) } }) > 0
            {}
            let blocks = sealed.withLock { $0 }
            let manifest = sealer.finish()
            #expect(manifest == expected && blocks.count == manifest.blocks.count)
            for (index, id) in manifest.blocks.enumerated() { #expect(id.names(try #require(blocks[index]))) }
        }
    }

    @Test func `what cannot be done with a block ends the sealing`() throws {
        struct Full: Error {}
        var rest = Clinic.content(10)[...]
        var sealer = try DocumentSealer(contentSize: 10, key: Clinic.key, context: Clinic.context) { buffer in
            let read = rest.prefix(buffer.count)
            buffer.copyBytes(from: read)
            rest = rest.dropFirst(read.count)
            return read.count
        }
        #expect(throws: Full.self) { _ = try sealer.sealBlocks(atMost: 4) { _, _ in throw Full() } }
    }

    @Test func `another salt or key changes every block and the commitment`() throws {
        let content = Clinic.content(2_000_000)
        let usual = try Clinic.seal(content)
        for other in [
            try Clinic.seal(content, salt: [UInt8](repeating: 9, count: 16)),
            try Clinic.seal(content, key: DocumentKey(SecretBytes.random(count: 32))),
        ] {
            #expect(other.commitment != usual.commitment)
            for (left, right) in zip(other.blocks, usual.blocks) { #expect(left.id != right.id) }
        }
    }

    @Test func `a source that ends early or goes on is refused`() throws {
        for (announced, actual) in [(UInt64(100_000), 99_999), (100_000, 100_001), (0, 1), (1, 0)] {
            var left = actual
            var sealer = try DocumentSealer(
                contentSize: announced, key: Clinic.key, context: Clinic.context
            ) { buffer in
                let count = min(buffer.count, left)
                left -= count
                return count
            }
            var failure: SealingFailure?
            do {
                while try sealer.nextBlock() != nil {}
            } catch { failure = error as? SealingFailure }
            let expected: SealingFailure =
                actual < Int(announced) ? .sourceEnded(at: UInt64(actual)) : .sourceContinues(after: announced)
            #expect(failure == expected)
        }
    }

    @Test func `a document above 32 GiB is refused before anything is read`() {
        #expect(throws: SealingFailure.tooLarge) {
            _ = try DocumentSealer(contentSize: 1 << 35, key: Clinic.key, context: Clinic.context) { _ in 0 }
        }
    }

    @Test func `any range opens from the segments that hold it`() throws {
        let content = Clinic.content(2_600_000)
        let sealing = try Clinic.seal(content)
        let document = try SealedDocument(
            manifest: sealing.manifest.encoded, id: sealing.manifest.id, key: Clinic.key, context: Clinic.context,
            commitment: sealing.commitment)
        let beginning = document.beginning
        let opened = try document.content(
            beginning: Array(sealing.blocks[beginning.block].bytes[beginning.sealedRange]))
        #expect(opened.size == 2_600_000)
        let edges: [UInt64] = [0, 1, 65_527, 65_528, 65_529, 1_048_567, 1_048_568, 1_048_569, 2_599_999, 2_600_000]
        for lower in edges {
            for upper in edges where upper >= lower {
                var collected: [UInt8] = []
                for piece in opened.pieces(covering: lower..<upper) {
                    let bytes = try opened.open(piece, Array(sealing.blocks[piece.block].bytes[piece.sealedRange]))
                    let range = opened.range(of: piece)
                    #expect(range.count == bytes.count)
                    let wanted = range.clamped(to: lower..<upper)
                    collected += bytes.dropFirst(Int(wanted.lowerBound - range.lowerBound)).prefix(wanted.count)
                }
                #expect(collected == Array(content[Int(lower)..<Int(upper)]))
            }
        }
        #expect(opened.pieces(covering: 2_600_000..<9_000_000).isEmpty)
        #expect(opened.pieces(covering: 0..<1).map(\.sealedRange.count) == [65_552])
    }

    @Test func `the document key takes both secrets, the capsule and the scope`() throws {
        let seed = SecretBytes(copying: [UInt8](repeating: 2, count: 33))
        let secret = SecretBytes(copying: [UInt8](repeating: 3, count: 32))
        let capsules = [
            Encapsulation(for: Clinic.publicKey(5)).capsule, Encapsulation(for: Clinic.publicKey(5)).capsule,
        ]
        func commitment(_ seed: SecretBytes, _ secret: SecretBytes, _ capsule: Capsule, _ scope: PublicKey) throws
            -> Digest
        {
            try Clinic.seal(
                [1], key: DocumentKey(keySeed: seed, scopeSecret: secret, capsule: capsule, scope: scope)
            ).commitment
        }
        let usual = try commitment(seed, secret, capsules[0], Clinic.scope)
        #expect(try commitment(seed, secret, capsules[0], Clinic.scope) == usual)
        #expect(
            try commitment(SecretBytes(copying: [UInt8](repeating: 4, count: 33)), secret, capsules[0], Clinic.scope)
                != usual)
        #expect(
            try commitment(seed, SecretBytes(copying: [UInt8](repeating: 4, count: 32)), capsules[0], Clinic.scope)
                != usual)
        #expect(try commitment(seed, secret, capsules[1], Clinic.scope) != usual)
        #expect(try commitment(seed, secret, capsules[0], Clinic.publicKey(2)) != usual)
    }
}
