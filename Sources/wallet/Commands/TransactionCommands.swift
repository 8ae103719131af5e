import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger
import Terminal

/// `transaction`: files that travel from signer to signer.
struct TransactionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transaction", abstract: "Transactions that more than one home has to sign: files that travel.",
        subcommands: [Show.self, Sign.self, Submit.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what a transaction file would do, and who has signed.",
            discussion: """
                Example:
                  careledger-wallet transaction show open.cbor
                """)

        @Argument(help: "The file.") var file: String
        @OptionGroup var options: HomeOptions

        func run() async throws {
            let identity = try options.openKeystore().identity
            let names = SummaryNames(try options.home.loadGenesis(), identity)
            let transaction = try TransactionFile(reading: file).transaction
            let summary = TransactionSummary(transaction, names: names)
            options.printing.show([
                Field("transaction", text: transaction.id),
                Field("allows", .array(summary.statements.map { .string($0.allows) })),
                Field("toWhom", .array(summary.statements.map { .string($0.to) })),
                Field("untilWhen", .array(summary.statements.map { .string($0.until) })),
                Field("signers", .array(transaction.signers.map { .string("\($0)") })),
                Field("validUntil", text: summary.validUntil),
            ])
        }
    }

    struct Sign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign a transaction file with this home's keys.",
            discussion: """
                Example:
                  careledger-wallet transaction sign open.cbor --home /srv/desk
                """)

        @Argument(help: "The file.") var file: String
        @OptionGroup var options: HomeOptions

        func run() async throws {
            let identity = try options.openKeystore().identity
            let genesis = try options.home.loadGenesis()
            var travelling = try TransactionFile(reading: file)
            try travelling.require(genesis.chain)
            Announcement(SummaryNames(genesis, identity)).announce(travelling.transaction.body)
            let keys: [SigningKey]
            switch identity {
            case .organization(let organization): keys = organization.signing
            case .staff(let staff): keys = [staff.device]
            case .patient(let patient): keys = patient.allKeys.map(\.signing)
            case .auditor(let auditor): keys = [auditor.signing]
            }
            try travelling.sign(with: keys, on: genesis.chain)
            options.printing.show([
                Field("file", .string(file)), Field("transaction", text: travelling.transaction.id),
                Field("signers", .number(UInt64(travelling.transaction.signers.count))),
            ])
        }
    }

    struct Submit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Submit a transaction file and wait until it is final.",
            discussion: """
                Examples:
                  careledger-wallet transaction submit open.cbor
                  careledger-wallet transaction submit request.cbor --cosign https://10.0.0.5:7443 \
                    --gateway-certificate gateway.crt.pem
                """)

        @Argument(help: "The file.") var file: String
        @Option(
            help: ArgumentHelp("The organisation's gateway, https://host:port, that signs first.", valueName: "url"))
        var cosign: String?
        @Option(
            help: ArgumentHelp("The code of your authenticator, unless a second device has signed.", valueName: "code"))
        var code: String?
        @Option(help: ArgumentHelp("The gateway's certificate.", valueName: "file")) var gatewayCertificate: String?
        @OptionGroup var options: HomeOptions

        func validate() throws {
            guard (cosign == nil) == (gatewayCertificate == nil), code == nil || cosign != nil else {
                throw ValidationError("a gateway goes with --gateway-certificate and a --code")
            }
        }

        func run() async throws {
            try await options.withSession { session in
                var transaction = try TransactionFile(reading: file).transaction
                if let cosign, let gatewayCertificate {
                    transaction = try await GatewayDoor(url: cosign, certificate: gatewayCertificate)
                        .cosigned(transaction, code: code)
                }
                let proof = try await session.ledger.apply(transaction)
                options.printing.show([
                    Field("transaction", text: proof.transaction.id),
                    Field("height", .number(proof.finality.header.height.rawValue)),
                    Field("outcomes", .array(proof.receipt.outcomes.map { .string("\($0)") })),
                ])
            }
        }
    }
}
