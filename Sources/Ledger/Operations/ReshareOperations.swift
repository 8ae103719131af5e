public import Cryptography
internal import Codec

/// Gives one holder's share of a grant on to the validators of the present set, without the patient: commitments to a
/// fresh polynomial whose constant term is the share. What is dealt to each goes from validator to validator, sealed, and
/// never onto the chain. Signed by the dealer's consensus key.
///
/// `[30, grant, round, set, dealer, [commitment…]]`
public struct ReshareGrant: Hashable, Sendable {
    /// The most rounds that a grant goes through.
    public static let maximumRound: UInt64 = 65_535

    /// Whose fragments are shared out anew.
    public var grant: GrantID
    /// Which round: one more than the last one when the set has changed since, else the one that is under way.
    public var round: UInt64
    /// Hash of the validators that it was dealt to (``ValidatorSetRecord/hash``).
    public var set: Digest
    /// Who gives its share on.
    public var dealer: ValidatorID
    /// As many as fragments of the new set will open a document.
    public var commitments: ResharingCommitments

    /// A share that is given on.
    public init(
        grant: GrantID, round: UInt64, set: Digest, dealer: ValidatorID, commitments: ResharingCommitments
    ) {
        self.grant = grant
        self.round = round
        self.set = set
        self.dealer = dealer
        self.commitments = commitments
    }
}

extension ReshareGrant: OperationContent {
    var code: Operation.Code { .reshareGrant }
    static var count: Int { 6 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        grant = try reader.read()
        round = try reader.readUnsigned(max: Self.maximumRound)
        set = try reader.read()
        dealer = try reader.read()
        commitments = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(grant)
        writer.write(round)
        writer.write(set)
        writer.write(dealer)
        writer.write(commitments)
    }
}

/// Says what came of a round for one of the validators that it deals to: it holds its new share and has checked it, or
/// one of the dealers gave it nothing that fits. Signed by the validator's consensus key.
///
/// `[31, grant, round, validator, dealer that failed or null]`
public struct AnswerResharing: Hashable, Sendable {
    /// The grant.
    public var grant: GrantID
    /// The round.
    public var round: UInt64
    /// Who was dealt to.
    public var validator: ValidatorID
    /// Whose part is not what was committed to, or was not to be had; nothing from who holds its share.
    public var failed: ValidatorID?

    /// An answer.
    public init(grant: GrantID, round: UInt64, validator: ValidatorID, failed: ValidatorID? = nil) {
        self.grant = grant
        self.round = round
        self.validator = validator
        self.failed = failed
    }
}

extension AnswerResharing: OperationContent {
    var code: Operation.Code { .answerResharing }
    static var count: Int { 5 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        grant = try reader.read()
        round = try reader.readUnsigned(max: ReshareGrant.maximumRound)
        validator = try reader.read()
        failed = try reader.readOptional()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(grant)
        writer.write(round)
        writer.write(validator)
        writer.write(optional: failed)
    }
}
