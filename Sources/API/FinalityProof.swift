public import Codec
public import Consensus
public import Cryptography
public import Ledger

/// A header and what makes its block final: `[header, anchor or null, certificate or null]`.
///
/// A block is final by a finalization certificate of its own, or because a later block with one builds on it: then the
/// anchor holds the later header and the path from the older hash to its ancestry root. The genesis block needs neither.
public struct FinalityProof: Hashable, Sendable {
    /// A later block that builds on the proved one: `[header, inclusion proof]`.
    public struct Anchor: Hashable, Sendable {
        /// The later header, the one that the certificate is for.
        public let header: BlockHeader
        /// Where the older hash stands under its ancestry root.
        public let inclusion: InclusionProof

        /// A later header and the way to the older hash.
        public init(header: BlockHeader, inclusion: InclusionProof) {
            self.header = header
            self.inclusion = inclusion
        }
    }

    /// The header that is proved.
    public let header: BlockHeader
    /// The later block, nothing when the certificate is the block's own.
    public let anchor: Anchor?
    /// The finalization, nothing of the genesis block.
    public let certificate: Certificate?

    /// A proof; nothing is checked here.
    public init(header: BlockHeader, anchor: Anchor? = nil, certificate: Certificate?) {
        self.header = header
        self.anchor = anchor
        self.certificate = certificate
    }

    /// The header that the certificate is for.
    public var certifiedHeader: BlockHeader { anchor?.header ?? header }

    /// Checks that the block is final. Costs one signature check a signer of the certificate.
    public func verify(_ trust: TrustAnchor) throws(ProofFailure) {
        try verifyAncestry(trust)
        try verifyCertificate(of: certifiedHeader, trust)
    }

    /// Checks all but the certificate, for who knows already that ``certifiedHeader`` is final.
    package func verifyAncestry(_ trust: TrustAnchor) throws(ProofFailure) {
        let head = certifiedHeader
        guard head.chain == trust.chain, header.chain == trust.chain else { throw .wrongChain }
        guard let anchor else { return }
        let inclusion = anchor.inclusion
        // The ancestry root of height h is over the h hashes below it.
        guard inclusion.size == head.height.rawValue, inclusion.index == header.height.rawValue,
            inclusion.verify(header.hash.digest, root: head.ancestryRoot)
        else { throw .notAnAncestor }
    }

    private func verifyCertificate(of head: BlockHeader, _ trust: TrustAnchor) throws(ProofFailure) {
        guard let certificate else {
            guard head.height == .genesis, head.hash == trust.genesisBlock else { throw .notFinal }
            return
        }
        let reference = BlockReference(hash: head.hash.digest, parent: head.parent.digest, height: head.height)
        guard certificate.finalBlock == reference, certificate.epoch.rawValue == head.epoch else { throw .notFinal }
        let validators = try trust.validators(of: head)
        do {
            try certificate.verify(chain: trust.chain.digest, validators: validators)
        } catch {
            throw .certificate(error)
        }
    }
}

/// Why a proof shows nothing.
public enum ProofFailure: Error, Hashable, Sendable {
    /// It is for another chain.
    case wrongChain
    /// There is no certificate that makes this block final.
    case notFinal
    /// The block was decided by other validators than those we trust.
    case wrongValidators
    /// The block is of an epoch whose validators are not known yet: its boundary is missing.
    case unknownEpoch(UInt64)
    /// The certificate is not what a quorum signed.
    case certificate(CertificateInvalid)
    /// The block does not stand below the one that is final.
    case notAnAncestor
    /// The transaction or its receipt is not in the block.
    case notInBlock
    /// The receipt is another transaction's.
    case wrongReceipt
    /// The leaf does not stand in the block's state.
    case state(StateProofFailure)
    /// A leaf's bytes do not decode.
    case malformedLeaf(DecodingFailure)
    /// The answer lacks the proof of something that was asked for.
    case missingLeaf
    /// The entries are not the history that the state commits to.
    case wrongHistory
    /// A transaction that the history names is missing, or one that it does not name is there.
    case wrongTransactions
    /// A signature on a transaction does not hold.
    case invalidSignature
    /// The node answered about something else than it was asked.
    case wrongSubject
}

extension FinalityProof: CBORCodable {
    /// Reads the three items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        header = try reader.read()
        anchor = try reader.readOptional()
        certificate = try reader.readOptional()
    }

    /// Appends the three items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(header)
        writer.write(optional: anchor)
        writer.write(optional: certificate)
    }
}

extension FinalityProof.Anchor: CBORCodable {
    /// Reads header and path.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        header = try reader.read()
        inclusion = try reader.read()
    }

    /// Appends header and path.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(header)
        writer.write(inclusion)
    }
}

extension ProofFailure: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .wrongChain: "the proof is for another chain"
        case .notFinal: "no certificate makes the block final"
        case .wrongValidators: "the block was decided by other validators"
        case .unknownEpoch(let epoch): "who decides in epoch \(epoch) is not known"
        case .certificate(let failure): "the certificate does not hold: \(failure)"
        case .notAnAncestor: "the block does not stand below the final one"
        case .notInBlock: "the transaction or its receipt is not in the block"
        case .wrongReceipt: "the receipt belongs to another transaction"
        case .state(let failure): "\(failure)"
        case .malformedLeaf(let failure): "a leaf of the state does not decode: \(failure)"
        case .missingLeaf: "the answer lacks a proof that was asked for"
        case .wrongHistory: "the entries are not the complete history that the state commits to"
        case .wrongTransactions: "the transactions are not those that the history names"
        case .invalidSignature: "a signature on a transaction does not hold"
        case .wrongSubject: "the answer is about something else"
        }
    }
}
