public import Codec
public import Cryptography

/// Why a certificate proves nothing.
public enum CertificateInvalid: Error, Hashable, Sendable {
    /// A signer that is not in the validator set.
    case unknownValidator(ValidatorIndex)
    /// Fewer signers than the quorum.
    case tooFewSigners(found: Int, quorum: Int)
    /// A signature that its signer did not make.
    case invalidSignature(ValidatorIndex)
}

/// A quorum that says the same: a notarization, a nullification or a finalization.
///
/// Two nodes may hold different valid certificates for one statement, so a certificate's bytes are never hashed into
/// the chain.
public struct Certificate: Hashable, Sendable {
    /// What the signers say.
    public let statement: Statement
    /// Who signed, ascending.
    public let signers: [ValidatorIndex]
    /// Their signatures, in the same order.
    public let signatures: [Signature]

    /// - Parameter votes: Votes for one statement by different signers, in ascending order of signer.
    package init(statement: Statement, votes: [Vote]) {
        precondition(votes.allSatisfy { $0.statement == statement }, "a certificate's votes say the same")
        precondition(zip(votes, votes.dropFirst()).allSatisfy { $0.signer < $1.signer }, "signers ascend")
        self.statement = statement
        signers = votes.map(\.signer)
        signatures = votes.map(\.signature)
    }

    /// The view it is about.
    public var view: View { statement.view }
    /// The epoch it is about.
    public var epoch: Epoch { statement.epoch }
    /// The proposal it is about, nothing for a nullification.
    public var proposal: Proposal? { statement.proposal }
    /// The block that is final by this certificate, nothing unless it is a finalization.
    public var finalBlock: BlockReference? {
        if case .finalize(let proposal) = statement { proposal.block } else { nil }
    }

    /// The votes it consists of.
    public var votes: [Vote] {
        zip(signers, signatures).map { Vote(statement: statement, signer: $0, signature: $1) }
    }

    /// Refuses a certificate that a quorum of `validators` did not sign on this chain.
    ///
    /// Costs one signature check a signer.
    public func verify(chain: Digest, validators: ValidatorSet) throws(CertificateInvalid) {
        try verify(chain: chain, validators: validators, with: validators) { _ in false }
    }

    /// The same, with a given verifier, and without checking again the votes that are already known to be valid.
    package func verify(
        chain: Digest, validators: ValidatorSet, with verifier: some VoteVerifier, isKnown: (Vote) -> Bool
    ) throws(CertificateInvalid) {
        for signer in signers where !validators.contains(signer) { throw .unknownValidator(signer) }
        guard signers.count >= validators.quorum else {
            throw .tooFewSigners(found: signers.count, quorum: validators.quorum)
        }
        var digest: Digest?
        for vote in votes where !isKnown(vote) {
            let signed = digest ?? statement.digest(chain: chain)
            digest = signed
            guard verifier.isValid(vote.signature, of: signed, by: vote.signer) else {
                throw .invalidSignature(vote.signer)
            }
        }
    }
}

extension Certificate: CBORCodable {
    /// `[statement, bitmap, [signature…]]`; bit i of the bitmap (byte i / 8, least significant bit first) is validator
    /// i, the last byte is not zero.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        statement = try reader.read()
        let bitmap = try reader.readBytes(max: ValidatorSet.maximumCount / 8)
        guard bitmap.last != 0 else { throw .invalid(field: "signers") }
        signers = (0..<bitmap.count * 8).filter { bitmap[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }.map(
            ValidatorIndex.init(rawValue:))
        signatures = try reader.readArray(max: ValidatorSet.maximumCount)
        guard signatures.count == signers.count else { throw .invalid(field: "signatures") }
    }

    public func encode(to writer: inout CBORWriter) {
        var bitmap = [UInt8](repeating: 0, count: ((signers.last?.rawValue ?? -1) + 8) / 8)
        for signer in signers { bitmap[signer.rawValue / 8] |= 1 << UInt8(signer.rawValue % 8) }
        writer.beginArray(3)
        writer.write(statement)
        writer.write(bytes: bitmap)
        writer.write(array: signatures)
    }
}
