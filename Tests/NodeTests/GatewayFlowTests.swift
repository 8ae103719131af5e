import API
import Client
import Codec
import Cryptography
import Foundation
import Gateway
import Ledger
import Node
import Synchronization
import Testing

@Suite("Gateway: a process of its own signs for a code", .timeLimit(.minutes(10)), .serialized)
struct GatewayFlowTests {
    /// A running gateway with a clock that the test sets, and one enrolled member of staff.
    private struct Door {
        let client: GatewayClient
        let gateway: Gateway
        let recoveryCodes: [String]
        let home: WalletHome
        let task: Task<Void, any Error>

        init(_ scene: HospitalScene, enrolling keys: StaffKeys) async throws {
            home = WalletHome(path: scene.home.path + "/gateway")
            try home.prepare(scene.consortium.genesis)
            let gateway = try Gateway(home: home, keys: scene.organization, chain: scene.ledger.chain)
            recoveryCodes = try await gateway.enroll(
                try #require(keys.registration).staff, deviceKey: KeyID(keys.device.publicKey), issuer: "hospital"
            ).recoveryCodes
            let identity = try GatewayIdentity.load(from: home)
            let (ports, found) = AsyncStream.makeStream(of: Int.self)
            let server = GatewayServer(gateway, identity: identity, host: "127.0.0.1", port: 0)
            task = Task {
                defer { found.finish() }
                try await server.run { found.yield($0) }
            }
            var port: Int?
            for await value in ports {
                port = value
                break
            }
            client = try GatewayClient(
                url: "https://127.0.0.1:\(try #require(port))",
                certificateFile: GatewayIdentity.certificateFile(of: home))
            self.gateway = gateway
        }

        func close() async {
            task.cancel()
            _ = await task.result
        }
    }

    private static func refusal(_ body: () async throws -> Transaction) async -> GatewayRefusal? {
        do {
            _ = try await body()
            return nil
        } catch {
            guard case .refused(let refusal) = error as? GatewayFailure else { return nil }
            return refusal
        }
    }

    @Test func `a device and a code open a document; a device alone, or the gateway's key alone, open nothing`()
        async throws
    {
        try await HospitalScene.with { scene in
            let grant = try await scene.grant(for: [.treatment])
            let surgeon = try await scene.register("surgeon", as: .clinician, needsCosignature: true)
            let door = try await Door(scene, enrolling: surgeon)
            let access = try AccessKeeper(scene.ledger, surgeon)

            let (_, alone) = try await access.prepareRequest(
                for: [scene.document], under: grant, purpose: .treatment)
            await #expect(throws: ClientFailure.refused(alone.id, .organizationSignatureMissing)) {
                try await scene.ledger.apply(alone)
            }
            // Whoever holds the gateway's key and no device of the surgeon's.
            let stolen = try await scene.ledger.prepare(alone.operations, signedBy: HospitalScene.desk)
            await #expect(throws: ClientFailure.refused(stolen.id, .staffSignatureMissing)) {
                try await scene.ledger.apply(stolen)
            }

