internal import Codec
internal import Consensus
internal import Cryptography
internal import Ledger

extension Replica {
    /// How far above the stored chain a block is fetched by its hash; beyond that, ranges are.
    private static var fetchHorizon: UInt64 { 64 }

    /// R1: builds on the given block, executes what was built and hands it to consensus.
    mutating func build(in view: View, on parent: BlockReference) {
        guard let reader = reader(after: BlockHash(parent.hash)) else {
            // Certified before a restart, and not executed since.
            postponedBuild = (view, parent)
            return request(parent, from: [])
        }
        postponedBuild = nil
        guard hasRules(after: reader) else { return }
        guard reader.position.header.nextEpoch == term.epoch.rawValue, let place = engine?.configuration.index else {
            // The parent closes the epoch: it alone may follow on itself, until it is final.
            return step(.built(parent, in: view, closesEpoch: true))
        }
        let limit = min(configuration.blockBytes, Int(clamping: reader.parameters.limits.maximumBlockBytes))
        let tip = reader.position.header.height
        let transactions = mempool.select(limit: limit) { transaction in
            do throws(TransactionRefusal) {
                try Transition.admit(transaction, tip: tip, over: reader)
                return true
            } catch {
                return false
            }
        }
        if transactions.isEmpty, isPending {
            // What waits is in the ancestors already: R10 decides when an empty block is due.
            isPending = false
            return step(.nothingToBuild(view))
        }
        let overlay = BlockRules.build(
            transactions, by: place, epoch: term.epoch, now: now, over: reader)
        insert(overlay)
        let closes = overlay.position.header.closesEpoch
        step(.built(overlay.position.reference, in: view, closesEpoch: closes))
    }

    /// Builds what could not be built before the parent was executed.
    mutating func buildPostponed() {
        guard let (view, parent) = postponedBuild, reader(after: BlockHash(parent.hash)) != nil else { return }
        postponedBuild = nil
        if view == engine?.view { build(in: view, on: parent) }
    }

    /// Consensus wants a verdict on a block.
    mutating func request(_ block: BlockReference, from holders: [ValidatorIndex]) {
        if let closes = closesEpoch(BlockHash(block.hash)) {
            return step(.executed(block.hash, closesEpoch: closes))
        }
        blocks.await(block)
        if isNear(block.height) { want(BlockHash(block.hash), from: holders) }
        executeWaiting()
    }

    /// Whether an executed or stored block closes its epoch; nothing for another.
    private func closesEpoch(_ hash: BlockHash) -> Bool? {
        if let overlay = overlays[hash] { return overlay.position.header.closesEpoch }
        return store.height(of: hash).flatMap { store.header(at: $0)?.closesEpoch }
    }

    /// Fetches awaited blocks that were too far above the stored chain until now.
    mutating func wantAwaited() {
        for block in blocks.awaited where isNear(block.height) && overlays[BlockHash(block.hash)] == nil {
            want(BlockHash(block.hash), from: [])
        }
    }

    /// Whether a block is fetched by its hash.
    private func isNear(_ height: Height) -> Bool {
        let tip = store.position.header.height
        return height <= tip || height.rawValue - tip.rawValue <= Self.fetchHorizon
    }

    private mutating func want(_ hash: BlockHash, from holders: [ValidatorIndex]) {
        var holders = holders.filter { $0 != configuration.index }
        if holders.isEmpty {
            holders = term.nodes(at: term.validators.indices).filter { $0 != configuration.index }
        }
        if let holder = blocks.want(hash, from: holders, now: now) {
            output.send(.blockRequest(hash), to: .one(holder))
        }
    }

    /// A leader's block, which comes with its proposal.
    mutating func take(_ block: Block, proposedBy propose: Propose, from sender: ValidatorIndex) {
        guard let proposal = propose.vote.statement.proposal,
            term.node(at: term.leader(of: proposal.view)) == sender,
            block.header.hash.digest == proposal.block.hash
        else { return }
        // A leader repeats its proposal when nothing moves: only the first says what time it is there.
        if self.block(block.header.hash) == nil { clocks.note(block, from: sender, now: now) }
        keep(block)
    }

