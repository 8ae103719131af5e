import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Testing

/// An attacker with the whole chain, all categories and all patients, against four running validators and real wallets.
@Suite(
    "Chain privacy: what an attacker with the whole chain can link", .runningConsortium, .timeLimit(.minutes(10)),
    .serialized)
struct ChainPrivacyTests {
    private static let categories = ["imaging", "mental health"]
    private static let patients = ["Nora Nilsen", "Omar Okafor"]

    private struct World {
        let transactions: [Transaction]
        /// Of each patient, their scopes.
        let scopes: [[ScopeID]]
        let hospital: OrganizationID
        let reader: RegisterStaff
        let validators: [ValidatorID]
    }

    /// Two patients with two scopes each, treated alike, and every transaction that came of it.
    private func world(_ consortium: TestConsortium) async throws -> World {
        let ledger = try LedgerClient(consortium.genesis)
        let result: Result<World, any Error>
        do { result = .success(try await live(consortium, ledger)) } catch { result = .failure(error) }
        await ledger.shutDown()
        return try result.get()
    }

    private func live(_ consortium: TestConsortium, _ ledger: LedgerClient) async throws -> World {
        let home = WalletHome(path: consortium.directory + "/privacy-\(SystemRandom.bytes(4).hex)")
        try home.prepare(consortium.genesis)
        let desk = try OrganizationDesk(
            ledger,
            OrganizationKeys(
                signing: [GenesisSample.hospitalKey], receiving: GenesisSample.hospitalReceiving,
                sealing: GenesisSample.hospitalSealing))
        let consent = ConsentKeeper(ledger, home: home)
        let keys = StaffKeys.random()
        let registration = StaffCard(keys).registration(
            at: desk.organization, as: .clinician, pseudonym: "reader", number: "12345", salt: SystemRandom.bytes(16),
            expires: Timestamp(rawValue: 4_000_000_000_000), needsCosignature: true)
        let staff = try await desk.register(registration)
        var scopes: [[ScopeID]] = []
        for _ in Self.patients {
            let mnemonic = try #require(Mnemonic(entropy: .random(count: 16)))
            var own: [ScopeID] = []
            for category in Self.categories {
                let name = try #require(PatientKeys.ScopeName(category: category))
                let scope = PatientKeys(mnemonic, scopes: [name]).keys(of: name)
                try await consent.open(
                    scope, with: desk.issueVoucher(expires: Timestamp(rawValue: 4_000_000_000_000)))
                try await consent.authorize(desk.organization, in: scope)
                let now = Timestamp(rawValue: UInt64(SystemClock.seconds()) * 1000)
                _ = try await consent.grant(
                    GrantTerms(
                        to: .staff(staff), for: [.treatment], notBefore: now,
                        notAfter: now.advanced(byMilliseconds: 86_400_000)), of: scope)
                own.append(scope.id)
            }
            scopes.append(own)
        }
        return World(
            transactions: try await everything(ledger), scopes: scopes, hospital: desk.organization,
            reader: registration, validators: consortium.genesis.validators.map(\.id))
    }

    /// The whole chain, block by block, as an auditor gets it.
    private func everything(_ ledger: LedgerClient) async throws -> [Transaction] {
        let tip = try await ledger.tip().height
        var transactions: [Transaction] = []
        for height in 1...tip.rawValue {
            let block = try await ledger.nodes.send(
                .readBlockTransactions(Height(rawValue: height)), signedBy: GenesisSample.auditorKey,
                as: BlockReply.self
            ).value
            try block.verify(ledger.light.trust)
            transactions += block.transactions
        }
        return transactions
    }

    @Test func `no name, no category and no hash of one stands on the chain`() async throws {
        let consortium = try #require(RunningConsortium.current)
        let world = try await world(consortium)
        #expect(world.transactions.count >= 12)
        let pairs = Self.patients.flatMap { patient in Self.categories.map { "\(patient) \($0)" } }
        let attack = ChainAttack(
            transactions: world.transactions, knowledge: Self.patients + Self.categories + pairs + ["12345"])
        #expect(attack.recognised == [])
        // The attack works: what does stand there, it finds.
        #expect(ChainAttack(transactions: world.transactions, knowledge: ["reader"]).recognised == ["reader"])
    }

    @Test func `two scopes of one patient have no more in common than two of different patients`() async throws {
        let consortium = try #require(RunningConsortium.current)
        let world = try await world(consortium)
        let attack = ChainAttack(transactions: world.transactions, knowledge: [])
        let same = attack.shared(world.scopes[0][0], world.scopes[0][1])
        for other in world.scopes[1] {
            #expect(attack.shared(world.scopes[0][0], other) == same)
            #expect(attack.shared(world.scopes[0][1], other) == same)
        }
        // What they have in common is what the threat model lists: whom it was about, none of it the patient.
        let listed: Set<[UInt8]> = Set(
            [
                consortium.genesis.chain.bytes, world.hospital.bytes, world.reader.staff.bytes,
                world.reader.receivingKey.bytes, GenesisSample.hospitalKey.publicKey.bytes,
            ] + world.validators.map(\.bytes))
        let common = same.subtracting(listed)
        #expect(common.allSatisfy { isValidatorKey($0, consortium) }, "\(common.map(\.hex))")
    }

    /// Acknowledgements name the grant, not the scope; their signer may stand in a set that was looked at.
    private func isValidatorKey(_ bytes: [UInt8], _ consortium: TestConsortium) -> Bool {
        consortium.genesis.validators.contains { $0.consensusKey.bytes == bytes }
    }

    @Test func `documents of one size class look alike`() throws {
        var classes: Set<UInt64> = []
        for size in UInt64(1_000_000)...1_000_500 { classes.insert(Padme.paddedSize(of: size)) }
        #expect(classes.count == 1)
        for size in [UInt64(1000), 123_456, 5_000_000] {
            let padded = Padme.paddedSize(of: size)
            #expect(padded >= size && padded - size <= size / 8 && Padme.isPadded(padded))
        }
    }
}
