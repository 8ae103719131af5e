import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Testing

@Suite("Wallet: transactions that travel")
struct TransactionFileTests {
    private static let revocation = Ledger.Operation.revokeConsent(
        RevokeConsent(grant: GrantID(WalletCast.digest("grant"))))
    private static let transaction = WalletCast.transaction(revocation, by: [WalletCast.scope.signing])

    @Test func `a file collects signatures and keeps the transaction`() throws {
        try WalletCast.withHome { home in
            let path = home.path + "/request.cltx"
            _ = try TransactionFile(writing: Self.transaction, to: path)
            var file = try TransactionFile(reading: path)
            try file.sign(with: [WalletCast.signing("h1"), WalletCast.signing("h2")], on: WalletCast.chain)
            let read = try TransactionFile(reading: path)
            #expect(read.transaction == file.transaction)
            #expect(read.transaction.id == Self.transaction.id)
            #expect(read.transaction.signers.count == 3)
        }
    }

    @Test func `nobody signs for another chain, as the ninth, or after a signature that does not hold`() throws {
        try WalletCast.withHome { home in
            let path = home.path + "/request.cltx"
            var file = try TransactionFile(writing: Self.transaction, to: path)
            #expect(throws: HomeFailure.self) { try file.sign(with: [WalletCast.signing("h")], on: ChainID(.zero)) }
            let eight = (0..<8).map { WalletCast.signing("signer \($0)") }
            #expect(throws: HomeFailure.self) { try file.sign(with: eight, on: WalletCast.chain) }
            try file.sign(with: Array(eight.prefix(7)), on: WalletCast.chain)
            var bytes = try Data(contentsOf: URL(filePath: path))
            bytes[bytes.count - 1] ^= 1
            try bytes.write(to: URL(filePath: path))
            #expect(throws: HomeFailure.self) { try TransactionFile(reading: path) }
        }
    }

    @Test func `a summary says what, to whom and until when`() throws {
        let names = SummaryNames(
            organizations: [WalletCast.hospital: "South Hospital"], scopes: [WalletCast.scope.id: "imaging"],
            staff: [WalletCast.clinician: "Samir"])
        let validators = (0..<4).map { ValidatorID(WalletCast.digest("validator \($0)")) }
        let made = WalletCast.scope.delegating.delegate(
            to: WalletCast.receiving("clinician").publicKey, signedBy: WalletCast.scope.signing, threshold: 3, shares: 4
        )
        let grant = GrantConsent(
            scope: WalletCast.scope.id, epoch: 0, grantee: .staff(WalletCast.clinician),
            receivingKey: WalletCast.receiving("clinician").publicKey, delegation: made.published,
            validators: validators, purposes: [.treatment], roles: [.clinician],
            notBefore: Timestamp(rawValue: 1_790_000_000_000), notAfter: Timestamp(rawValue: 1_792_592_000_000),
            documentsPerDay: 20, card: ContentID(of: [1]))
        let authorization = AuthorizeAuthor(
            scope: WalletCast.scope.id, epoch: 0, organization: WalletCast.hospital, card: ContentID(of: [1]))
        let summary = TransactionSummary(
            WalletCast.transaction(
                .grantConsent(grant), .authorizeAuthor(authorization), Self.revocation, by: [WalletCast.scope.signing]),
            names: names)
        #expect(
            summary.statements[0].allows
                == "open every document of your scope “imaging”, also those to come, for TREAT, at most 20 a day, "
                + "as clinician")
        #expect(summary.statements[0].to == "Samir")
        #expect(summary.statements[0].until.hasPrefix("2026-10-21T14:13:20.000Z, from 2026-09-21"))
        #expect(summary.statements[1].to == "South Hospital")
        #expect(summary.statements[1].until == "you withdraw it")
        #expect(summary.statements[2].allows == "no longer open anything")
        #expect(summary.validUntil == Height(rawValue: 100))
    }
}
