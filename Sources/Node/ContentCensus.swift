package import ContentStorage
package import Cryptography
package import Ledger
package import Codec

/// Which content the chain names, and the removal of what it does not.
///
/// The first pass reads the chain from its beginning, each later one what has become final since. Where a document's
/// manifest cannot be had, its blocks are not known: nothing is removed until it can, or a week of passes has gone by.
package actor ContentCensus {
    /// Passes after which a manifest that nobody has is given up, and with it the blocks that only it names.
    private static let patience = 7

    private let block: @Sendable (Height) throws -> Block?
    private let manifest: @Sendable (ContentID) async -> Manifest?
    private let isErased: @Sendable (DocumentID) -> Bool
    private let collection: GarbageCollection
    private var named = ContentFilter()
    private var next = Height.genesis.next
    /// Manifests that have not been read, with the passes that have tried and the document.
    private var unread: [ContentID: (tries: Int, document: DocumentID)] = [:]

    /// - Parameters:
    ///   - block: The final block at a height, nothing above the tip.
    ///   - manifest: From here or another node.
    ///   - isErased: Whether the final state says so of a document: what only such documents name is not kept.
    ///   - grace: For how long content may be unnamed.
    package init(
        store: any ContentStore, block: @escaping @Sendable (Height) throws -> Block?,
        manifest: @escaping @Sendable (ContentID) async -> Manifest?,
        isErased: @escaping @Sendable (DocumentID) -> Bool = { _ in false },
        grace: Duration = GarbageCollection.defaultGrace
    ) {
        collection = GarbageCollection(store, grace: grace)
        self.block = block
        self.manifest = manifest
        self.isErased = isErased
    }

    /// What a pass came to.
    package enum Outcome: Equatable, Sendable {
        case collected(GarbageCollection.Report)
        /// Nothing was removed: so many manifests cannot be had.
        case manifestsMissing(Int)
    }

    /// Brings the census up to date and removes what is old and not named.
    ///
    /// - Throws: What keeps the chain or the store from being read.
    @discardableResult
    package func collect() async throws -> Outcome {
        try followChain()
        await readManifests()
        guard isComplete else { return .manifestsMissing(unread.count) }
        return .collected(try await collection.run { try await self.mayName($0) })
    }

    private var isComplete: Bool { unread.values.allSatisfy { $0.tries >= Self.patience } }

    private func mayName(_ id: ContentID) async throws -> Bool {
        if named.mayContain(id) { return true }
        // Removal is for good: a block that has become final since the pass began may name it.
        guard try followChain() else { return false }
        await readManifests()
        return !isComplete || named.mayContain(id)
    }

    /// - Returns: Whether there was anything new.
    @discardableResult
    private func followChain() throws -> Bool {
        let start = next
        while let block = try block(next) {
            // Refused operations count too: it is their names that are kept, and they are few.
            for operation in block.transactions.lazy.flatMap(\.operations) { note(operation) }
            next = next.next
        }
        return next > start
    }

    private func note(_ operation: Operation) {
        if let document = operation.committed {
            guard !isErased(document.document) else { return }
            named.insert(document.manifest)
            named.insert(document.metadata)
            unread[document.manifest] = (0, document.document)
            return
        }
        switch operation {
        case .shareDocument(let share):
            // The rest of it is named by the document that it shares.
            if !isErased(share.document) { named.insert(share.metadata) }
        case .grantConsent(let grant): named.insert(grant.card)
        case .authorizeAuthor(let author): named.insert(author.card)
        case .publishNotice(let notice): named.insert(notice.text)
        default: break
        }
    }

    private func readManifests() async {
        for (id, wanted) in unread where wanted.tries < Self.patience {
            if isErased(wanted.document) {
                unread[id] = nil
            } else if let manifest = await manifest(id) {
                for block in manifest.blocks { named.insert(block) }
                unread[id] = nil
            } else {
                unread[id] = (wanted.tries + 1, wanted.document)
            }
        }
    }
}
