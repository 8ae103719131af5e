internal import Codec
internal import ContentStorage
internal import Cryptography
internal import Ledger
internal import Logging
internal import Synchronization

/// Sealed content on several nodes: keeps copies elsewhere before it says "stored", and fetches what this node lacks.
///
/// Which validators are asked first follows from a hash of content and validator, so that copies spread evenly and
/// everybody looks for them in the same order.
final class ContentService: Sendable {
    private static let cachedManifests = 64

    let store: any ContentStore
    private let roster: Roster
    private let peers: PeerClient
    private let logger: Logger
    private let manifests = Mutex<[ContentID: Manifest]>([:])

    init(store: any ContentStore, roster: Roster, peers: PeerClient, logger: Logger) {
        self.store = store
        self.roster = roster
        self.peers = peers
        self.logger = logger
    }

    /// How many nodes must have content before an upload is confirmed, this one included.
    var requiredCopies: Int { roster.requiredCopies }

    /// Whether this node is one of the present validators.
    var isMember: Bool { roster.isMember }
    /// The present validators, in order.
    var memberIDs: [ValidatorID] { roster.members.map(\.id) }

    /// Whether this node is one of those that are to keep content.
    func isHolder(of id: ContentID) -> Bool { holders(of: id).contains { $0.id == roster.ownID } }

    /// Whether all others that are to keep content say that they have it; false when there are none.
    func isHeldByItsHolders(_ id: ContentID) async -> Bool {
        let holders = holders(of: id).filter { $0.id != roster.ownID }
        for holder in holders {
            guard let isMissing = try? await peers.isMissing(id, at: holder), !isMissing else { return false }
        }
        return !holders.isEmpty
    }

    /// Who is to keep content.
    private func holders(of id: ContentID) -> ArraySlice<Roster.Node> {
        Placement.ranked(roster.members, for: id, by: \.id).prefix(requiredCopies)
    }

    /// Stores content here and, when `replicating`, with as many others as are required.
    ///
    /// - Returns: How many nodes have it on disk.
    func keep(_ content: Content, replicating: Bool) async throws(ContentFailure) -> Int {
        try await store.put([content])
        let requiredCopies = requiredCopies
        guard replicating, requiredCopies > 1 else { return 1 }
        let copies = await replicate(content, to: requiredCopies - 1)
        return 1 + copies
    }

    /// Content from here, or from whoever has it; what was fetched is kept.
    func get(_ id: ContentID, askingPeers: Bool) async throws(ContentFailure) -> Content? {
        do throws(ContentFailure) {
            if let content = try await store.get(id) { return content }
        } catch .damaged {
            logger.error("content damaged", metadata: ["content": "\(id)"])
        }
        guard askingPeers, let bytes = await fetch(id), let content = try? Content(bytes, named: id) else { return nil }
        try await store.put([content])
        return content
    }

    /// Asks the others for content, one after the other; what they give is compared with its name by whoever uses it.
    func fetch(_ id: ContentID) async -> [UInt8]? {
        for peer in order(id) {
            guard let bytes = try? await peers.get(id, from: peer), id.names(bytes) else { continue }
            return bytes
        }
        return nil
    }

    /// A document's manifest, nothing where no node has it.
    func manifest(_ id: ContentID) async throws(ContentFailure) -> Manifest? {
        if let cached = manifests.withLock({ $0[id] }) { return cached }
        guard let content = try await get(id, askingPeers: true),
            let manifest = try? Manifest(decoding: content.bytes)
        else { return nil }
        manifests.withLock { cache in
            if cache.count >= Self.cachedManifests { cache.removeAll() }
            cache[id] = manifest
        }
        return manifest
    }

    /// A document's manifest from here or another node, which is not kept here for having been looked at.
    func peek(manifest id: ContentID) async -> Manifest? {
        let own = try? await store.get(id)
        var bytes = own?.bytes
        if bytes == nil { bytes = await fetch(id) }
        return bytes.flatMap { try? Manifest(decoding: $0) }
    }

    /// What is known of a manifest's whereabouts.
    enum Whereabouts: Sendable {
        case found(Manifest)
        /// This node has none, and neither has any other.
        case nowhere
        /// This node has none, and some other did not say.
        case unknown
    }

    /// Looks for a manifest here and everywhere; what is found is not kept here.
    func look(for id: ContentID) async -> Whereabouts {
        do throws(ContentFailure) {
            if let own = try await store.get(id), let manifest = try? Manifest(decoding: own.bytes) {
                return .found(manifest)
            }
        } catch { logger.error("manifest cannot be read", metadata: ["content": "\(id)", "error": "\(error)"]) }
        var haveAllSaid = true
        for peer in order(id) {
            do {
                if let bytes = try await peers.get(id, from: peer), id.names(bytes),
                    let manifest = try? Manifest(decoding: bytes)
                {
                    return .found(manifest)
                }
            } catch { haveAllSaid = false }
        }
        return haveAllSaid ? .nowhere : .unknown
    }

    /// Reads the whole store through and repairs what is damaged.
    func scrub() async {
        do {
            let report = try await Scrub(store, fetch: { [self] in await fetch($0) }).run()
            logger.info(
                "content scrubbed",
                metadata: [
                    "intact": "\(report.intact)", "repaired": "\(report.repaired.count)",
                    "lost": "\(report.lost.count)",
                ])
        } catch is CancellationError {
            return
        } catch {
            logger.error("content scrub failed", metadata: ["error": "\(error)"])
        }
    }

    private func replicate(_ content: Content, to count: Int) async -> Int {
        let order = order(content.id)
        return await withTaskGroup(of: Bool.self) { group in
            var next = 0
            func ask() {
                guard next < order.count else { return }
                let peer = order[next]
                next += 1
                group.addTask { [peers, logger] in
                    do {
                        try await peers.put(content.id, content.bytes, at: peer)
                        return true
                    } catch {
                        logger.warning("copy refused", metadata: ["peer": "\(peer.id)", "error": "\(error)"])
                        return false
                    }
                }
            }
            for _ in 0..<count { ask() }
            var copies = 0
            for await stored in group {
                if stored { copies += 1 } else { ask() }
                if copies == count { break }
            }
            return copies
        }
    }

    /// The other validators in the order in which they are asked about this content: those that are to keep it first.
    private func order(_ id: ContentID) -> [Roster.Node] {
        Placement.ranked(roster.otherMembers, for: id, by: \.id)
    }
}
