public import Codec
public import Cryptography

/// What a validator can say in a view.
public enum Statement: Hashable, Sendable {
    /// "This is the block I back in this view." Said once a view.
    case notarize(Proposal)
    /// "I give this view up." Excludes a later `finalize` in it.
    case nullify(epoch: Epoch, view: View)
    /// "I have seen this block notarized before I gave its view up." Excludes a `nullify` of the view.
    case finalize(Proposal)

    /// The three things one can say.
    public enum Kind: UInt8, Hashable, Sendable {
        /// Backs a proposal.
        case notarize = 1
        /// Gives a view up.
        case nullify = 2
        /// Makes a notarized proposal final.
        case finalize = 3
    }

    /// Which of the three it is.
    public var kind: Kind {
        switch self {
        case .notarize: .notarize
        case .nullify: .nullify
        case .finalize: .finalize
        }
    }

    /// The epoch it is said in.
    public var epoch: Epoch {
        switch self {
        case .notarize(let proposal), .finalize(let proposal): proposal.epoch
        case .nullify(let epoch, _): epoch
        }
    }

    /// The view it is about.
    public var view: View {
        switch self {
        case .notarize(let proposal), .finalize(let proposal): proposal.view
        case .nullify(_, let view): view
        }
    }

    /// The proposal it is about, nothing for `nullify`.
    public var proposal: Proposal? {
        switch self {
        case .notarize(let proposal), .finalize(let proposal): proposal
        case .nullify: nil
        }
    }

    /// What is signed: the domain hash of `[chain, statement]`, so that no chain's votes count on another.
    ///
    /// - Parameter chain: The hash of the genesis file.
    public func digest(chain: Digest) -> Digest {
        var writer = CBORWriter(capacity: 160)
        writer.beginArray(2)
        writer.write(chain)
        writer.write(self)
        return .hash(writer.bytes, in: Domain("consensus-vote"))
    }
}

extension Statement: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        switch Kind(rawValue: UInt8(try reader.readInt(max: 255))) {
        case .notarize: self = .notarize(try reader.read())
        case .finalize: self = .finalize(try reader.read())
        case .nullify:
            try reader.readArray(count: 2)
            self = .nullify(epoch: try reader.read(), view: try reader.read())
        case nil: throw .invalid(field: "statement")
        }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(UInt64(kind.rawValue))
        switch self {
        case .notarize(let proposal), .finalize(let proposal): writer.write(proposal)
        case .nullify(let epoch, let view):
            writer.beginArray(2)
            writer.write(epoch)
            writer.write(view)
        }
    }
}
