import Client
import Codec
import Cryptography
import Ledger
import Testing

@Suite("Wallet: guardians, new owners and recovery")
struct GuardianWordsTests {
    private static let scope = WalletCast.scope.id

    private func words(_ operation: Ledger.Operation) -> String {
        let names = SummaryNames(scopes: [Self.scope: "imaging"])
        let summary = TransactionSummary(
            WalletCast.transaction(operation, by: [WalletCast.signing("any")]), names: names)
        return summary.statements.map { "\($0.allows) | \($0.to) | \($0.until)" }.joined()
    }

    @Test(arguments: [
        (86_400_000, "1 day"), (259_200_000, "3 days"), (43_200_000, "12 hours"), (90_000, "90 seconds"),
        (120_000, "2 minutes"),
    ])
    func `an appointment says how many, and how long one may object`(_ delay: UInt64, _ text: String) throws {
        let keys = ["one", "two", "three"].map { WalletCast.signing($0).publicKey }
        let appointment = try #require(
            AppointGuardians(scope: Self.scope, guardians: keys, threshold: 2, delay: delay))
        let words = words(.appointGuardians(appointment))
        #expect(words.contains("give your scope “imaging” a new owner, 2 of them together"))
        #expect(words.contains("unless you object within \(text) | 3 guardians"))
    }

    @Test func `every other operation of a recovery is put into words`() {
        let owner = WalletCast.signing("owner").publicKey
        #expect(words(.appointGuardians(AppointGuardians(nobodyOf: Self.scope))).contains("no longer give your scope"))
        #expect(words(.proposeOwner(ProposeOwner(scope: Self.scope, owner: owner))).contains("\(owner)".prefix(16)))
        #expect(words(.vetoOwner(VetoOwner(scope: Self.scope))).contains("not own your scope “imaging”"))
        #expect(words(.confirmOwner(ConfirmOwner(scope: Self.scope))).contains("from the next block on"))
        let recovery = RecoverDocuments(
            grant: GrantID(WalletCast.digest("grant")), documents: [DocumentID(WalletCast.digest("document"))],
            replyKeyDigest: .zero, expires: Height(rawValue: 9))
        #expect(words(.recoverDocuments(recovery)).contains("open 1 document with the guardians' shares"))
    }

    @Test func `a recovery grant is explained to its owner, no harder than the others`() {
        let terms = GrantTerms(
            to: .scope(Self.scope), for: [.patientRequest], notBefore: Timestamp(rawValue: 0),
            notAfter: Timestamp(rawValue: 1_795_651_200_000), flags: .recovery)
        let explanation = GrantExplanation(
            terms, category: "imaging", reader: .owner, quorum: 3, validators: 4, flags: .recovery, standing: .inForce)
        #expect(explanation.text.contains("Your own new wallet may read your “imaging” files."))
        // Staff roles mean nothing to it.
        #expect(!explanation.text.contains("doctors"))
        #expect(Readability.grade(explanation.sentences) <= 8)
    }

    @Test func `an adopted scope keeps its identifier through the keystore, under keys of this phrase`() throws {
        try WalletCast.withHome { home in
            let adopted = try #require(
                PatientKeys.ScopeName(category: "pictures", epoch: 2, opened: 0, adopted: Self.scope))
            var patient = WalletCast.patient
            patient.add(adopted)
            let password = SecretBytes(copying: Array("correct horse".utf8))
            _ = try Keystore.create(.patient(patient), in: home, password: password, cost: .testing)
            guard case .patient(let kept) = try Keystore.open(home, password: password).identity else {
                Issue.record("it holds a patient")
                return
            }
            #expect(kept.scopes == patient.scopes)
            let keys = kept.keys(of: adopted)
            #expect(keys.id == Self.scope && ScopeID(keys.signing.publicKey) != Self.scope)
            // The card that authors get names the scope, not the owner.
            #expect(ScopeID(ScopeCard(keys).scope) == Self.scope)
        }
    }

    @Test func `recovery keys follow from the secret and the scope, guardian keys from the home and the number`() throws
    {
        let secret = WalletCast.patient.recoverySecret
        let (here, there) = (RecoveryKeys(secret, of: Self.scope), WalletCast.scope.recovery)
        #expect(here.receiving.publicKey == there.receiving.publicKey)
        #expect(here.sealing.publicKey == there.sealing.publicKey)
        let other = RecoveryKeys(secret, of: ScopeID(WalletCast.signing("another scope").publicKey))
        #expect(other.receiving.publicKey != here.receiving.publicKey)
        let homes: [Identity] = [
            .patient(WalletCast.patient), .staff(WalletCast.staff),
            .auditor(AuditorKeys(signing: WalletCast.signing("auditor"))),
        ]
        let keys = homes.flatMap { home in [0, 1, 255].map { home.guardianKey($0).publicKey } }
        #expect(Set(keys).count == 9)
        #expect(homes[1].guardianKeys(among: keys).map(\.publicKey) == Array(keys[3..<6]))
    }
}
