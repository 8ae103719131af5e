internal import Cryptography

/// What a validator holds of a grant: a fragment of the patient's, or one that came about by resharing.
enum HeldFragment: Sendable {
    case original(VerifiedKeyFragment)
    case reshared(ResharedKeyFragment)

    /// Which share of the grant it is.
    var id: FragmentID {
        switch self {
        case .original(let fragment): fragment.fragment.id
        case .reshared(let fragment): fragment.share.id
        }
    }

    /// Re-encrypts a capsule: a ``CapsuleFragment`` or a ``ResharedCapsuleFragment``, as whoever asked learns from the
    /// grant's generation.
    func reEncapsulate(_ capsule: Capsule) throws(CapsuleFragment.Rejection) -> [UInt8] {
        switch self {
        case .original(let fragment): try fragment.reEncapsulate(capsule).bytes
        case .reshared(let fragment): try fragment.reEncapsulate(capsule).bytes
        }
    }

    /// Gives the share on.
    func deal(to indexes: [Scalar], threshold: Int) -> ResharingDeal {
        switch self {
        case .original(let fragment): fragment.deal(to: indexes, threshold: threshold)
        case .reshared(let fragment): fragment.deal(to: indexes, threshold: threshold)
        }
    }
}
