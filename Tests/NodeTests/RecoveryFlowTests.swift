import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Testing

@Suite("Patient flows: guardians and recovery", .timeLimit(.minutes(10)), .serialized)
struct RecoveryFlowTests {
    /// Three people with wallets of their own.
    private static let guardians: [Identity] = (0..<3).map { _ in .staff(.random()) }

    /// The new wallet of somebody who lost the old one: another phrase, and what it calls the scope.
    private static func newcomer(_ scope: ScopeID) throws -> (patient: PatientKeys, scope: ScopeKeys) {
        let mnemonic = try #require(Mnemonic(entropy: .random(count: 32)))
        let name = try #require(PatientKeys.ScopeName(category: "pictures", adopted: scope))
        let patient = PatientKeys(mnemonic, scopes: [name])
        return (patient, patient.keys(of: name))
    }

    private func appoint(_ cast: PatientCast, delay: UInt64) async throws -> GrantStatus {
        let keys = Self.guardians.map { $0.guardianKey(7).publicKey }
        let appointment = try #require(
            AppointGuardians(scope: cast.scope.id, guardians: keys, threshold: 2, delay: delay))
        let now = try await cast.ledger.tip().time
        return try await cast.consent.appoint(
            appointment, of: cast.scope, notBefore: now, notAfter: now.advanced(byMilliseconds: 86_400_000))
    }

    /// The proposal of a new owner with the signatures of some guardians.
    private func propose(_ scope: ScopeKeys, by guardians: some Sequence<Identity>, _ cast: PatientCast) async throws {
        let transaction = try await cast.consent.prepareAdoption(scope)
        try await cast.ledger.apply(guardians.reduce(transaction) { $0.signed(by: $1.guardianKey(7)) })
    }

    /// Lets blocks come until the time to object has passed.
    private func confirm(_ scope: ScopeKeys, _ cast: PatientCast) async throws {
        try await cast.eventually("the time to object passes") {
            do {
                try await cast.consent.adopt(scope)
                return true
            } catch ClientFailure.refused(_, .ownerNotDue) { return false }
        }
    }

    private func isOwner(_ scope: ScopeKeys, _ cast: PatientCast) async throws -> Bool {
        try await cast.consent.record(of: scope) != nil
    }

    @Test func `guardians let a new wallet in, which opens what was sealed before, on record, and goes on from there`()
        async throws
    {
        try await PatientCast.with { cast in
            let document = try await cast.commit("sealed before", titled: "x")
            let shares = try SecretSharing.split(
                cast.patient.recoverySecret, groups: [try #require(SecretSharing.Group(threshold: 2, count: 3))])
            _ = try await appoint(cast, delay: 1000)
            let (patient, scope) = try Self.newcomer(cast.scope.id)
            #expect(scope.id == cast.scope.id)
            #expect(try await !isOwner(scope, cast))
            await #expect(throws: ClientFailure.self) {
                try await propose(scope, by: Self.guardians.prefix(1), cast)
            }
            try await propose(scope, by: Self.guardians.suffix(2), cast)
            #expect(try await isOwner(cast.scope, cast))
            let status = try await cast.consent.guardians(of: cast.scope)
            #expect(status.guardianship?.threshold == 2)
            #expect(status.proposal?.owner == KeyID(scope.signing.publicKey))
            try await confirm(scope, cast)
            #expect(try await isOwner(scope, cast))
            #expect(try await !isOwner(cast.scope, cast))

            // What was sealed before opens with the shares alone, and the access stands in the document's history.
            let secret = try SecretSharing.combine(Array(shares[0].suffix(2)))
            let recovery = DocumentRecovery(cast.ledger, of: scope, with: secret)
            let grant = try await recovery.grant(for: 0, cast.consent)
            let access = try await recovery.request([document], under: grant)
            let opened = try #require(try await recovery.open(access).first)
            let content = try await cast.records(scope.signing, for: document).open(
                opened.record, share: opened.share,
                with: RecordSecrets(keySeed: opened.keySeed, scopeSecret: opened.scopeSecret))
            let path = cast.home.path + "/recovered"
            try await content.download(to: path)
            #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == "sealed before")
            for subject in [Subject.document(document), .scope(scope.id), .grant(grant)] {
                let evidence = try await cast.ledger.evidence(about: subject, signedBy: GenesisSample.auditorKey)
                let audit = try AccessAudit(
                    try Evidence(decoding: evidence.encoded), trust: TrustAnchor(cast.consortium.genesis))
                #expect(audit.findings.isEmpty, "\(subject)")
                #expect(audit.history.events.contains { $0.operation.code == .recoverDocuments })
            }
            let stranger = DocumentRecovery(cast.ledger, of: scope, with: .random(count: 32))
            await #expect(throws: WalletFailure.self) { try await stranger.grant(for: 0, cast.consent) }

            // New keys: documents to come are this phrase's, and grants are given and used as ever.
            let next = patient.keys(of: scope, at: 1)
            try await cast.consent.rotate(to: next)
            try await cast.consent.authorize(cast.desk.organization, in: next)
            let later = try await cast.commit("sealed after", titled: "y", with: try await cast.desk.card(of: next.id))
            let terms = try cast.terms()
            let given = try await cast.consent.grant(terms, of: next).grant
            #expect(try await cast.read(later, under: given) == "sealed after")

            // Another machine finds the scope from the new phrase.
            let found = try await ScopeSearch(cast.ledger, home: cast.home).find(
                PatientKeys(patient.mnemonic), categories: ["pictures"])
            #expect(found.map(\.keys.id) == [cast.scope.id] && found.map(\.keys.name.epoch) == [1])
            #expect(found.map(\.documents) == [2])
        }
    }

    @Test func `a patient who still has the key objects, and the guardians' proposal comes to nothing`() async throws {
        try await PatientCast.with { cast in
            let before = try await appoint(cast, delay: 3_600_000)
            // Appointing again keeps the recovery grant.
            let again = try await appoint(cast, delay: 3_600_000)
            #expect(again.grant == before.grant)
            let (_, scope) = try Self.newcomer(cast.scope.id)
            try await propose(scope, by: Self.guardians.prefix(2), cast)
            await #expect(throws: ClientFailure.self) { try await cast.consent.adopt(scope) }
            try await cast.consent.veto(cast.scope)
            #expect(try await cast.consent.guardians(of: cast.scope).proposal == nil)
            try await cast.consent.dismissGuardians(of: cast.scope)
            let status = try await cast.consent.guardians(of: cast.scope)
            #expect(status.guardianship == nil && status.replaced == 0)
            await #expect(throws: ClientFailure.self) {
                try await propose(scope, by: Self.guardians.prefix(2), cast)
            }
        }
    }
}
