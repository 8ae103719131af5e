package import Codec
public import Consensus
package import Cryptography
public import Ledger

/// What a proof is checked against: a chain and the validators that decide on it, epoch by epoch.
///
/// It begins with the genesis file alone and learns each further epoch from a boundary that the one before has signed.
public struct TrustAnchor: Hashable, Sendable {
    /// Who decides in one epoch.
    struct Era: Hashable, Sendable {
        /// The block that opened the epoch.
        let opening: BlockHeader
        let validators: ValidatorSet
        /// What headers say of the validators.
        let hash: Digest
    }

    /// The chain.
    public let chain: ChainID
    /// The hash of the first block, which is final without a certificate.
    public let genesisBlock: BlockHash
    private var eras: [Era]

    /// Derives everything from the genesis file. Builds the first state, about 10 µs an entry.
    public init(_ genesis: Genesis) {
        guard let validators = ValidatorSet(genesis.validators.map(\.consensusKey)) else {
            preconditionFailure("a genesis names 1 to 128 different validators")
        }
        chain = genesis.chain
        let header = Self.header(of: genesis)
        genesisBlock = header.hash
        eras = [Era(opening: header, validators: validators, hash: genesis.validatorSet.hash)]
    }

    /// The genesis file's word and the boundaries in order; nothing is taken that does not hold.
    public init(_ genesis: Genesis, following boundaries: [EpochBoundary]) throws(ProofFailure) {
        self.init(genesis)
        for boundary in boundaries { try follow(boundary) }
    }

    /// The newest epoch whose validators are known.
    public var epoch: UInt64 { UInt64(eras.count - 1) }

    /// Who decides in the newest epoch that is known.
    public var validators: ValidatorSet { newest.validators }

    private var newest: Era {
        guard let era = eras.last else { preconditionFailure("the genesis file opens an epoch") }
        return era
    }

    /// Learns who decides in the next epoch. Costs one signature check a signer.
    public mutating func follow(_ boundary: EpochBoundary) throws(ProofFailure) {
        let (header, era) = (boundary.header, newest)
        guard header.chain == chain else { throw .wrongChain }
        guard header.epoch == epoch else { throw .unknownEpoch(header.epoch) }
        guard header.height > era.opening.height, header.closesEpoch,
            boundary.validators.hash == header.nextValidatorsHash,
            let validators = ValidatorSet(boundary.validators.keys.compactMap(\.publicKey)),
            validators.count == boundary.validators.keys.count
        else { throw .wrongValidators }
        try FinalityProof(header: header, certificate: boundary.certificate).verify(self)
        eras.append(Era(opening: header, validators: validators, hash: header.nextValidatorsHash))
    }

    /// Who decides on a block with this header.
    ///
    /// - Throws: ``ProofFailure/unknownEpoch(_:)`` above the epochs that are known.
    package func validators(of header: BlockHeader) throws(ProofFailure) -> ValidatorSet {
        guard header.epoch <= epoch else { throw .unknownEpoch(header.epoch) }
        let era = eras[Int(header.epoch)]
        guard header.validatorsHash == era.hash, header.height > era.opening.height else { throw .wrongValidators }
        return era.validators
    }

    /// Everybody who has decided on a block from one height to another, both included: each once, first come first.
    ///
    /// The highest height is one of a block that is known to be final; what lies above the newest epoch's opening is its.
    package func deciders(from first: Height, through last: Height) -> [PublicKey] {
        var keys: [PublicKey] = []
        for (index, era) in eras.enumerated() {
            let next = eras.indices.contains(index + 1) ? eras[index + 1].opening.height : last
            guard era.opening.height < last, next >= first else { continue }
            keys += era.validators.keys.filter { !keys.contains($0) }
        }
        return keys
    }

    /// The first block's header.
    public static func header(of genesis: Genesis) -> BlockHeader {
        let update = StateTree.update(genesis.initialState, to: .empty, version: .genesis, in: NoNodes())
        return .genesis(genesis, stateRoot: update.root.hash)
    }

    private struct NoNodes: StateTreeReader {
        func node(_ key: NodeKey) -> [UInt8]? { nil }
    }
}
