import Codec
import Cryptography

extension Decoder {
    static let core: [Decoder] = [
        Decoder(
            "cbor",
            [
                CBORValue.map([
                    .init(.unsigned(1), .tagged(98, .array([.null, .bool(true), .negative(600)]))),
                    .init(.text("key"), .bytes([1, 2, 3])),
                ])
            ])
    ]

    static let cryptography: [Decoder] = [
        Decoder("content-id", [ContentID(of: [1]), ContentID(of: [2], format: .dagCBOR)]),
        Decoder("content-id-text", text: [ContentID(of: [1]).description]) { ContentID($0)?.description },
        Decoder("did-key", text: [DIDKey(Seeds.key(1)).description]) { DIDKey($0)?.description },
        // People type it: spaces and letters of either case are theirs.
        Decoder(
            "mnemonic", opening: [Mnemonic(entropy: Seeds.secret(1))?.phrase].compactMap { $0.map { Array($0.utf8) } }
        ) {
            if let text = String(validating: $0, as: UTF8.self) { _ = try? Mnemonic(phrase: text) }
        },
        // Several lines of several guardians, as the wallet reads them.
        Decoder("recovery-share", opening: recoveryShares.map { Array($0.utf8) }) { bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else { return }
            _ = text.split(separator: "\n").map { try? RecoveryShare(phrase: String($0)) }
        },
        Decoder("public-key", [Seeds.key(1)]),
        Decoder("signature", [Seeds.signing(1).sign(digest: .zero)]),
        Decoder("cose-sign", samples: [envelope.encoded]) { bytes in
            guard let envelope = try? COSESign(decoding: bytes, maximumPayload: 1000) else { return nil }
            _ = envelope.checks(for: Domain("seed"))
            return envelope.encoded
        },
        Decoder("merkle-frontier", [frontier]) { frontier in
            var frontier = frontier
            _ = frontier.root
            if frontier.count < MerkleFrontier.maximumCount { frontier.append(.zero) }
        },
        Decoder("inclusion-proof", [InclusionProof(index: 3, leafHashes: leaves)]) {
            _ = $0.verify(leafHash: leaves[3], root: MerkleTree.root(ofLeafHashes: leaves))
        },
        Decoder("consistency-proof", [ConsistencyProof(earlierSize: 6, leafHashes: leaves)]) {
            _ = $0.verify(earlierRoot: .zero, laterRoot: MerkleTree.root(ofLeafHashes: leaves))
        },
        Decoder("hybrid-seal", opening: [[UInt8](repeating: 7, count: HybridSeal.overhead + 32)]) { bytes in
            guard let key = SealingKey(Seeds.secret(200)) else { return }
            _ = try? HybridSeal.open(bytes, with: key, context: SealContext(Domain("seed"), [1]))
        },
        Decoder("password-seal", opening: [passwordSealed]) { bytes in
            // The cost is in the third byte; a higher one is allowed, and slow.
            guard bytes.count > 2, bytes[2] == passwordSealed[2] else { return }
            let domain = Domain("seed")
            _ = try? PasswordSeal.open(bytes, password: Seeds.secret(1), domain: domain, maximumLength: 100)
        },
    ]

    private static let recoveryShares: [String] = {
        guard let group = SecretSharing.Group(threshold: 2, count: 3),
            let shares = try? SecretSharing.split(Seeds.secret(1), groups: [group])
        else { return [] }
        return [shares[0].map(\.phrase).joined(separator: "\n")]
    }()

    private static let leaves = (0..<11).map { Seeds.digest($0) }

    private static let frontier = {
        var frontier = MerkleFrontier()
        for leaf in leaves { frontier.append(leafHash: leaf) }
        return frontier
    }()

    private static let envelope = {
        var envelope = COSESign(payload: [1, 2, 3])
        for number in UInt8(1)...3 { envelope.sign(with: Seeds.signing(number), for: Domain("seed")) }
        return envelope
    }()

    private static let passwordSealed = PasswordSeal.seal(
        Seeds.secret(2), password: Seeds.secret(1), domain: Domain("seed"), cost: .testing)

    static let documents: [Decoder] = [
        Decoder("manifest", [manifest(of: 100), manifest(of: 3_000_000)]) { manifest in
            _ = try? SealedDocument(
                manifest: manifest.encoded, id: manifest.id, key: documentKey, context: documentContext,
                commitment: manifest.commitment)
        },
        Decoder("document-metadata", [metadata].compactMap { $0 }),
        Decoder("sealed-metadata", [sealedMetadata].compactMap { $0 }) {
            _ = $0.open(scopeSecret: Seeds.secret(3), capsule: Seeds.capsule, scope: Seeds.key(4))
        },
    ]

    private static let documentKey = DocumentKey(Seeds.secret(5))
    private static let documentContext = DocumentContext(scope: Seeds.key(4), author: .zero)

    private static func manifest(of size: UInt64) -> Manifest {
        var left = Int(size)
        do {
            var sealer = try DocumentSealer(contentSize: size, key: documentKey, context: documentContext) { buffer in
                let count = min(left, buffer.count)
                left -= count
                return count
            }
            while try sealer.nextBlock() != nil {}
            return sealer.finish()
        } catch { preconditionFailure("a source of the announced size is sealed") }
    }

    private static let metadata = DocumentMetadata(
        title: "X-ray", type: "imaging", date: "2026-01-01", mediaType: "image/png")

    private static let sealedMetadata = metadata.map {
        SealedMetadata($0, scopeSecret: Seeds.secret(3), capsule: Seeds.capsule, scope: Seeds.key(4))
    }

    static let reEncryption: [Decoder] = [
        Decoder("capsule", [Seeds.capsule]) { capsule in
            _ = capsule.isConsistent
            _ = try? Seeds.delegating.open(capsule)
        },
        Decoder("key-fragment", samples: Seeds.delegation.fragments.map { $0.bytes.copy() }) { bytes in
            guard let fragment = try? KeyFragment(parsing: SecretBytes(copying: bytes)) else { return nil }
            let published = Seeds.delegation.published
            _ = try? fragment.verify(as: published.shares[0], of: published, keys: Seeds.delegationKeys)
            return fragment.bytes.copy()
        },
        Decoder("capsule-fragment", capsuleFragments) { fragment in
            _ = try? fragment.verify(
                for: Seeds.capsule, of: Seeds.delegation.published, keys: Seeds.delegationKeys)
        },
        Decoder("published-delegation", [Seeds.delegation.published]) { _ = $0.isConsistent },
    ]

    private static let capsuleFragments = {
        let published = Seeds.delegation.published
        return zip(Seeds.delegation.fragments, published.shares).compactMap { fragment, share in
            try? fragment.verify(as: share, of: published, keys: Seeds.delegationKeys).reEncapsulate(Seeds.capsule)
        }
    }()
}
