internal import Codec
internal import Consensus
internal import Cryptography
internal import Ledger

extension Replica {
    /// R7: stores the certificate's block and its ancestors, as far as all of them are here; otherwise fetches them.
    mutating func finalize(_ certificate: Certificate) {
        guard let final = certificate.finalBlock, final.height > finalTip.height else { return }
        let hash = BlockHash(final.hash)
        executeFinal(hash)
        guard reader(after: hash) != nil else {
            let holders = term.nodes(at: certificate.signers).filter { $0 != configuration.index }
            for node in holders { catchUp.note(max(catchUp.claim(of: node), final.height), of: node) }
            let awaited = awaitedFinalization?.finalBlock?.height ?? .genesis
            if final.height >= awaited { awaitedFinalization = certificate }
            fetchAncestors(of: hash, from: holders)
            return askForRangeIfDue()
        }
        store(upTo: hash, certificate: certificate)
    }

    /// The state after the last block that is stored or on its way into the store.
    var finalState: OverlayReader<Store> {
        reader(after: finalTip.hash) ?? OverlayReader(path: [], store: store)
    }

    /// The last block that is stored or on its way into the store.
    var finalTip: (hash: BlockHash, height: Height) {
        output.pendingTipHash ?? (store.position.hash, store.position.header.height)
    }

    /// Executes a final block and those below it that are here. Nobody's verdict on their signatures is needed any more:
    /// a quorum has given it.
    private mutating func executeFinal(_ hash: BlockHash) {
        var missing: [BlockHash] = []
        var next = hash
        while overlays[next] == nil, let block = blocks[next] {
            missing.append(next)
            next = block.header.parent
        }
        for hash in missing.reversed() {
            guard let block = blocks[hash], let reader = reader(after: block.header.parent), hasRules(after: reader)
            else { return }
            do throws(BlockRefusal) {
                try check { () throws(BlockRefusal) in
                    try BlockRules.checkHeader(
                        block, on: reader.position, epoch: term.epoch,
                        validators: term.validators.count, now: nil)
                }
                insert(try execute(block, hash: hash, over: reader))
            } catch {
                preconditionFailure("a final block executes to what its header says: \(error)")
            }
        }
    }

    /// Asks for the lowest block that is missing below a final one.
    private mutating func fetchAncestors(of hash: BlockHash, from holders: [ValidatorIndex]) {
        var next = hash
        while overlays[next] == nil, let block = blocks[next] { next = block.header.parent }
        guard overlays[next] == nil, next != store.position.hash else { return }
        if let holder = blocks.want(next, from: holders, now: now) {
            output.send(.blockRequest(next), to: .one(holder))
        }
    }

    /// Commits the executed blocks above the stored ones up to `hash`.
    mutating func store(upTo hash: BlockHash, certificate: Certificate?) {
        let stored = finalTip
        guard let path = overlays.path(to: hash, from: store.position) else { return }
        let fresh = path.filter { $0.position.header.height > stored.height }
        guard let first = fresh.first else { return }
        precondition(first.position.header.parent == stored.hash, "a final block extends the final chain")
        for overlay in fresh {
            let isLast = overlay.position.hash == hash
            output.commit(
                FinalBlock(
                    block: overlay.block, hash: overlay.position.hash, certificate: isLast ? certificate : nil,
                    execution: overlay.execution, update: overlay.update))
            isClosing = isClosing || overlay.position.header.closesEpoch
            noteOrdinaryFinality(isLast ? certificate : nil, of: overlay.position.header)
            for transaction in overlay.block.transactions { mempool.remove(transaction.id) }
            let expired = mempool.expire(through: overlay.position.header.height)
            if !expired.isEmpty { output.add(.expired(expired)) }
        }
        if let awaited = awaitedFinalization?.finalBlock, awaited.height <= finalTip.height {
            awaitedFinalization = nil
        }
        // Whoever starts again would end here as well.
        if let reader = reader(after: finalTip.hash), hasRules(after: reader) { wantAwaited() }
    }
}
