package import Codec
package import Cryptography
package import Ledger

/// Which content documents that are not erased still name. Found by a pass over the chain and all manifests, which is
/// slow and exact: an erasure is rare, and what is deleted does not come back.
///
/// A manifest counts for the document of the scope and author that it was made for. Whoever commits somebody else's
/// manifest keeps nothing from being erased.
package struct NamedContent: Sendable {
    private let block: @Sendable (Height) throws -> Block?
    private let state: any LedgerReader & Sendable
    private let manifest: @Sendable (ContentID) async -> Manifest?

    /// - Parameters:
    ///   - block: The final block at a height, nothing above the tip.
    ///   - state: What is final.
    ///   - manifest: From here or another node.
    package init(
        block: @escaping @Sendable (Height) throws -> Block?,
        state: any LedgerReader & Sendable,
        manifest: @escaping @Sendable (ContentID) async -> Manifest?
    ) {
        self.block = block
        self.state = state
        self.manifest = manifest
    }

    /// Those of `candidates` that must stay.
    package func named(among candidates: Set<ContentID>) async throws -> Set<ContentID> {
        var named: Set<ContentID> = []
        guard !candidates.isEmpty else { return named }
        var height = Height.genesis.next
        while let block = try block(height) {
            for operation in block.transactions.lazy.flatMap(\.operations) {
                try Task.checkCancellation()
                for id in await names(operation) where candidates.contains(id) { named.insert(id) }
            }
            height = height.next
        }
        return named
    }

    /// What an operation keeps from being deleted.
    private func names(_ operation: Operation) async -> [ContentID] {
        if let document = operation.committed { return await names(document.document) }
        return switch operation {
        case .shareDocument(let share): await names(share.document)
        case .grantConsent(let grant): [grant.card]
        case .authorizeAuthor(let author): [author.card]
        default: []
        }
    }

    private func names(_ document: DocumentID) async -> [ContentID] {
        guard let record: DocumentRecord = state.record(document), !state.isErased(document) else { return [] }
        var names = [record.metadata]
        let origin = state.record(document, as: SharedDocumentRecord.self)?.sourceScope ?? record.scope
        if let manifest = await manifest(record.manifest), let scope = origin.key.publicKey,
            manifest.context == DocumentContext(scope: scope, author: record.sealedAuthor).digest
        {
            names += [record.manifest] + manifest.blocks
        }
        return names
    }
}
