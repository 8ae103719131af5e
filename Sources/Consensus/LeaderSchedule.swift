public import Cryptography

/// Whose turn a view is: round robin from a place that the epoch's opening block decides.
///
/// The offset differs from epoch to epoch, so that nobody always follows the same neighbour.
public struct LeaderSchedule: Sendable {
    private let offset: UInt64
    private let count: UInt64

    /// - Parameter opening: The hash of the block that opened the epoch.
    public init(opening: Digest, validators: ValidatorSet) {
        count = UInt64(validators.count)
        offset = opening.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } % count
    }

    /// The leader of a view.
    public subscript(view: View) -> ValidatorIndex {
        ValidatorIndex(rawValue: Int((view.rawValue % count + offset) % count))
    }
}