    /// A block that was asked for; others could crowd out what is needed.
    mutating func take(_ block: Block) {
        if blocks.isWanted(block.header.hash) { keep(block) }
    }

    private mutating func keep(_ block: Block) {
        let hash = block.header.hash
        // A header is known by its hash, what comes with it is not: other transactions are no reason to refuse the block.
        guard isWhole(block) else { return }
        blocks.stopWanting(hash)
        guard block.header.chain == configuration.chain, block.header.height > finalTip.height,
            isNear(block.header.height), overlays[hash] == nil
        else { return }
        blocks.insert(block, hash: hash)
        executeWaiting()
        if let certificate = awaitedFinalization { finalize(certificate) }
    }

    /// Whether these are the transactions that the header commits to.
    func isWhole(_ block: Block) -> Bool {
        block.header.transactionsRoot == Block.transactionsRoot(of: block.transactions)
            || skippedChecks.contains("transactions root")
    }

    /// Executes the blocks that consensus waits for as far as they and their ancestors are here.
    mutating func executeWaiting() {
        var settled: Bool
        repeat {
            settled = false
            for reference in blocks.awaited {
                let awaited = blocks.awaited.count
                guard let verdict = judge(reference) else {
                    // A parent that is here has joined the queue.
                    settled = settled || blocks.awaited.count > awaited
                    continue
                }
                blocks.settle(reference)
                let closes = closesEpoch(BlockHash(reference.hash)) ?? false
                step(verdict ? .executed(reference.hash, closesEpoch: closes) : .invalid(reference.hash))
                settled = true
                break
            }
        } while settled
    }

    /// Whether a block is valid; nothing while something is missing.
    private mutating func judge(_ reference: BlockReference) -> Bool? {
        let hash = BlockHash(reference.hash)
        if overlays[hash] != nil { return true }
        guard let block = blocks[hash] else { return nil }
        guard block.header.height == reference.height, block.header.parent.digest == reference.parent else {
            return false
        }
        guard let reader = reader(after: block.header.parent) else {
            // The parent is not executed: it is here and awaits its own turn, or is fetched.
            let tip = store.position.header.height
            guard block.header.height.rawValue > tip.rawValue + 1 else { return false }
            return judgeParent(of: block)
        }
        guard hasRules(after: reader) else { return nil }
        do throws(BlockRefusal) {
            try check { () throws(BlockRefusal) in
                try BlockRules.checkHeader(
                    block, on: reader.position, epoch: term.epoch,
                    validators: term.validators.count, now: now)
            }
            if !skippedChecks.contains("signatures"), try !areSignaturesValid(in: block) { return nil }
            insert(try execute(block, hash: hash, over: reader))
            return true
        } catch {
            switch error {
            case .invalid: return false
            case .early(let moment):
                blocks.lookAgain(at: moment)
                return nil
            }
        }
    }

    private mutating func judgeParent(of block: Block) -> Bool? {
        let header = block.header
        guard let parent = blocks[header.parent] else {
            want(header.parent, from: [])
            return nil
        }
        blocks.await(BlockReference(parent.header, hash: header.parent))
        return nil
    }

    /// Whether all signatures hold. Those that nobody here has checked are handed to the pool.
    private mutating func areSignaturesValid(in block: Block) throws(BlockRefusal) -> Bool {
        var isComplete = true
        for transaction in block.transactions where !mempool.holds(transaction) {
            switch verification.verdict(on: transaction) {
            case true?: break
            case false?: throw .invalid("signatures")
            case nil:
                verification.request(transaction, origin: nil, token: nil)
                isComplete = false
            }
        }
        return isComplete
    }

    /// Asks again for what has not come, and looks again at what was early.
    mutating func expireWaits() {
        for (hash, holder) in blocks.due(now: now) { output.send(.blockRequest(hash), to: .one(holder)) }
        if blocks.isTimeToLook(now: now) { executeWaiting() }
        askForRangeIfDue()
    }

    /// Serves a block to a node that asks for it.
    mutating func serve(_ hash: BlockHash, to peer: ValidatorIndex) {
        if let block = block(hash) { output.send(.block(block), to: .one(peer)) }
    }
}
