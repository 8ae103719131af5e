public import API
public import Cryptography
public import Ledger
internal import Codec

/// Asks nodes and believes only proofs: everything that comes out of here has been checked from the genesis file.
///
/// Flows (consent, access, records) are written on top of it in extensions and types of their own.
public final class LedgerClient: Sendable {
    /// The consortium.
    public let genesis: Genesis
    /// Who is asked.
    public let nodes: NodeClient
    /// What is believed.
    public let light: LightClient
    private let home: WalletHome?
    /// Whether a person has said which nodes to ask.
    private let isBound: Bool
    /// Hears of everything before it is signed.
    let announce: @Sendable (TransactionBody) -> Void

    /// - Parameters:
    ///   - urls: The nodes to ask; the genesis file's when empty.
    ///   - home: Where the highest head is kept.
    ///   - checkpoint: A head that others vouch for: nothing that contradicts it is believed.
    ///   - isStrict: Whether each new head must be shown to build on the one before; always so with a checkpoint.
    ///   - announce: Tells whoever signs what they are about to sign.
    public init(
        _ genesis: Genesis, urls: [String] = [], home: WalletHome? = nil, checkpoint: Checkpoint? = nil,
        isStrict: Bool = false, announce: @escaping @Sendable (TransactionBody) -> Void = { _ in }
    ) throws(ClientFailure) {
        self.genesis = genesis
        self.announce = announce
        self.home = home
        isBound = !urls.isEmpty
        let known: [NodeAddress]
        do { known = try KnownNodes.load(home, genesis) } catch { throw .home(error) }
        var addresses: [NodeAddress] = []
        for url in urls {
            guard let address = NodeAddress(url, among: known) else {
                throw .notFound("a node at \(url) (expected https://host:port)")
            }
            addresses.append(address)
        }
        nodes = NodeClient(nodes: addresses.isEmpty ? known : addresses)
        do { light = try LightClient(genesis, home: home, isStrict: isStrict) } catch { throw .home(error) }
        guard let checkpoint else { return }
        do {
            try light.follow(checkpoint.boundaries)
            try light.pin(checkpoint.proof)
        } catch { throw Self.failure(error, "the checkpoint") }
    }

    /// Closes the connections. Must be called once, last.
    public func shutDown() async { await nodes.shutDown() }

    /// The chain.
    public var chain: ChainID { light.trust.chain }

    /// The latest final header that a node knows.
    public func tip() async throws(ClientFailure) -> BlockHeader {
        try await fresh { (node) async throws(ClientFailure) in
            let answer = try await self.nodes.send(.readBlock(.latest), to: node, as: FinalityProof.self)
            try await self.accept(answer.value, from: answer.node, fresh: true)
            return answer.value.header
        }
    }

    /// What the present state says; see ``Request/leaves(organizations:validators:)`` for which leaves.
    ///
    /// - Parameter key: Signs the request.
    public func state(_ request: Request, signedBy key: SigningKey?) async throws(ClientFailure) -> VerifiedState {
        try await proved(request, signedBy: key).state
    }

    /// What proves it to others; see ``state(_:signedBy:)``.
    func reply(to request: Request, signedBy key: SigningKey?) async throws(ClientFailure) -> StateReply {
        try await proved(request, signedBy: key).reply
    }

    private func proved(
        _ request: Request, signedBy key: SigningKey?
    ) async throws(ClientFailure) -> (reply: StateReply, state: VerifiedState) {
        try await fresh { (node) async throws(ClientFailure) in
            let answer = try await self.nodes.send(request, signedBy: key, to: node, as: StateReply.self)
            try await self.accept(answer.value.finality, from: answer.node, fresh: true)
            return (answer.value, try Self.verified(answer.value, from: answer.node))
        }
    }

    /// A subject's record as it is now; nothing when there is none.
    public func record<Record: StateRecord>(
        _ id: Record.ID, of type: Record.Type = Record.self, at request: Request, signedBy key: SigningKey?
    ) async throws(ClientFailure) -> Record? {
        let state = try await state(request, signedBy: key)
        do { return try state.record(id) } catch { throw .proof(error, node: "the node") }
    }

