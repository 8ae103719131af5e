import Codec
import Consensus
import Cryptography
import Ledger

extension Decoder {
    static let consensus: [Decoder] = [
        Decoder("statement", [Statement.notarize(proposal), .nullify(epoch: proposal.epoch, view: proposal.view)]) {
            _ = $0.digest(chain: Seeds.chain.digest)
        },
        Decoder("vote", votes) { _ = $0.isValid(chain: Seeds.chain.digest, validators: validatorSet) },
        Decoder("certificate", [certificate]) {
            try? $0.verify(chain: Seeds.chain.digest, validators: validatorSet)
        },
        Decoder("validator-set", [validatorSet]),
    ]

    static let validatorSet: ValidatorSet = {
        guard let set = ValidatorSet((1...4).map { Seeds.key($0) }) else { preconditionFailure("four keys differ") }
        return set
    }()

    static let proposal: Proposal = {
        let block = BlockReference(
            hash: Decoder.header.hash.digest, parent: Decoder.header.parent.digest, height: Decoder.header.height)
        let (view, parent) = (View(rawValue: 9), View(rawValue: 7))
        guard let proposal = Proposal(epoch: Epoch(rawValue: 1), view: view, parentView: parent, block: block) else {
            preconditionFailure("a parent's view is lower")
        }
        return proposal
    }()

    static let certificate = Certificate(statement: .finalize(proposal), votes: votes)

    static let votes = (0..<3).map { index in
        let statement = Statement.finalize(proposal)
        let signature = Seeds.signing(UInt8(index + 1)).sign(digest: statement.digest(chain: Seeds.chain.digest))
        return Vote(statement: statement, signer: ValidatorIndex(rawValue: index), signature: signature)
    }
}
