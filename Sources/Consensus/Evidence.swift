public import Codec
public import Cryptography

/// Two votes of one validator that no honest validator casts both.
public struct Evidence: Hashable, Sendable {
    /// The vote that came first.
    public let first: Vote
    /// The vote that contradicts it.
    public let second: Vote

    /// - Returns: Nothing when both votes can be an honest validator's: notarize and nullify, finalize without
    ///   notarize, or the same statement twice.
    public init?(_ first: Vote, _ second: Vote) {
        guard first.signer == second.signer, first.statement.epoch == second.statement.epoch,
            first.statement.view == second.statement.view, first.statement.conflicts(with: second.statement)
        else { return nil }
        self.first = first
        self.second = second
    }

    /// The guilty validator.
    public var offender: ValidatorIndex { first.signer }

    /// Whether the offender did sign both on this chain.
    public func isValid(chain: Digest, validators: ValidatorSet) -> Bool {
        first.isValid(chain: chain, validators: validators) && second.isValid(chain: chain, validators: validators)
    }

    /// Who signed both of two certificates that exclude each other: more than f validators whenever both are valid.
    public static func between(_ one: Certificate, _ other: Certificate) -> [Evidence] {
        let votes = other.votes
        return one.votes.compactMap { vote in
            votes.first { $0.signer == vote.signer }.flatMap { Evidence(vote, $0) }
        }
    }
}

extension Statement {
    /// Whether an honest validator says at most one of the two, given that both are about one view.
    fileprivate func conflicts(with other: Statement) -> Bool {
        switch (self, other) {
        case (.notarize, .notarize), (.finalize, .finalize): self != other
        case (.nullify, .finalize), (.finalize, .nullify): true
        default: false
        }
    }
}

extension Evidence: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        guard let evidence = Evidence(try reader.read(), try reader.read()) else { throw .invalid(field: "evidence") }
        self = evidence
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(first)
        writer.write(second)
    }
}
