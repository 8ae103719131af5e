internal import Codec
internal import Cryptography
internal import Ledger
internal import P2P
internal import Synchronization

/// The nodes that the chain's state admits, each under a number that stays while this process runs.
///
/// The validators of the genesis file come first, in their order; others follow as they are met. Admitted are the
/// validators of the present set, those that have left it and may follow, and whoever an open proposal would make a
/// validator: they follow already, so that they have caught up when they are needed.
final class Roster: Sendable {
    /// A node by its card.
    struct Node: Hashable, Sendable {
        /// What this process calls it.
        let number: Int
        let id: ValidatorID
        let key: PublicKey
        let certificate: [UInt8]
        let sealingKey: SealingPublicKey
        let peerAddress: String
        let apiURL: String
    }

    fileprivate struct State {
        var numbers: [ValidatorID: Int] = [:]
        var keys: [PublicKey] = []
        /// The set in order, this node included.
        var members: [Node] = []
        var others: [Node] = []
        var own: Node?
        var documentCopies = 0
    }

    /// This node.
    let ownID: ValidatorID
    private let ownKey: PublicKey
    private let state: Mutex<State>

    /// - Parameter key: This node's consensus key.
    init(genesis: Genesis, key: PublicKey, over reader: some LedgerReader) {
        ownKey = key
        ownID = ValidatorID(consensusKey: key)
        var state = State()
        for validator in genesis.validators { state.number(of: validator.consensusKey) }
        state.number(of: key)
        self.state = Mutex(state)
        update(over: reader)
    }

    /// This node's number.
    var ownNumber: Int { state.withLock { $0.numbers[ownID] } ?? 0 }
    /// All that were ever met, by number.
    var keys: [PublicKey] { state.withLock { $0.keys } }
    /// The validators of the present set, in order.
    var members: [Node] { state.withLock { $0.members } }
    /// Whether this node is one of them.
    var isMember: Bool { state.withLock { $0.members.contains { $0.id == ownID } } }
    /// This node's card; nothing while the chain has none.
    var own: Node? { state.withLock { $0.own } }
    /// The other members.
    var otherMembers: [Node] { members.filter { $0.id != ownID } }
    /// How many nodes keep a document.
    var requiredCopies: Int {
        state.withLock { state in
            let faulty = (state.members.count - 1) / 3
            let wanted = state.documentCopies == 0 ? faulty + 1 : state.documentCopies
            return min(state.members.count, max(1, wanted))
        }
    }

    /// Reads who is admitted now.
    func update(over reader: some LedgerReader) {
        var members: [Card] = []
        for id in reader.validatorSet.ids { if let card = Card(id, over: reader) { members.append(card) } }
        var others: [Card] = []
        for id in reader.observers { if let card = Card(id, over: reader) { others.append(card) } }
        for id in reader.docket.changes {
            guard let record: ChangeRecord = reader.record(id), let candidate = record.change.candidate else {
                continue
            }
            others.append(Card(candidate.entry))
        }
        let (copies, ownID) = (Int(clamping: reader.parameters.limits.documentCopies), ownID)
        state.withLock { state in
            state.documentCopies = copies
            state.members = members.map { state.node($0) }
            var seen = Set(members.map(\.id))
            // A member that is to move keeps its present card until the change is made.
            state.others = others.filter { seen.insert($0.id).inserted }.map { state.node($0) }
            state.own = (state.members + state.others).first { $0.id == ownID }
        }
    }

    /// A validator by its card, also one that has left; nothing for one that the chain has none of.
    func node(_ id: ValidatorID, over reader: some LedgerReader) -> Node? {
        guard let card = Card(id, over: reader) else { return nil }
        let number = state.withLock { $0.numbers[id] } ?? -1
        return Node(
            number: number, id: id, key: card.key, certificate: card.certificate, sealingKey: card.sealingKey,
            peerAddress: card.peerAddress, apiURL: card.apiURL)
    }

    /// Whom to keep channels with. Of two nodes the one with the smaller key hash dials: that is the same at both ends.
    /// Whose card names no address or no certificate is left out.
    func peers(of identity: TLSIdentity) -> [PeerConfiguration.Peer] {
        let nodes = state.withLock { $0.members + $0.others }
        return nodes.compactMap { node in
            guard node.id != ownID, let address = Address(node.peerAddress),
                let hash = try? TLSIdentity.keyHash(ofCertificate: node.certificate)
            else { return nil }
            return PeerConfiguration.Peer(
                index: node.number, host: address.host, port: address.port, keyHash: hash,
                isDialled: identity.keyHash < hash)
        }
    }

    /// A node's public half, as a genesis entry or a state leaf has it.
    fileprivate struct Card {
        let id: ValidatorID
        let key: PublicKey
        let certificate: [UInt8]
        let sealingKey: SealingPublicKey
        let peerAddress: String
        let apiURL: String

        init(_ entry: Genesis.Validator) {
            id = entry.id
            key = entry.consensusKey
            certificate = entry.certificate
            sealingKey = entry.sealingKey
            peerAddress = entry.peerAddress
            apiURL = entry.apiURL
        }

        init?(_ id: ValidatorID, over reader: some LedgerReader) {
            guard let record: ValidatorRecord = reader.record(id), let card: ValidatorCardRecord = reader.record(id),
                let key = record.consensusKey.publicKey
            else { return nil }
            self.id = id
            self.key = key
            certificate = card.certificate
            sealingKey = card.sealingKey
            peerAddress = card.peerAddress
            apiURL = card.apiURL
        }
    }
}

extension Roster.State {
    /// The number of whoever has this key, a new one for a key that was not met before.
    @discardableResult
    fileprivate mutating func number(of key: PublicKey) -> Int {
        let id = ValidatorID(consensusKey: key)
        if let number = numbers[id] { return number }
        numbers[id] = keys.count
        keys.append(key)
        return keys.count - 1
    }

    fileprivate mutating func node(_ card: Roster.Card) -> Roster.Node {
        Roster.Node(
            number: number(of: card.key), id: card.id, key: card.key, certificate: card.certificate,
            sealingKey: card.sealingKey, peerAddress: card.peerAddress, apiURL: card.apiURL)
    }
}
