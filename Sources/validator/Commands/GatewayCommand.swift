import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Foundation
import Gateway
import Ledger
import Terminal

/// `gateway`: the process that signs for an organisation with its staff, for a code of their second factor.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Sign for an organisation with its staff, each time for a code of their authenticator.",
        discussion: """
            The gateway has a home of its own, made by `careledger-wallet init --organization`, whose key is one of the \
            organisation's signing keys. A device alone, and the gateway's key alone, are refused by the ledger.
            """,
        subcommands: [Run.self, Enroll.self, List.self, Unlock.self, Remove.self])

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Serve staff over HTTPS until told to stop.",
            discussion: """
                Example:
                  careledger-validator gateway run --home /srv/gateway --listen 10.0.0.5:7443

                Staff need the certificate that it prints: `--cosign https://10.0.0.5:7443 --gateway-certificate FILE \
                --code 123456`. Port 0 is any that is free.
                """)

        @Option(help: ArgumentHelp("Where to listen.", valueName: "host:port")) var listen = "127.0.0.1:7443"
        @OptionGroup var options: Terminal.HomeOptions

        func run() async throws {
            let parts = listen.split(separator: ":")
            guard parts.count == 2, let port = UInt16(parts[1]) else {
                throw ProgramFailure(message: "--listen is host:port")
            }
            let lock = try WalletLock.gateway(options.home)
            defer { withExtendedLifetime(lock) {} }
            let gateway = try options.openGateway()
            let identity = try GatewayIdentity.load(from: options.home)
            let server = GatewayServer(gateway, identity: identity, host: String(parts[0]), port: Int(port))
            let certificate = GatewayIdentity.certificateFile(of: options.home)
            let form = options.printing.output
            try await server.run { port in
                var printing = Terminal.OutputOptions()
                printing.output = form
                printing.show([
                    Field("listening", .string("https://\(parts[0]):\(port)")),
                    Field("certificate", .string(certificate)),
                ])
                fflush(nil)
            }
        }
    }

    struct Enroll: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a member of staff a second factor, in place of any that they had.",
            discussion: """
                Example:
                  careledger-validator gateway enroll 5f0c… --device 02ab… --home /srv/gateway

                With --second-device a transaction that this key has signed as well needs no code: `access request \
                --transaction-file FILE`, `transaction sign FILE` with the other device's home, `transaction submit FILE \
                --cosign https://… --gateway-certificate FILE`. Any home makes such a key: `careledger-wallet init \
                --staff`, `whoami`.

                The secret and the recovery codes are shown this once. Without --device the member's key is looked up on \
                the chain, which takes a home with one of the organisation's own keys.
                """)

        @Argument(help: "The member of staff.") var staff: StaffID
        @Option(help: ArgumentHelp("The key of their device, in hexadecimal.", valueName: "key")) var device: String?
        @Option(help: ArgumentHelp("The key of a second device that signs in place of a code.", valueName: "key"))
        var secondDevice: String?
        @OptionGroup var options: Terminal.HomeOptions

        func run() async throws {
            let second = try secondDevice.map { try Self.key($0, "--second-device") }
            guard let device else { return try await enrollFromChain(second) }
            let key = try Self.key(device, "--device")
            try Self.check(second, against: key)
            let gateway = try options.openGateway()
            show(try await gateway.enroll(staff, deviceKey: key, secondDevice: second, issuer: "CareLedger"))
        }

        private static func key(_ text: String, _ name: String) throws -> KeyID {
            guard let bytes = [UInt8](hex: text), let key = KeyID(bytes) else {
                throw ProgramFailure(message: "\(name) has 66 hexadecimal digits")
            }
            return key
        }

        private static func check(_ second: KeyID?, against device: KeyID) throws {
            guard second != device else {
                throw ProgramFailure(message: "--second-device is the first one's key: it would be no second factor")
            }
        }

        private func show(_ enrollment: Gateway.Enrollment) {
            options.printing.show([
                Field("staff", text: staff), Field("uri", .string(enrollment.uri)),
                Field("recoveryCodes", .array(enrollment.recoveryCodes.map { .string($0) })),
            ])
        }

        private func enrollFromChain(_ second: KeyID?) async throws {
            try await options.withSession { session in
                let key = try session.requestKey()
                let record: StaffRecord? = try await session.ledger.record(
                    staff, at: .readSubject(.staff(staff)), signedBy: key)
                guard let record, case .organization(let keys) = session.keystore.identity,
                    try OrganizationDesk(session.ledger, keys).organization == record.organization
                else { throw ProgramFailure(message: "the organisation has no staff \(staff)") }
                try Self.check(second, against: record.deviceKey)
                let gateway = try Gateway(home: session.home, keys: keys, chain: session.genesis.chain)
                let enrollment = try await gateway.enroll(
                    staff, deviceKey: record.deviceKey, secondDevice: second,
                    issuer: "CareLedger \(session.name(of: record.organization))")
                show(enrollment)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List who has a second factor, and who is locked out.",
            discussion: """
                Example:
                  careledger-validator gateway list --home /srv/gateway
                """)

        @OptionGroup var options: Terminal.HomeOptions

        func run() async throws {
            let rows = try await options.openGateway().factors().map { factor in
                [
                    Field("staff", text: factor.staff),
                    Field("lockedUntil", .text(factor.lockedUntil.map { Timestamp(rawValue: $0 * 1000) })),
                    Field("recoveryCodesLeft", .number(UInt64(factor.recoveryCodesLeft))),
                ]
            }
            options.printing.show(rows: rows, empty: "nobody has a second factor")
        }
    }

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a lock after wrong codes. The gateway may go on running.",
            discussion: """
                Example:
                  careledger-validator gateway unlock 5f0c… --home /srv/gateway
                """)

        @Argument(help: "The member of staff.") var staff: StaffID
        @OptionGroup var options: Terminal.HomeOptions

        func run() async throws {
            guard try await options.openGateway().unlock(staff) else {
                throw ProgramFailure(message: "\(staff) has no second factor here")
            }
            options.printing.show([Field("unlocked", text: staff)])
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a member's second factor away. The gateway may go on running.",
            discussion: """
                Example:
                  careledger-validator gateway remove 5f0c… --home /srv/gateway
                """)

        @Argument(help: "The member of staff.") var staff: StaffID
        @OptionGroup var options: Terminal.HomeOptions

        func run() async throws {
            guard try await options.openGateway().remove(staff) else {
                throw ProgramFailure(message: "\(staff) has no second factor here")
            }
            options.printing.show([Field("removed", text: staff)])
        }
    }
}

extension Terminal.HomeOptions {
    /// Opens the gateway of a home.
    fileprivate func openGateway() throws -> Gateway {
        let keystore = try openKeystore()
        guard case .organization(let keys) = keystore.identity else {
            throw ProgramFailure(message: "\(home.path) holds no organisation's identity")
        }
        return try Gateway(home: home, keys: keys, chain: try home.loadGenesis().chain)
    }
}
