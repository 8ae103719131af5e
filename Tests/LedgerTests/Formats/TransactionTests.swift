import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: transactions")
struct TransactionTests {
    let story: Story

    init() throws { story = try Story() }

    private var commit: Transaction {
        story.ledger.transaction([.commitDocument(Story.document("x"))], by: [Cast.author.device])
    }

    @Test func `a transaction decodes to itself and keeps its bytes`() throws {
        let transaction = commit
        let decoded = try Transaction(decoding: transaction.bytes)
        #expect(decoded == transaction)
        #expect(decoded.bytes == transaction.bytes)
        #expect(decoded.body == transaction.body)
        #expect(decoded.verifySignatures())
    }

    @Test func `another signature changes the digest and not the identifier`() {
        let transaction = commit
        let cosigned = transaction.signed(by: Cast.north.keys[0])
        #expect(cosigned.id == transaction.id)
        #expect(cosigned.digest != transaction.digest)
        #expect(cosigned.signers.count == 2)
        #expect(cosigned.verifySignatures())
    }

    @Test func `a signature over something else does not hold`() throws {
        var bytes = commit.bytes
        // The last byte of the only signature.
        bytes[bytes.count - 1] ^= 1
        #expect(try !Transaction(decoding: bytes).verifySignatures())
    }

    @Test func `a capsule cannot be moved to another operation`() throws {
        let (terms, secret) = Story.terms("x")
        var moved = terms
        moved.manifest = Seeded.content("another manifest")
        let operation = CommitDocument(moved) { _ in secret.sign(terms.boundMessage, in: Capsule.bindingDomain) }
        let transaction = story.ledger.transaction([.commitDocument(operation)], by: [Cast.author.device])
        #expect(transaction.signatureChecks().map(\.holds) == [true, false, true])
    }

    @Test func `a capsule that nobody made does not hold`() throws {
        let operation = Story.document("x") { terms in
            var bytes = terms.capsule.bytes
            bytes[97] ^= 1
            if let capsule = try? Capsule(parsing: bytes) { terms.capsule = capsule }
        }
        let transaction = story.ledger.transaction([.commitDocument(operation)], by: [Cast.author.device])
        #expect(transaction.signatureChecks().map(\.holds) == [true, true, false])
    }

    @Test func `fragments off the polynomial do not hold`() throws {
        var grant = Story.grant("x", from: Cast.start)
        let other = Story.delegation("y", to: Cast.reader.receivingKey)
        let delegation = grant.delegation
        grant.delegation = try #require(
            PublishedDelegation(
                precursor: delegation.precursor, coefficients: delegation.coefficients,
                shares: delegation.shares.dropLast() + other.shares.suffix(1)))
        let transaction = story.ledger.transaction([.grantConsent(grant)], by: [Cast.scope.key])
        #expect(transaction.signatureChecks().map(\.holds) == [true, false])
    }

    @Test func `admission: chain, expiry, window and replay`() throws {
        let ledger = story.ledger
        let tip = ledger.block.height.rawValue
        func refusal(_ last: UInt64, chain: ChainID? = nil) -> TransactionRefusal? {
            let body = TransactionBody(
                chain: chain ?? ledger.chain, nonce: [UInt8](repeating: 7, count: 16),
                validUntil: Height(rawValue: last), operations: commit.operations)
            do {
                try Transition.admit(
                    Transaction(body, signedBy: [Cast.author.device]), tip: ledger.block.height, over: ledger)
                return nil
            } catch { return error }
        }
        #expect(refusal(tip) == .expired)
        #expect(refusal(tip + 1) == nil)
        #expect(refusal(tip + 10_000) == nil)
        #expect(refusal(tip + 10_001) == .validUntilTooFar)
        #expect(refusal(tip + 1, chain: ChainID(.zero)) == .wrongChain)
        let included = commit
        try ledger.commit([included])
        #expect(throws: TransactionRefusal.replayed) {
            try Transition.admit(included.signed(by: Cast.stranger), tip: ledger.block.height, over: ledger)
        }
    }

    @Test func `a block with a transaction twice, or a replayed one, is invalid`() throws {
        let transaction = commit
        #expect(throws: BlockInvalid.transaction(1, .replayed)) {
            try story.ledger.execute([transaction, transaction.signed(by: Cast.stranger)])
        }
        try story.ledger.commit([transaction])
        #expect(throws: BlockInvalid.transaction(0, .replayed)) { try story.ledger.execute([transaction]) }
    }

    @Test func `a block above the limit of bytes is invalid`() throws {
        let ledger = TestLedger(try Cast.genesis(parameters: Genesis.Parameters(maximumBlockBytes: 262_144)))
        let commits = [Operation](repeating: .commitDocument(Story.document("x")), count: 300)
        let transactions = (0..<3).map { _ in ledger.transaction(commits, by: [Cast.author.device]) }
        #expect(transactions.reduce(0) { $0 + $1.bytes.count } > 262_144)
        #expect(throws: Never.self) { try ledger.execute([transactions[0]]) }
        #expect(throws: BlockInvalid.tooLarge) { try ledger.execute(transactions) }
    }
}
