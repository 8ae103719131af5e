public import Codec

/// Why a view may be entered and what may be built in it: a notarization or finalization of the parent's view, and
/// nullifications of every view between.
///
/// A leader sends it with its proposal, so that nobody has to be asked for a certificate before voting (Protocol.md,
/// "Certified split"). Empty for the first proposal of an epoch.
public struct Justification: Hashable, Sendable {
    /// The most certificates that travel in one message; who lacks older ones is helped by R9.
    public static let maximumCount = 256

    /// The certificates, ascending by view.
    public let certificates: [Certificate]

    /// The last ``maximumCount`` of these certificates.
    package init(_ certificates: [Certificate]) { self.certificates = certificates.suffix(Self.maximumCount) }

    /// What the first proposal of an epoch carries.
    public static let empty = Justification([])
}

extension Justification: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        certificates = try reader.readArray(max: Self.maximumCount)
    }

    public func encode(to writer: inout CBORWriter) { writer.write(array: certificates) }
}