    /// The validators in order, with their addresses and sealing keys.
    public func validators() async throws(ClientFailure) -> [(id: ValidatorID, card: ValidatorCardRecord)] {
        let state = try await state(.listValidators, signedBy: nil)
        var cards: [(id: ValidatorID, card: ValidatorCardRecord)] = []
        do {
            guard let set = try state.record(.only, as: ValidatorSetRecord.self) else { throw ProofFailure.missingLeaf }
            for id in set.ids {
                guard let card = try state.record(id, as: ValidatorCardRecord.self) else {
                    throw ProofFailure.missingLeaf
                }
                cards.append((id, card))
            }
        } catch { throw .proof(error as? ProofFailure ?? .missingLeaf, node: "the node") }
        try meet(cards)
        return cards
    }

    /// The chain's limits as they are now.
    public func limits() async throws(ClientFailure) -> Genesis.Parameters {
        let state = try await state(.listValidators, signedBy: nil)
        do {
            guard let record = try state.record(.only, as: ParametersRecord.self) else {
                throw ProofFailure.missingLeaf
            }
            return record.limits
        } catch { throw .proof(error as? ProofFailure ?? .missingLeaf, node: "the node") }
    }

    /// Where a validator is reached, in the set or not; nothing for one that never was.
    public func node(of validator: ValidatorID) async throws(ClientFailure) -> NodeAddress? {
        if let known = nodes.nodes.first(where: { $0.validator == validator }) { return known }
        let card: ValidatorCardRecord? = try await record(
            validator, at: .readSubject(.validator(validator)), signedBy: nil)
        return card.map { NodeAddress(validator, $0) }
    }

    /// Checks a finality proof and follows it. Of an epoch that this client does not know, it first learns who decides in
    /// it: from the same node, which has to prove it.
    ///
    /// A strict light client wants each new head linked to the one before: the node is asked for what shows it.
    public func accept(
        _ proof: FinalityProof, from node: NodeAddress, fresh: Bool = false
    ) async throws(ClientFailure) {
        do { try await follow(proof, from: node, fresh: fresh) } catch {
            guard case .proof(.unknownEpoch, _) = error else { throw error }
            try await learnEpochs(from: node)
            try await follow(proof, from: node, fresh: fresh)
            // A node that cannot tell yet is no reason to doubt what it has proved.
            _ = try? await validators()
        }
    }

    private func learnEpochs(from node: NodeAddress) async throws(ClientFailure) {
        while true {
            let request = Request.readEpochs(from: light.trust.epoch)
            let answer = try await nodes.send(request, to: node, as: EpochsReply.self)
            let isNew: Bool
            do { isNew = try light.follow(answer.value.boundaries) } catch { throw Self.failure(error, node.url) }
            guard isNew, answer.value.boundaries.count == EpochsReply.maximumCount else { return }
        }
    }

    /// Asks these validators from now on, unless somebody has said whom to ask.
    private func meet(_ validators: [(id: ValidatorID, card: ValidatorCardRecord)]) throws(ClientFailure) {
        let known = validators.map { NodeAddress($0.id, $0.card) }
        guard !isBound, known != nodes.nodes else { return }
        nodes.use(known)
        guard let home else { return }
        do { try HomeFiles.replace(home.nodesFile, KnownNodes(nodes: known).encoded) } catch { throw .home(error) }
    }

    private func follow(_ proof: FinalityProof, from node: NodeAddress, fresh: Bool) async throws(ClientFailure) {
        // Another task may bring a new head while this one is being linked.
        for _ in 0..<8 {
            do { return try light.accept(proof, fresh: fresh) } catch {
                guard case .unlinked = error else { throw Self.failure(error, node.url) }
            }
            try await link(proof, from: node)
        }
        throw Self.failure(.unlinked, node.url)
    }

    /// Has a node show that what was seen stands below a new head.
    private func link(_ proof: FinalityProof, from node: NodeAddress) async throws(ClientFailure) {
        let head = proof.certifiedHeader
        do { try proof.verify(light.trust) } catch { throw .proof(error, node: node.url) }
        for height in light.basesToLink(proof) where height < head.height {
            let link = try await nodes.send(
                .readBlock(.height(height), under: head.height), to: node, as: FinalityProof.self
            ).value
            guard link.certifiedHeader.hash == head.hash, link.header.height == height else {
                throw .proof(.notAnAncestor, node: node.url)
            }
            do { try light.accept(link: link) } catch { throw Self.failure(error, node.url) }
        }
    }