            let (request, transaction) = try await access.prepareRequest(
                for: [scene.document], under: grant, purpose: .treatment, reason: 1)
            #expect(await Self.refusal { try await door.client.cosign(transaction, code: "000000") } == .wrongCode)
            let signed = try await door.client.cosign(transaction, code: door.recoveryCodes[0])
            #expect(
                await Self.refusal { try await door.client.cosign(transaction, code: door.recoveryCodes[0]) }
                    == .wrongCode)
            try await scene.ledger.apply(signed)
            let opened = try await access.open(request, asOneOf: [scene.recipient])
            #expect(try await scene.read(try #require(opened.first), as: surgeon) == HospitalScene.content)
            await door.close()
        }
    }

    @Test func `a second device's signature stands for a code, of its own member and nobody else`() async throws {
        try await HospitalScene.with { scene in
            let door = try await Door(scene, enrolling: scene.doctor)
            let doctor = try #require(scene.doctor.registration).staff
            let second = SigningKey.random()
            _ = try await door.gateway.enroll(
                doctor, deviceKey: KeyID(scene.doctor.device.publicKey), secondDevice: KeyID(second.publicKey),
                issuer: "hospital")
            func transaction(by keys: [SigningKey]) async throws -> Transaction {
                let request = RequestAccess(
                    grant: GrantID(.zero), staff: doctor, documents: [scene.document], purpose: .treatment, reason: 0,
                    replyKeyDigest: .zero, expires: Height(rawValue: 50))
                return try await scene.ledger.prepare([.requestAccess(request)], signedBy: keys)
            }
            let both = try await transaction(by: [scene.doctor.device, second])
            #expect(try await door.client.cosign(both, code: "").signers.count == 3)
            let alone = try await transaction(by: [second])
            #expect(await Self.refusal { try await door.client.cosign(alone, code: "") } == .deviceSignatureMissing)
            for others in [[scene.doctor.device], [scene.doctor.device, .random()]] {
                let unconfirmed = try await transaction(by: others)
                #expect(await Self.refusal { try await door.client.cosign(unconfirmed, code: "") } == .wrongCode)
            }
            await door.close()
        }
    }

    @Test func `the gateway signs for what staff do in their own name and for nothing else`() async throws {
        try await HospitalScene.with { scene in
            let door = try await Door(scene, enrolling: scene.doctor)
            let code = door.recoveryCodes[0]
            let doctor = try #require(scene.doctor.registration).staff
            let document = Ledger.Operation.requestAccess(
                RequestAccess(
                    grant: GrantID(.zero), staff: doctor, documents: [scene.document], purpose: .treatment, reason: 0,
                    replyKeyDigest: .zero, expires: Height(rawValue: 50)))
            let smuggled = Ledger.Operation.endStaff(EndStaff(staff: try #require(scene.officer.registration).staff))
            func receipt(_ reader: StaffID?) -> Ledger.Operation {
                let reader = reader.map { MessageAuthor(organization: scene.desk.organization, staff: $0) }
                return .postMessage(
                    .receipt(MessageReceipt(scope: scene.scope.id, reader: reader, message: scene.document)))
            }
            func refusal(_ operations: [Ledger.Operation], by keys: [SigningKey]) async throws -> GatewayRefusal? {
                let transaction = try await scene.ledger.prepare(operations, signedBy: keys)
                return await Self.refusal { try await door.client.cosign(transaction, code: code) }
            }
            #expect(try await refusal([document, smuggled], by: [scene.doctor.device]) == .notForStaff)
            #expect(try await refusal([smuggled], by: [scene.doctor.device]) == .notForStaff)
            #expect(try await refusal([document], by: [scene.nurse.device]) == .deviceSignatureMissing)
            #expect(try await refusal([document, receipt(nil)], by: [scene.doctor.device]) == .notForStaff)
            #expect(try await door.gateway.factors().map(\.recoveryCodesLeft) == [10])
            #expect(try await refusal([document, receipt(doctor)], by: [scene.doctor.device]) == nil)
            await door.close()
        }
    }

    @Test func `a lock outlives the process, and nobody without the device makes one`() async throws {
        try await HospitalScene.with { scene in
            let door = try await Door(scene, enrolling: scene.doctor)
            let doctor = try #require(scene.doctor.registration).staff
            let operation = Ledger.Operation.requestAccess(
                RequestAccess(
                    grant: GrantID(.zero), staff: doctor, documents: [scene.document], purpose: .treatment, reason: 0,
                    replyKeyDigest: .zero, expires: Height(rawValue: 50)))
            let stranger = try await scene.ledger.prepare([operation], signedBy: [scene.nurse.device])
            for _ in 0..<6 {
                #expect(
                    await Self.refusal { try await door.client.cosign(stranger, code: "x") } == .deviceSignatureMissing)
            }
            let own = try await scene.ledger.prepare([operation], signedBy: [scene.doctor.device])
            for expected in [GatewayRefusal.wrongCode, .wrongCode, .wrongCode, .wrongCode, .locked] {
                #expect(await Self.refusal { try await door.client.cosign(own, code: "x") } == expected)
            }
            await door.close()
            let restarted = try Gateway(home: door.home, keys: scene.organization, chain: scene.ledger.chain)
            await #expect(throws: GatewayRefusal.locked) {
                try await restarted.cosign(CosignRequest(transaction: own, code: door.recoveryCodes[0]))
            }
            #expect(try await restarted.unlock(doctor))
            let signed = try await restarted.cosign(CosignRequest(transaction: own, code: door.recoveryCodes[0]))
            #expect(signed.signers.count == 2)

            // A damaged state is neither "not enrolled" nor unlocked.
            let file = door.home.path + "/factors/\(doctor).cbor"
            let kept = try Data(contentsOf: URL(filePath: file))
            var damaged = kept
            damaged[damaged.count - 1] ^= 1
            try damaged.write(to: URL(filePath: file))
            await #expect(throws: GatewayRefusal.stateUnreadable) {
                try await restarted.cosign(CosignRequest(transaction: own, code: door.recoveryCodes[1]))
            }
            await #expect(throws: HomeFailure.self) { try await restarted.factors() }
            try kept.write(to: URL(filePath: file))
            #expect(try await restarted.remove(doctor))
            #expect(try await !restarted.remove(doctor))
            await #expect(throws: GatewayRefusal.notEnrolled) {
                try await restarted.cosign(CosignRequest(transaction: own, code: door.recoveryCodes[1]))
            }
        }
    }
}
