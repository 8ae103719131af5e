import API
import Client
import Codec
import Cryptography
import Foundation
import Ledger

/// A patient with one scope and a clinician who writes to it and reads it, on a real network, with wallets' own code.
struct Clinic {
    let ledger: LedgerClient
    let organization: TargetNetwork.Organization
    let staff: StaffKeys
    let scope: ScopeKeys
    private let home: WalletHome
    private let registration: StaffKeys.Registration

    /// Registers the clinician, opens the scope and lets the clinician's organisation write to it.
    ///
    /// - Parameter directory: Where sealed files stand until they are sent.
    init(on network: TargetNetwork, through client: LedgerClient, in directory: String) async throws {
        ledger = client
        organization = network.organizations[0]
        home = WalletHome(path: directory)
        let tip = try await client.tip()
        var keys = StaffKeys.random()
        let operation = RegisterStaff(
            organization: organization.id, role: .clinician, pseudonym: "load generator",
            registrationHash: .sha256(SystemRandom.bytes(32)), deviceKey: keys.device.publicKey,
            receivingKey: keys.receiving.publicKey, sealingKey: keys.sealing.publicKey,
            expires: tip.time.advanced(byMilliseconds: 365 * 86_400_000), needsCosignature: false)
        registration = .init(staff: operation.staff, organization: organization.id)
        keys.registration = registration
        staff = keys
        guard let name = PatientKeys.ScopeName(category: "load") else { preconditionFailure("four letters are a name") }
        scope = PatientKeys(.random(), scopes: [name]).keys(of: name)
        let opening = OpenScope(
            scope: scope.signing.publicKey, delegatingKey: scope.delegating.publicKey, epoch: 0,
            sealingKey: scope.sealing.publicKey, sponsor: organization.id, voucher: nil)
        try await Self.apply(
            [.registerStaff(operation), .openScope(opening)], client, organization.keys + [scope.signing])
        try await ConsentKeeper(client, home: home).authorize(organization.id, in: scope)
    }

    /// Submits and waits for the proved receipt.
    private static func apply(_ operations: [Ledger.Operation], _ ledger: LedgerClient, _ keys: [SigningKey])
        async throws
    {
        let tip = try await ledger.tip()
        try await ledger.submit(Workload.sign(operations, chain: ledger.chain, tip: tip, by: keys)).requireApplied()
    }

    // MARK: The author's side

    /// Seals a file.
    func seal(_ path: String) throws -> PendingRecord {
        guard let metadata = DocumentMetadata(title: "load", type: "", date: "", mediaType: "application/octet-stream")
        else { preconditionFailure("short words are metadata") }
        return try keeper().seal(
            file: path, metadata: metadata,
            into: AuthorScope(
                scope: scope.signing.publicKey, epoch: 0, delegatingKey: scope.delegating.publicKey,
                secret: scope.secret),
            organization: organization.id, staff: registration.staff)
    }

    /// Sends what was sealed to the network's stores.
    func upload(_ record: PendingRecord) async throws -> Int { try await keeper().upload(record) ?? 0 }

    /// Puts it on record.
    func commit(_ record: PendingRecord) async throws -> DocumentID {
        try await Self.apply([.commitDocument(record.operation)], ledger, [staff.device])
        record.discard()
        return record.document
    }

    private func keeper(_ entitlement: Request.Entitlement? = nil) -> RecordKeeper {
        RecordKeeper(
            home: home.path,
            transport: NodeContentTransport(ledger.nodes, signedBy: staff.device, entitlement: entitlement))
    }

    // MARK: The reader's side

    /// Lets the clinician open what is in the scope.
    func grant() async throws -> GrantID {
        let tip = try await ledger.tip()
        let terms = GrantTerms(
            to: .staff(registration.staff), for: [.treatment], notBefore: tip.time,
            notAfter: tip.time.advanced(byMilliseconds: 30 * 86_400_000),
            documentsPerDay: GrantConsent.maximumDocumentsPerDay)
        let status = try await ConsentKeeper(ledger, home: home).grant(terms, of: scope)
        guard status.record.isHeld else { throw LoadFailure.grantNotHeld }
        return status.grant
    }

    /// Asks for a document.
    func request(_ document: DocumentID, under grant: GrantID) async throws -> AccessID {
        try await AccessKeeper(ledger, staff).request([document], under: grant, purpose: .treatment)
    }

    /// Opens what was asked for, up to its first byte.
    func readFirstByte(of access: AccessID) async throws {
        for document in try await AccessKeeper(ledger, staff).open(access) {
            let reader = try await keeper(.document(document.id)).open(
                document.record, share: document.share,
                with: RecordSecrets(keySeed: document.keySeed, scopeSecret: document.scopeSecret))
            try await reader.read(0..<1) { _, _ in }
        }
    }
}
