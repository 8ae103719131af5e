import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Testing

/// Membership by governance on real validators: a fifth joins, one is replaced, and clients follow from the genesis file.
@Suite("NodeService: the validators change", .timeLimit(.minutes(10)), .serialized)
struct MembershipTests {
    private func withConsortium(_ body: (TestConsortium) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory)
            try await consortium.startAll()
            do { try await body(consortium) } catch {
                try? await consortium.stop(4)
                try? await consortium.stopAll()
                throw error
            }
            try await consortium.stop(4)
            try await consortium.stopAll()
        }
    }

    private func status(of node: NodeAddress, _ client: LedgerClient) async throws -> NodeStatus {
        try await client.nodes.send(.status, to: node, as: NodeStatus.self).value
    }

    /// Waits until a node is in an epoch; the suite's time limit is the deadline.
    private func waitForEpoch(_ epoch: UInt64, at node: NodeAddress, _ client: LedgerClient) async throws {
        while true {
            if let status = try? await status(of: node, client), status.epoch >= epoch { return }
            await Task.yield()
        }
    }

    @Test func `a fifth validator follows, joins and is needed; evidence holds across the boundary`() async throws {
        try await withConsortium { consortium in
            let home = WalletHome(path: consortium.directory + "/wallet")
            try home.prepare(consortium.genesis)
            let client = try LedgerClient(consortium.genesis, home: home)
            _ = try await client.submit(consortium.registration(0))
            let candidate = try consortium.makeGuest(4)
            try await consortium.start(4)
            let change = try await client.prepare(
                [.proposeChange(consortium.proposal(.addValidator(candidate)))], signedBy: [GenesisSample.hospitalKey])
            #expect(try await client.submit(change).receipt.outcomes == [.applied])
            // The client meets a block of the new epoch and learns who decides in it.
            var head = try await client.tip()
            while head.epoch == 0 { head = try await client.submit(consortium.registration(1)).finality.header }
            #expect(client.light.trust.epoch == 1)
            _ = try await client.validators()
            #expect(client.nodes.nodes.map(\.validator).last == candidate.id)
            let guest = try #require(try await client.node(of: candidate.id))
            try await waitForEpoch(1, at: guest, client)
            // Of five validators four decide: without the first, the new one's vote is needed.
            try await consortium.stop(0)
            #expect(try await client.submit(consortium.registration(2)).receipt.outcomes == [.applied])
            #expect(try await status(of: guest, client).validator == candidate.id)

            let hospital = Subject.organization(consortium.genesis.organizations[0].id)
            let evidence = try await client.evidence(about: hospital, signedBy: GenesisSample.auditorKey)
            #expect(evidence.boundaries.count == 1)
            let read = try Evidence(decoding: evidence.encoded)
            #expect(read == evidence)
            #expect(try AccessAudit(read, trust: TrustAnchor(consortium.genesis)).findings.isEmpty)
            let cut = Evidence(chain: evidence.chain, histories: evidence.histories)
            #expect(throws: ProofFailure.unknownEpoch(1)) {
                try AccessAudit(cut, trust: TrustAnchor(consortium.genesis))
            }
            await client.shutDown()
            // What was learned is kept: the next program begins in the new epoch, with the new nodes.
            let again = try LedgerClient(consortium.genesis, home: home)
            #expect(again.light.trust.epoch == 1 && again.nodes.nodes.count == 5)
            #expect(try await again.tip().epoch == 1)
            await again.shutDown()
        }
    }

    @Test
    func `a validator is replaced, too few holders are left to share out anew, and the wallet makes the grants again`()
        async throws
    {
        try await withConsortium { consortium in
            let home = WalletHome(path: consortium.directory + "/wallet")
            try home.prepare(consortium.genesis)
            let client = try LedgerClient(consortium.genesis)
            let desk = try OrganizationDesk(
                client,
                OrganizationKeys(
                    signing: [GenesisSample.hospitalKey], receiving: GenesisSample.hospitalReceiving,
                    sealing: GenesisSample.hospitalSealing))
            let consent = ConsentKeeper(client, home: home)
            let mnemonic = try #require(Mnemonic(entropy: .random(count: 32)))
            let patient = PatientKeys(mnemonic, scopes: [try #require(PatientKeys.ScopeName(category: "imaging"))])
            let scope = try #require(patient.scope(named: "imaging"))
            let late = Timestamp(rawValue: 4_000_000_000_000)
            try await consent.open(scope, with: desk.issueVoucher(expires: late))
            let terms = GrantTerms(
                to: .organization(desk.organization), for: [.treatment], notBefore: Timestamp(rawValue: 1),
                notAfter: late)
            // One that is down takes no fragment, so that the others alone are as many as open a document.
            try await consortium.stop(2)
            let before = try await consent.grant(terms, of: scope)
            #expect(before.record.acknowledged.count == 3)
            let present = Timestamp(rawValue: 1_800_000_000_000)
            #expect(try await consent.redistribute(scope, now: present).isEmpty)
            #expect(try await consent.followValidators(of: patient, now: present) == nil)
            var otherTerms = terms
            otherTerms.purposes = [.healthcareOperations]
            let other = try await consent.grant(otherTerms, of: scope)
            try await consortium.start(2)

            let candidate = try consortium.makeGuest(4)
            try await consortium.start(4)
            let old = consortium.genesis.validators[3].id
            // It deals nothing before it leaves: two holders are not enough.
            try await consortium.stop(3)
            try await client.apply(
                .proposeChange(consortium.proposal(.replaceValidator(old, candidate))),
                signedBy: [GenesisSample.hospitalKey])
            while try await client.validators().last?.id != candidate.id { await Task.yield() }
            let guest = try #require(try await client.node(of: candidate.id))
            try await waitForEpoch(1, at: guest, client)
            let between = try #require(try await consent.record(of: before.grant, in: scope))
            #expect(between.refusal(at: present) == nil, "three holders of four remain")

            // As a wallet leaves it that was stopped before it took the old grant back.
            let begun = try await consent.grant(terms, of: scope)
            let report = try #require(try await consent.followValidators(of: patient, now: present))
            #expect(report.renewed.map(\.old) == [before.grant, other.grant])
            #expect(report.renewed.first?.status.grant == begun.grant, "no third grant is made")
            #expect(report.isComplete && report.refused.isEmpty)
            for renewal in report.renewed {
                #expect(renewal.status.record.acknowledged.contains(candidate.id))
                #expect(renewal.isOldRevoked)
                #expect(try await consent.record(of: renewal.old, in: scope)?.revoked != nil)
            }
            #expect(try await consent.grants(of: scope).count == 4)
            #expect(try await consent.redistribute(scope, now: present).isEmpty)
            #expect(try await consent.followValidators(of: patient, now: present) == nil)
            await client.shutDown()
        }
    }

    @Test func `a validator is replaced while the patient is away, and the new one helps to open`() async throws {
        // Two of the four are down in the end: any two keep the document.
        try await PatientCast.with(documentCopies: 4) { cast in
            let consortium = cast.consortium
            let document = try await cast.commit("written before", titled: "before")
            let grant = try await cast.consent.grant(try cast.terms(), of: cast.scope).grant
            // From here on nothing is signed by the patient. Who leaves is gone already: a client that goes on asking it
            // would not hear of what happens without it.
            try await consortium.stop(3)
            let candidate = try consortium.makeGuest(4)
            try await consortium.start(4)
            do {
                let old = consortium.genesis.validators[3].id
                try await cast.ledger.apply(
                    .proposeChange(consortium.proposal(.replaceValidator(old, candidate))),
                    signedBy: [GenesisSample.hospitalKey])
                let request = API.Request.readSubject(.grant(grant))
                try await cast.eventually("all of the new set hold a share that came about by resharing") {
                    let state = try await cast.ledger.state(request, signedBy: cast.scope.signing)
                    let record: GrantRecord? = try state.record(grant)
                    let generation: GenerationRecord? = try state.record(grant)
                    let fragments: GrantFragmentsRecord? = try state.record(grant)
                    return generation != nil && fragments?.validators.last == candidate.id
                        && record?.acknowledged.count == 4
                }
                // Three of four help: with one of the old ones down, the new one's help is needed.
                try await consortium.stop(0)
                #expect(try await cast.read(document, under: grant) == "written before")
                let now = Timestamp(rawValue: 1_800_000_000_000)
                #expect(try await cast.consent.redistribute(cast.scope, now: now).isEmpty, "nothing is left to renew")
            } catch {
                try? await consortium.stop(4)
                throw error
            }
            try await consortium.stop(4)
        }
    }
}

extension TestConsortium {
    /// Makes the home of a node that is no validator yet.
    func makeGuest(_ index: Int) throws -> ValidatorCandidate {
        let ports = FreePorts.find(2)
        var configuration = Configuration()
        configuration.peerListen = Address(host: "127.0.0.1", port: ports[0])
        configuration.apiListen = Address(host: "127.0.0.1", port: ports[1])
        configuration.networkDelay = .milliseconds(100)
        let made = try NodeHome.make(at: "\(directory)/\(index)", configuration: configuration)
        try made.home.install(genesis)
        let card = ValidatorCard(
            organization: "hospital", keys: made.keys, peerAddress: "127.0.0.1:\(ports[0])",
            apiURL: "https://127.0.0.1:\(ports[1])")
        return card.candidate(
            signedBy: made.keys, organization: genesis.organizations[0].id, on: genesis.chain)
    }

    /// A change that the only hospital makes at once.
    func proposal(_ change: Change) -> ProposeChange {
        ProposeChange(
            organization: genesis.organizations[0].id, change: change,
            expires: Timestamp(rawValue: UInt64(Date.now.timeIntervalSince1970 * 1000) + 86_400_000))
    }
}
