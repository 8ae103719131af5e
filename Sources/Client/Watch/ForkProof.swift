public import API
public import Codec
internal import Consensus
public import Ledger

/// Two proofs that two different blocks are final at one height: `[finality, finality]`.
///
/// It is what ``LightClient`` writes down, and it is judged with the genesis file alone.
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
    public func guilty(_ genesis: Genesis) -> [ValidatorID] {
        guard let one = first.certificate, let other = second.certificate else { return [] }
        return names(Set(Consensus.Evidence.between(one, other).map(\.offender)), genesis)
    }

    /// Who has signed the certificates of both sides. Where the two are of different views, an honest validator can be
    /// among them; more than a third are not, and their votes to give the first view up convict them.
    public func suspects(_ genesis: Genesis) -> [ValidatorID] {
        guard let one = first.certificate, let other = second.certificate else { return [] }
        return names(Set(one.signers).intersection(other.signers), genesis)
    }

    private func names(_ indices: Set<ValidatorIndex>, _ genesis: Genesis) -> [ValidatorID] {
        indices.map(\.rawValue).sorted().filter { genesis.validators.indices.contains($0) }.map {
            genesis.validators[$0].id
        }
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
