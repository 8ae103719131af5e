import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Foundation
import Terminal

/// `init`: a new identity.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a home with a new identity.",
        discussion: """
            Examples:
              careledger-wallet init --home ~/.careledger --genesis genesis.cbor
              careledger-wallet init --home /srv/desk --organization

            A patient's phrase is printed once: whoever has it has everything. Write it on paper.
            """)

    @Flag(help: "A member of staff: keys of this device, to be registered by the employer.")
    var staff = false

    @Flag(help: "An organisation.")
    var organization = false

    @Option(help: ArgumentHelp("How many signing keys an organisation has: 1 to 8.", valueName: "n"))
    var signingKeys = 1

    @Option(help: ArgumentHelp("How many words a patient's phrase has: 12, 15, 18, 21 or 24.", valueName: "n"))
    var words = 24

    @OptionGroup var options: HomeOptions

    func validate() throws {
        if staff && organization { throw ValidationError("--staff and --organization exclude each other") }
        guard [12, 15, 18, 21, 24].contains(words) else {
            throw ValidationError("--words must be 12, 15, 18, 21 or 24")
        }
        guard (1...OrganizationKeys.maximumSigningKeys).contains(signingKeys) else {
            throw ValidationError("--signing-keys must be 1 to \(OrganizationKeys.maximumSigningKeys)")
        }
    }

    func run() async throws {
        try options.installGenesis()
        let identity: Identity
        var phrase: String?
        if staff {
            identity = .staff(.random())
        } else if organization {
            identity = .organization(.random(signingKeys: signingKeys))
        } else {
            let mnemonic = Mnemonic.random(wordCount: words)
            phrase = mnemonic.phrase
            identity = .patient(PatientKeys(mnemonic))
        }
        _ = try Keystore.create(
            identity, in: options.home, password: try options.passphrase.newPassphrase(of: options.home.path))
        var fields = [Field("home", .string(options.home.path))]
        if let phrase { fields.append(Field("phrase", .string(phrase))) }
        options.printing.show(fields)
    }
}

/// `whoami`: the public side of the identity.
struct WhoamiCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Print the public side of this home's identity.",
        discussion: """
            Example:
              careledger-wallet whoami --home /srv/desk --output json

            Staff give the card to their employer; an organisation's keys go into the consortium's description.
            """)

    @OptionGroup var options: HomeOptions

    func run() async throws {
        switch try options.openKeystore().identity {
        case .patient(let keys):
            options.printing.show([
                Field("identity", "patient"),
                Field(
                    "scopes",
                    .array(
                        keys.allKeys.map {
                            .object([.init("category", .string($0.name.category)), .init("scope", .string("\($0.id)"))])
                        })),
            ])
        case .staff(let keys):
            options.printing.show([
                Field("identity", "staff"), Field("card", .string(StaffCard(keys).text)),
                Field("deviceKey", text: keys.device.publicKey),
                Field("staff", .text(keys.registration?.staff)),
                Field("organization", .text(keys.registration?.organization)),
            ])
        case .organization(let keys):
            options.printing.show([
                Field("identity", "organization"),
                Field("signingKeys", .array(keys.signing.map { .string("\($0.publicKey)") })),
                Field("receivingKey", text: keys.receiving.publicKey),
                Field("sealingKey", .string(Data(keys.sealing.publicKey.bytes).base64EncodedString())),
                Field("organization", .text(keys.organization)),
            ])
        case .auditor(let keys):
            options.printing.show([Field("identity", "auditor"), Field("key", text: keys.signing.publicKey)])
        }
    }
}
