public import API
public import Codec
public import Ledger
internal import Cryptography
internal import Synchronization

/// Follows a chain by proofs alone: trusts the genesis file, learns each further epoch from a boundary that the one
/// before has signed, keeps what it has learned and the highest final block it has seen, and never believes anything older.
///
/// Two different final blocks at one height cannot exist while fewer than a third of the validators lie. Should they be
/// seen, both proofs are written down: whoever signed both is guilty and named.
public final class LightClient: Sendable {
    private let home: WalletHome?
    private let state: Mutex<FinalityProof>
    private let known: Mutex<(trust: TrustAnchor, boundaries: [EpochBoundary])>

    /// Starts from the genesis block, or from the head that a home has kept.
    ///
    /// - Parameter home: Where the head is kept; nothing keeps it in memory only.
    /// - Throws: ``HomeFailure`` when the kept head is damaged or of another chain.
    public init(_ genesis: Genesis, home: WalletHome? = nil) throws(HomeFailure) {
        self.home = home
        var boundaries: [EpochBoundary] = []
        var trust = TrustAnchor(genesis)
        if let home, HomeFiles.exists(home.epochsFile) {
            do {
                boundaries = try KeptBoundaries(decoding: try HomeFiles.read(home.epochsFile)).boundaries
                trust = try TrustAnchor(genesis, following: boundaries)
            } catch let failure as HomeFailure { throw failure } catch { throw .malformed(home.epochsFile, "\(error)") }
        }
        known = Mutex((trust, boundaries))
        var head = FinalityProof(header: TrustAnchor.header(of: genesis), certificate: nil)
        if let home, HomeFiles.exists(home.headFile) {
            do {
                head = try FinalityProof(decoding: try HomeFiles.read(home.headFile))
                try head.verify(trust)
            } catch let failure as HomeFailure { throw failure } catch { throw .malformed(home.headFile, "\(error)") }
        }
        state = Mutex(head)
    }

    /// What proofs are checked against: the genesis file and the epochs learned since.
    public var trust: TrustAnchor { known.withLock { $0.trust } }

    /// What has taught this client who decides, from the first epoch's end on.
    public var boundaries: [EpochBoundary] { known.withLock { $0.boundaries } }

    /// Learns further epochs, and keeps what it has learned. Those that are known already are passed over.
    ///
    /// - Returns: Whether there was anything new.
    @discardableResult
    public func follow(_ boundaries: [EpochBoundary]) throws(Doubt) -> Bool {
        let before = known.withLock { $0 }
        var (trust, all) = before
        for boundary in boundaries where boundary.header.epoch >= trust.epoch {
            do { try trust.follow(boundary) } catch { throw .proof(error) }
            all.append(boundary)
        }
        guard all.count > before.boundaries.count else { return false }
        known.withLock { if trust.epoch > $0.trust.epoch { $0 = (trust, all) } }
        if let home {
            do { try HomeFiles.replace(home.epochsFile, KeptBoundaries(boundaries: all).encoded) } catch {
                throw .home(error)
            }
        }
        return true
    }

    /// The highest final block seen.
    public var head: BlockHeader { state.withLock { $0.certifiedHeader } }

    /// Checks a proof and remembers it when it is the highest.
    ///
    /// - Parameter fresh: Whether the *proved* header, not only the one that it leads to, must be at least as high as the
    ///   head: so that nobody passes off an old state as the present one.
    /// - Throws: ``Doubt`` when it proves nothing, is too old, or contradicts what was seen.
    public func accept(_ proof: FinalityProof, fresh: Bool = false) throws(Doubt) {
        let known = state.withLock { $0 }
        let certified = proof.certifiedHeader
        do {
            if certified.hash == known.certifiedHeader.hash {
                // Known to be final: no signature needs to be checked again.
                try proof.verifyAncestry(trust)
            } else {
                try proof.verify(trust)
            }
        } catch { throw .proof(error) }
        try compare(proof, with: known)
        if fresh, proof.header.height < known.certifiedHeader.height {
            throw .behind(seen: known.certifiedHeader.height, offered: proof.header.height)
        }
        if certified.height > known.certifiedHeader.height { try remember(proof) }
    }

    /// Why a proof was not accepted.
    public enum Doubt: Error, Hashable, Sendable {
        /// It proves nothing.
        case proof(ProofFailure)
        /// It is genuine, but older than what was seen.
        case behind(seen: Height, offered: Height)
        /// It contradicts what was seen; the evidence is in this file, or nowhere when there is no home.
        case conflict(Height, evidence: String?)
        /// The home does not take the new head.
        case home(HomeFailure)
    }

    /// Refuses a second block at a height that is known. Both headers of a proof count: each is final.
    private func compare(_ proof: FinalityProof, with known: FinalityProof) throws(Doubt) {
        for header in [proof.header, proof.certifiedHeader] {
            for other in [known.header, known.certifiedHeader]
            where header.height == other.height && header.hash != other.hash {
                throw .conflict(header.height, evidence: keep([known, proof], at: header.height))
            }
        }
    }

    private func keep(_ proofs: [FinalityProof], at height: Height) -> String? {
        guard let home else { return nil }
        let path = "\(home.evidenceDirectory)/two-finals-\(height).cbor"
        var writer = CBORWriter()
        writer.write(array: proofs)
        do {
            try HomeFiles.makeDirectory(home.evidenceDirectory)
            try HomeFiles.replace(path, writer.bytes)
            return path
        } catch { return nil }
    }

    private func remember(_ proof: FinalityProof) throws(Doubt) {
        let head = proof.anchor.map { FinalityProof(header: $0.header, certificate: proof.certificate) } ?? proof
        let isNew = state.withLock { known in
            guard head.header.height > known.certifiedHeader.height else { return false }
            known = head
            return true
        }
        guard isNew, let home else { return }
        do { try HomeFiles.replace(home.headFile, head.encoded) } catch { throw .home(error) }
    }
}

/// The boundaries that a home has kept: an array, oldest first.
struct KeptBoundaries: CBORCodable {
    private static let maximumCount = 1 << 20

    let boundaries: [EpochBoundary]

    init(boundaries: [EpochBoundary]) { self.boundaries = boundaries }

    init(from reader: inout CBORReader) throws(DecodingFailure) {
        boundaries = try reader.readArray(max: Self.maximumCount)
    }

    func encode(to writer: inout CBORWriter) { writer.write(array: boundaries) }
}
