public import API
public import Codec
internal import Consensus
internal import Cryptography
public import Ledger

/// Two proofs that two different blocks are final at one height: `[[boundary…], finality, finality]` in a file.
///
/// It is what ``LightClient`` writes down, and it is judged with the genesis file alone: the boundaries lead from its
/// validators to those who decided.
public struct ForkProof: Hashable, Sendable {
    /// One side.
    public let first: FinalityProof
    /// The other.
    public let second: FinalityProof

    /// Judges two proofs.
    ///
    /// - Returns: Nothing unless both hold and they are of different blocks at one height.
    public init?(_ first: FinalityProof, _ second: FinalityProof, trust: TrustAnchor) {
        guard (try? first.verify(trust)) != nil, (try? second.verify(trust)) != nil,
            Self.height(first, second) != nil
        else { return nil }
        self.first = first
        self.second = second
    }

    /// Where the two part.
    public var height: Height { Self.height(first, second) ?? .genesis }

    /// Who has voted for two different blocks in one view, which no honest validator does.
    ///
    /// - Parameter trust: Whose epochs lead up to both sides.
    public func guilty(_ trust: TrustAnchor) -> [ValidatorID] {
        // Places mean the same validators in one epoch alone.
        guard let one = first.certificate, let other = second.certificate, one.epoch == other.epoch else { return [] }
        let offenders = Set(Consensus.Evidence.between(one, other).map(\.offender))
        return Self.names(offenders.sorted { $0.rawValue < $1.rawValue }, of: first, trust)
    }

    /// Who has signed the certificates of both sides. Where the two are of different views, an honest validator can be
    /// among them; more than a third are not, and their votes to give the first view up convict them.
    public func suspects(_ trust: TrustAnchor) -> [ValidatorID] {
        guard let one = first.certificate, let other = second.certificate else { return [] }
        let both = Set(Self.names(other.signers, of: second, trust))
        return Self.names(one.signers, of: first, trust).filter(both.contains)
    }

    private static func names(
        _ places: [ValidatorIndex], of proof: FinalityProof, _ trust: TrustAnchor
    ) -> [ValidatorID] {
        guard let validators = try? trust.validators(of: proof.certifiedHeader) else { return [] }
        return places.filter { validators.contains($0) }.map { ValidatorID(consensusKey: validators[$0]) }
    }

    private static func height(_ first: FinalityProof, _ second: FinalityProof) -> Height? {
        for one in [first.header, first.certifiedHeader] {
            for other in [second.header, second.certifiedHeader]
            where one.height == other.height && one.hash != other.hash {
                return one.height
            }
        }
        return nil
    }
}
