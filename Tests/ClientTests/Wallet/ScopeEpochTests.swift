import Client
import Codec
import Cryptography
import Ledger
import Testing

@Suite("Wallet: scopes over time")
struct ScopeEpochTests {
    @Test func `a scope keeps its identifier and gets every other key anew`() {
        let patient = WalletCast.patient
        let first = patient.allKeys[0]
        let next = patient.keys(of: first, at: 1)
        #expect(next.id == first.id && next.name.epoch == 1 && next.name.opened == 0)
        #expect(next.delegating.publicKey != first.delegating.publicKey)
        #expect(next.secret.copy() != first.secret.copy())
        #expect(next.sealing.publicKey != first.sealing.publicKey)
        // The keys of the first epoch are still there.
        #expect(patient.keys(of: next, at: 0).delegating.publicKey == first.delegating.publicKey)
    }

    @Test func `a wallet learns the epoch from the chain, forward and for a scope that it knows`() throws {
        var patient = WalletCast.patient
        let name = patient.scopes[0]
        let other = try #require(PatientKeys.ScopeName(category: "other"))
        let unknown = patient.update(other, to: 3)
        let same = patient.update(name, to: 0)
        let news = patient.update(name, to: 2)
        #expect(!unknown && !same && news)
        #expect(patient.scopes == [name.at(2)])
        #expect(patient.scope(named: "imaging")?.id == WalletCast.scope.id)
        // Opening the category again adds nothing: it is the same scope.
        patient.add(name)
        #expect(patient.scopes.count == 1)
    }

    @Test func `no epoch comes before the one that opened the scope`() {
        #expect(PatientKeys.ScopeName(category: "x", epoch: 1, opened: 2) == nil)
        #expect(PatientKeys.ScopeName(category: "x", epoch: 2, opened: 2) != nil)
    }

    @Test func `a keystore keeps rotated and other scopes`() throws {
        try WalletCast.withHome { home in
            var patient = WalletCast.patient
            patient.add(try #require(PatientKeys.ScopeName(category: "other", epoch: 3)))
            let isNew = patient.update(patient.scopes[0], to: 5)
            #expect(isNew)
            let password = SecretBytes(copying: Array("correct horse".utf8))
            _ = try Keystore.create(.patient(patient), in: home, password: password, cost: .testing)
            guard case .patient(let kept) = try Keystore.open(home, password: password).identity else {
                Issue.record("it holds a patient")
                return
            }
            #expect(kept.scopes == patient.scopes)
            #expect(kept.allKeys.map(\.id) == patient.allKeys.map(\.id))
        }
    }

    @Test func `every operation of a patient is put into words`() {
        let scope = WalletCast.scope.id
        let document = DocumentID(WalletCast.digest("document"))
        let grant = GrantID(WalletCast.digest("grant"))
        let names = SummaryNames(
            organizations: [WalletCast.hospital: "North Hospital"], scopes: [scope: "imaging"],
            staff: [WalletCast.clinician: "Pia"])
        func words(_ operation: Ledger.Operation) -> String {
            let summary = TransactionSummary(
                WalletCast.transaction(operation, by: [WalletCast.signing("any")]), names: names)
            return summary.statements.map { "\($0.allows) | \($0.to) | \($0.until)" }.joined()
        }
        let rotation = RotateScope(
            scope: scope, epoch: 1, delegatingKey: WalletCast.signing("a").publicKey,
            sealingKey: WalletCast.sealing("s").publicKey)
        #expect(words(.rotateScope(rotation)).contains("give your scope “imaging” new keys (epoch 1)"))
        #expect(words(.closeScope(CloseScope(scope: scope))).contains("no longer add to, grant or open your scope"))
        #expect(words(.eraseDocument(EraseDocument(document: document))).hasPrefix("erase document \(document)"))
        let officer = EraseDocument(document: document, basis: .misfiled, officer: WalletCast.clinician)
        #expect(words(.eraseDocument(officer)).contains("decided by Pia on the basis misfiled"))
        let denial = RestrictScope(scope: scope, restriction: .never(WalletCast.hospital))
        #expect(words(.restrictScope(denial)).contains("all staff of North Hospital"))
        let window = RestrictScope(
            scope: scope, restriction: .documents(grant, from: nil, until: Timestamp(rawValue: 0)))
        #expect(words(.restrictScope(window)).contains("until 1970-01-01"))
    }
}
