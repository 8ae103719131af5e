import ChainStorage
import Codec
import Consensus
import Cryptography
import Ledger
import Replication
import Testing

@Suite("Replica: evidence on the chain")
struct EvidenceReportTests {
    private func proposal(_ block: String) throws -> Proposal {
        try #require(
            Proposal(
                epoch: .first, view: View(rawValue: 9), parentView: View(rawValue: 8),
                block: BlockReference(
                    hash: .sha256(Array(block.utf8)), parent: .sha256([1]), height: Height(rawValue: 5))))
    }

    private func vote(_ statement: Statement, by index: Int, of consortium: ReplicationTests.Consortium) -> Vote {
        Vote(
            statement: statement, signer: ValidatorIndex(rawValue: index),
            signature: consortium.keys[index].sign(digest: statement.digest(chain: consortium.genesis.chain.digest)))
    }

    @Test func `what consensus calls a contradiction the ledger records once, in the validator's history`() throws {
        let table = try Table()
        let consortium = table.consortium
        let pairs: [(Statement, Statement)] = [
            (.notarize(try proposal("a")), .notarize(try proposal("b"))),
            (.finalize(try proposal("a")), .finalize(try proposal("b"))),
            (.nullify(epoch: .first, view: View(rawValue: 9)), .finalize(try proposal("a"))),
        ]
        for (index, (one, other)) in pairs.enumerated() {
            let evidence = try #require(
                Evidence(vote(one, by: index, of: consortium), vote(other, by: index, of: consortium)))
            let report = try #require(ReportEvidence(evidence, by: consortium.keys[index].publicKey))
            for attempt in 0..<2 {
                let body = TransactionBody(
                    chain: consortium.genesis.chain, nonce: [UInt8](repeating: UInt8(index * 2 + attempt), count: 16),
                    validUntil: Height(rawValue: 1000), operations: [.reportEvidence(report)])
                let transaction = Transaction(body, signedBy: [consortium.keys[3]])
                table.submit(transaction, to: 3)
                #expect(table.run { table.stores(transaction, at: 0) })
                let store = table.seats[0].ledger
                #expect(report.isReported(in: store))
                let validator: Leaf<ValidatorRecord>? = store.leaf(consortium.genesis.validators[index].id)
                #expect(validator?.history.count == 1)
            }
        }
    }
}
