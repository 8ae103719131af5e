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
    private let state: Mutex<Known>
    private let eras: Mutex<(trust: TrustAnchor, boundaries: [EpochBoundary])>

    /// What has been seen and is held on to.
    private struct Known {
        var head: FinalityProof
        /// Blocks below the head that are not shown to stand under it yet.
        var pins: [FinalityProof] = []
        /// Whether each new head must be shown to build on the one before.
        var isStrict: Bool
        var fork: ForkProof?
    }

    /// Starts from the genesis block, or from the head that a home has kept.
    ///
    /// - Parameters:
    ///   - home: Where the head is kept; nothing keeps it in memory only.
    ///   - isStrict: Whether a new head must be shown to build on the one before (``basesToLink(_:)``), so that a fork is
    ///     seen though no two of its blocks have the same height.
    /// - Throws: ``HomeFailure`` when the kept head is damaged or of another chain.
    public init(_ genesis: Genesis, home: WalletHome? = nil, isStrict: Bool = false) throws(HomeFailure) {
        self.home = home
        var boundaries: [EpochBoundary] = []
        var trust = TrustAnchor(genesis)
        if let home, HomeFiles.exists(home.epochsFile) {
            do {
                boundaries = try KeptBoundaries(decoding: try HomeFiles.read(home.epochsFile)).boundaries
                trust = try TrustAnchor(genesis, following: boundaries)
            } catch let failure as HomeFailure { throw failure } catch { throw .malformed(home.epochsFile, "\(error)") }
        }
        eras = Mutex((trust, boundaries))
        var head = FinalityProof(header: TrustAnchor.header(of: genesis), certificate: nil)
        if let home, HomeFiles.exists(home.headFile) {
            do {
                head = try FinalityProof(decoding: try HomeFiles.read(home.headFile))
                try head.verify(trust)
            } catch let failure as HomeFailure { throw failure } catch { throw .malformed(home.headFile, "\(error)") }
        }
        state = Mutex(Known(head: head, isStrict: isStrict))
    }

    /// What proofs are checked against: the genesis file and the epochs learned since.
    public var trust: TrustAnchor { eras.withLock { $0.trust } }

    /// What has taught this client who decides, from the first epoch's end on.
    public var boundaries: [EpochBoundary] { eras.withLock { $0.boundaries } }

    /// Learns further epochs, and keeps what it has learned. Those that are known already are passed over.
    ///
    /// - Returns: Whether there was anything new.
    @discardableResult
    public func follow(_ boundaries: [EpochBoundary]) throws(Doubt) -> Bool {
        let before = eras.withLock { $0 }
        var (trust, all) = before
        for boundary in boundaries where boundary.header.epoch >= trust.epoch {
            do { try trust.follow(boundary) } catch { throw .proof(error) }
            all.append(boundary)
        }
        guard all.count > before.boundaries.count else { return false }
        eras.withLock { if trust.epoch > $0.trust.epoch { $0 = (trust, all) } }
        if let home {
            do { try HomeFiles.replace(home.epochsFile, KeptBoundaries(boundaries: all).encoded) } catch {
                throw .home(error)
            }
        }
        return true
    }

    /// The highest final block seen.
    public var head: BlockHeader { headProof.certifiedHeader }

    /// The highest final block seen, with what makes it final.
    public var headProof: FinalityProof { state.withLock { $0.head } }

    /// Two final blocks at one height, where they have been seen.
    public var fork: ForkProof? { state.withLock { $0.fork } }

    /// Checks a proof and remembers it when it is the highest.
    ///
    /// - Parameter fresh: Whether the *proved* header, not only the one that it leads to, must be at least as high as the
    ///   head: so that nobody passes off an old state as the present one.
    /// - Throws: ``Doubt`` when it proves nothing, is too old, or contradicts what was seen.
    public func accept(_ proof: FinalityProof, fresh: Bool = false) throws(Doubt) {
        let (known, pins, isStrict) = state.withLock { ($0.head, $0.pins, $0.isStrict) }
        let certified = proof.certifiedHeader
        do {
            if certified.hash == known.certifiedHeader.hash {
                // Known to be final: no signature needs to be checked again.
                try proof.verifyAncestry(trust)
            } else {
                try proof.verify(trust)
            }
        } catch { throw .proof(error) }
        try compare(proof, with: [known] + pins)
        if fresh, proof.header.height < known.certifiedHeader.height {
            throw .behind(seen: known.certifiedHeader.height, offered: proof.header.height)
        }
        let isNew = certified.height > known.certifiedHeader.height
        if isStrict, certified.height >= known.certifiedHeader.height {
            guard pins.isEmpty, !isNew || Self.builds(certified, on: known) else { throw .unlinked }
        }
        if isNew { try remember(proof) }
    }

    /// Holds on to a block that somebody vouches for: nothing that contradicts it is accepted from now on, and the next
    /// head must be shown to stand above it and above the head so far.
    ///
    /// - Throws: ``Doubt`` when it is not final, or contradicts what was seen.
    public func pin(_ proof: FinalityProof) throws(Doubt) {
        do { try proof.verify(trust) } catch { throw .proof(error) }
        let (known, pins) = state.withLock { ($0.head, $0.pins) }
        try compare(proof, with: [known] + pins)
        let isNew = state.withLock { state in
            state.isStrict = true
            let pinned = Self.head(of: proof)
            guard pinned.header.hash != state.head.certifiedHeader.hash else { return false }
            let isNew = pinned.header.height > state.head.certifiedHeader.height
            state.pins.append(isNew ? state.head : pinned)
            if isNew { state.head = pinned }
            return isNew
        }
        if isNew { try keepHead() }
    }

    /// The heights of the blocks that must be shown to stand below a new head before it is accepted; none when it is no
    /// new head, or its parent is the head so far.
    func basesToLink(_ proof: FinalityProof) -> [Height] {
        state.withLock { state in
            let certified = proof.certifiedHeader
            let head = state.head.certifiedHeader
            guard state.isStrict, certified.height >= head.height else { return [] }
            let pins = state.pins.map(\.certifiedHeader.height)
            let isLinked = certified.hash == head.hash || Self.builds(certified, on: state.head)
            return isLinked ? pins : pins + [head.height]
        }
    }

    /// Accepts that what was seen stands below a new head, which it becomes.
    ///
    /// - Parameter link: The head so far or a pinned block, proved to stand below a block with a certificate.
    func accept(link: FinalityProof) throws(Doubt) {
        do { try link.verify(trust) } catch { throw .proof(error) }
        let (known, pins) = state.withLock { ($0.head, $0.pins) }
        try compare(link, with: [known] + pins)
        let isHead = state.withLock { state in
            state.pins.removeAll { $0.certifiedHeader.hash == link.header.hash }
            return state.pins.isEmpty && state.head.certifiedHeader.hash == link.header.hash
        }
        if isHead, link.certifiedHeader.height > link.header.height { try remember(link) }
    }

    private static func builds(_ header: BlockHeader, on head: FinalityProof) -> Bool {
        let head = head.certifiedHeader
        return header.height == head.height.next && header.parent == head.hash
    }

    private static func head(of proof: FinalityProof) -> FinalityProof {
        proof.anchor.map { FinalityProof(header: $0.header, certificate: proof.certificate) } ?? proof
    }

    /// Why a proof was not accepted.
    public enum Doubt: Error, Hashable, Sendable {
        /// It proves nothing.
        case proof(ProofFailure)
        /// It is genuine, but older than what was seen.
        case behind(seen: Height, offered: Height)
        /// It contradicts what was seen; the evidence is in this file, or nowhere when there is no home.
        case conflict(Height, evidence: String?)
        /// It is not shown to build on what was seen.
        case unlinked
        /// The home does not take the new head.
        case home(HomeFailure)
    }

    /// Refuses a second block at a height that is known. Both headers of a proof count: each is final.
    private func compare(_ proof: FinalityProof, with known: [FinalityProof]) throws(Doubt) {
        for known in known {
            for header in [proof.header, proof.certifiedHeader] {
                for other in [known.header, known.certifiedHeader]
                where header.height == other.height && header.hash != other.hash {
                    if let fork = ForkProof(known, proof, trust: trust) { state.withLock { $0.fork = fork } }
                    throw .conflict(header.height, evidence: keep([known, proof], at: header.height))
                }
            }
        }
    }

    /// Writes a fork down that was found by comparing nodes.
    ///
    /// - Returns: The failure that says so.
    func keep(_ fork: ForkProof) -> ClientFailure {
        state.withLock { $0.fork = fork }
        let evidence = keep([fork.first, fork.second], at: fork.height)
        return .conflictingFinality(fork.height, evidence: evidence ?? "no file")
    }

    private func keep(_ proofs: [FinalityProof], at height: Height) -> String? {
        guard let home else { return nil }
        let path = "\(home.evidenceDirectory)/two-finals-\(height).cbor"
        var writer = CBORWriter()
        writer.beginArray(1 + proofs.count)
        writer.write(array: boundaries)
        for proof in proofs { writer.write(proof) }
        do {
            try HomeFiles.makeDirectory(home.evidenceDirectory)
            try HomeFiles.replace(path, writer.bytes)
            return path
        } catch { return nil }
    }

    private func remember(_ proof: FinalityProof) throws(Doubt) {
        let head = Self.head(of: proof)
        let isNew = state.withLock { known in
            guard head.header.height > known.head.certifiedHeader.height else { return false }
            known.head = head
            return true
        }
        if isNew { try keepHead() }
    }

    private func keepHead() throws(Doubt) {
        guard let home else { return }
        do { try HomeFiles.replace(home.headFile, headProof.encoded) } catch { throw .home(error) }
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
