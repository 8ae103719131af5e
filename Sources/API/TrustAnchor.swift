public import Consensus
public import Ledger
internal import Codec
internal import Cryptography

/// What a proof is checked against: a chain and the validators that decide on it, all from the genesis file.
public struct TrustAnchor: Hashable, Sendable {
    /// The chain.
    public let chain: ChainID
    /// The hash of the first block, which is final without a certificate.
    public let genesisBlock: BlockHash
    /// Who decides.
    public let validators: ValidatorSet
    /// What headers say of ``validators``.
    let validatorsHash: Digest

    /// Derives everything from the genesis file. Builds the first state, about 10 µs an entry.
    public init(_ genesis: Genesis) {
        guard let validators = ValidatorSet(genesis.validators.map(\.consensusKey)) else {
            preconditionFailure("a genesis names 1 to 128 different validators")
        }
        self.validators = validators
        chain = genesis.chain
        validatorsHash = genesis.validatorSet.hash
        genesisBlock = Self.header(of: genesis).hash
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