    private static func failure(_ doubt: LightClient.Doubt, _ node: String) -> ClientFailure {
        switch doubt {
        case .proof(let failure): .proof(failure, node: node)
        case .behind(let seen, let offered): .behind(seen: seen, offered: offered)
        case .conflict(let height, let evidence): .conflictingFinality(height, evidence: evidence ?? "no file")
        case .unlinked: .proof(.notAnAncestor, node: node)
        case .home(let failure): .home(failure)
        }
    }

    private static func verified(_ reply: StateReply, from node: NodeAddress) throws(ClientFailure) -> VerifiedState {
        do { return try reply.verifyLeaves() } catch { throw .proof(error, node: node.url) }
    }

    /// Hears every node's latest final block at once, and follows each that is proved.
    ///
    /// - Returns: What came of it, in the order of ``nodes``.
    public func hearAll() async -> [(node: NodeAddress, heard: Result<FinalityProof, ClientFailure>)] {
        let nodes = nodes.nodes
        return await withTaskGroup(of: (Int, Result<FinalityProof, ClientFailure>).self) { group in
            for (index, node) in nodes.enumerated() {
                group.addTask {
                    do throws(ClientFailure) {
                        let answer = try await self.nodes.send(.readBlock(.latest), to: node, as: FinalityProof.self)
                        try await self.accept(answer.value, from: node)
                        return (index, .success(answer.value))
                    } catch { return (index, .failure(error)) }
                }
            }
            var heard = nodes.map { ($0, Result<FinalityProof, ClientFailure>.failure(.unreachable([]))) }
            for await (index, result) in group { heard[index].1 = result }
            return heard.map { (node: $0.0, heard: $0.1) }
        }
    }

    /// Hears every node before something is asked of one: none can then show what was as what is, unless all that can be
    /// reached do.
    ///
    /// - Parameter doubt: Hears of every node whose head was not believed.
    /// - Throws: ``ClientFailure/conflictingFinality(_:evidence:)``.
    public func hearEverybody(doubt: (ClientFailure) -> Void = { _ in }) async throws(ClientFailure) {
        for (_, heard) in await hearAll() {
            guard case .failure(let failure) = heard else { continue }
            if case .conflictingFinality = failure { throw failure }
            if failure.exitCode == 3 { doubt(failure) }
        }
    }

    /// Asks one node after another until one is believed: a node may lie, lag, deny or be down. One that is behind gets
    /// the time in which a node that tells the truth catches up.
    ///
    /// - Parameter doubt: Hears why a node was passed over.
    /// - Throws: The most telling refusal when no node is believed.
    func firstBelieved<Value: Sendable>(
        doubt: (ClientFailure) -> Void = { _ in },
        _ ask: (NodeAddress) async throws(ClientFailure) -> Value
    ) async throws(ClientFailure) -> Value {
        var failures: [ClientFailure] = []
        for node in nodes.ordered {
            do { return try await patient(node, ask) } catch {
                switch error {
                case .conflictingFinality, .home: throw error
                default: failures.append(error)
                }
                if error.exitCode == 3 { doubt(error) }
            }
        }
        throw failures.first { $0.exitCode == 3 } ?? failures.first { $0.exitCode != 5 } ?? failures.last
            ?? .unreachable([])
    }

    private func patient<Value: Sendable>(
        _ node: NodeAddress, _ ask: (NodeAddress) async throws(ClientFailure) -> Value
    ) async throws(ClientFailure) -> Value {
        for _ in 0..<40 {
            do { return try await ask(node) } catch {
                guard case .behind = error else { throw error }
            }
            do { try await Task.sleep(for: .milliseconds(50)) } catch { break }
        }
        return try await ask(node)
    }

    /// Asks again, of each node in turn, while what comes back is older than what this client has seen: another node may
    /// have told of a block that the first has not executed yet.
    private func fresh<Value: Sendable>(
        _ ask: (NodeAddress?) async throws(ClientFailure) -> Value
    ) async throws(ClientFailure) -> Value {
        var last = ClientFailure.unreachable([])
        for attempt in 0..<40 {
            do {
                return try await ask(attempt == 0 ? nil : nodes.nodes[attempt % nodes.nodes.count])
            } catch {
                switch error {
                case .behind: last = error
                case .unreachable where attempt > 0: continue
                default: throw error
                }
            }
            // A node that is behind by a block catches up within milliseconds.
            do { try await Task.sleep(for: .milliseconds(50)) } catch { throw last }
        }
        throw last
    }
}
