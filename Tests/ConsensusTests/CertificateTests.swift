import Codec
import Consensus
import Cryptography
import Simulation
import Testing

@Suite("Certificates and evidence")
struct CertificateTests {
    private let keys = (1...5).compactMap { SigningKey(SecretBytes(copying: [UInt8](repeating: $0, count: 32))) }
    private let chain = Digest.sha256([1])
    private let council = Council()

    private func validators() throws -> ValidatorSet { try #require(ValidatorSet(keys.map(\.publicKey))) }

    private func vote(_ statement: Statement, _ place: Int, on chain: Digest? = nil) -> Vote {
        let signer = ValidatorKey(keys[place])
        return Vote(
            statement: statement, signer: ValidatorIndex(rawValue: place),
            signature: signer.sign(statement.digest(chain: chain ?? self.chain)))
    }

    @Test(arguments: [(1, 1), (4, 3), (5, 4), (6, 5), (7, 5), (31, 21)])
    func `a quorum is n - f, not 2f + 1`(count: Int, quorum: Int) {
        #expect(SymbolicKeys.validators(count).quorum == quorum)
    }

    @Test func `ES256K votes of a quorum verify, on their own chain only`() throws {
        let statement = Statement.finalize(council.proposal(3, parent: 1, council.block()))
        let certificate = Certificate(statement: statement, votes: [0, 1, 3, 4].map { vote(statement, $0) })
        try certificate.verify(chain: chain, validators: validators())
        #expect(throws: CertificateInvalid.invalidSignature(ValidatorIndex(rawValue: 0))) {
            try certificate.verify(chain: .sha256([2]), validators: validators())
        }
        #expect(try Certificate(decoding: certificate.encoded) == certificate)
    }

    @Test func `too few, unknown and lying signers are named`() throws {
        let statement = council.nullify(2)
        let three = Certificate(statement: statement, votes: [0, 1, 2].map { vote(statement, $0) })
        #expect(throws: CertificateInvalid.tooFewSigners(found: 3, quorum: 4)) {
            try three.verify(chain: chain, validators: validators())
        }
        let smaller = try #require(ValidatorSet(keys.prefix(2).map(\.publicKey)))
        #expect(throws: CertificateInvalid.unknownValidator(ValidatorIndex(rawValue: 2))) {
            try three.verify(chain: chain, validators: smaller)
        }
        let lie = Certificate(
            statement: statement,
            votes: [0, 1, 2].map { vote(statement, $0) } + [
                Vote(
                    statement: statement, signer: ValidatorIndex(rawValue: 3),
                    signature: vote(council.nullify(3), 3).signature)
            ])
        #expect(throws: CertificateInvalid.invalidSignature(ValidatorIndex(rawValue: 3))) {
            try lie.verify(chain: chain, validators: validators())
        }
    }

    @Test func `evidence is two statements that exclude each other, and nothing less`() throws {
        let (one, other) = (
            council.proposal(1, council.block()), council.proposal(1, council.block(tag: 2))
        )
        let guilty: [(Statement, Statement)] = [
            (.notarize(one), .notarize(other)), (.finalize(one), .finalize(other)),
            (.finalize(one), council.nullify(1)),
        ]
        for (first, second) in guilty {
            let evidence = try #require(Evidence(vote(first, 2), vote(second, 2)))
            #expect(try evidence.isValid(chain: chain, validators: validators()))
            #expect(try Evidence(decoding: evidence.encoded) == evidence)
        }
        let innocent: [(Statement, Statement)] = [
            (.notarize(one), council.nullify(1)), (.notarize(one), .finalize(one)), (.notarize(one), .notarize(one)),
            (.finalize(one), council.nullify(2)),
        ]
        for (first, second) in innocent { #expect(Evidence(vote(first, 2), vote(second, 2)) == nil) }
        #expect(Evidence(vote(.notarize(one), 1), vote(.notarize(other), 2)) == nil)
    }

    @Test func `a final and a given up view name more than f guilty`() throws {
        let final = Statement.finalize(council.proposal(1, council.block()))
        let up = council.nullify(1)
        let finalization = Certificate(statement: final, votes: [0, 1, 2, 3].map { vote(final, $0) })
        let nullification = Certificate(statement: up, votes: [1, 2, 3, 4].map { vote(up, $0) })
        let evidence = Evidence.between(finalization, nullification)
        #expect(evidence.map(\.offender.rawValue) == [1, 2, 3])
        #expect(try evidence.count > validators().faults)
    }
}

@Suite("Formats of consensus")
struct ConsensusFormatTests {
    private let council = Council()

    private var messages: [Message] {
        let proposal = council.proposal(9, parent: 7, council.block())
        let voter = council.follower
        let nullification = council.certificate(council.nullify(8), without: voter)
        let vote = council.vote(.notarize(proposal), voter)
        return [
            .propose(Propose(vote: vote, justification: Justification([nullification]))), .vote(vote),
            .certificate(nullification), .rejoin(nonce: 3),
            .status(Status(epoch: .first, view: View(rawValue: 9), finalized: .genesis, height: .genesis)),
            .standing(Standing(nonce: 3, epoch: .first, view: View(rawValue: 9), entry: nullification)),
            .standing(Standing(nonce: 3, epoch: .first, view: View(rawValue: 1), entry: nil)),
        ]
    }

    private var records: [Journal.Record] {
        let statement = council.nullify(8)
        return [
            .vote(council.vote(statement, council.follower)),
            .certificate(council.certificate(statement, without: council.follower)),
            .certified(.first, View(rawValue: 8), true), .abstains(.first, through: View(rawValue: 9)), .lost(.first),
            .block([1, 2, 3]),
        ]
    }

    @Test func `messages and records have one encoding`() throws {
        for message in messages { #expect(try Message(decoding: message.encoded) == message) }
        for record in records { #expect(try Journal.Record(decoding: record.encoded) == record) }
    }

    @Test func `formats are locked`() {
        let bytes = messages.flatMap(\.encoded) + records.flatMap(\.encoded)
        #expect(Digest.sha256(bytes).hex.prefix(16) == "28b34b98bcb445d8")
    }

    @Test func `every truncation and every changed byte is refused or decodes to something else`() {
        for message in messages {
            let bytes = message.encoded
            for end in bytes.indices {
                #expect(throws: DecodingFailure.self) { try Message(decoding: Array(bytes[..<end])) }
            }
        }
    }

    @Test func `a justification of more certificates than the bound is refused`() throws {
        let certificate = council.certificate(council.nullify(8), without: council.follower)
        for (count, isAccepted) in [(Justification.maximumCount, true), (Justification.maximumCount + 1, false)] {
            var writer = CBORWriter()
            writer.write(array: [Certificate](repeating: certificate, count: count))
            let decoded = try? Justification(decoding: writer.bytes)
            #expect((decoded != nil) == isAccepted)
        }
    }

    @Test func `a proposal on a view that is not below its own is refused`() {
        #expect(
            Proposal(epoch: .first, view: View(rawValue: 2), parentView: View(rawValue: 2), block: council.block())
                == nil)
    }
}
