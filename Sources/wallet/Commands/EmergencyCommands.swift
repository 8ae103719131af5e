import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Terminal

/// `emergency`: breaking the glass, and answering for it.
struct EmergencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emergency", abstract: "Declare, review and list emergencies: break-glass access.",
        subcommands: [Declare.self, Review.self, List.self, Documents.self])

    struct Declare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open documents under an emergency grant, together with a colleague and the organisation.",
            discussion: """
                Examples:
                  careledger-wallet emergency declare 5f0c… --grant 77aa… --reason 1 --with /srv/nurse --cosign /srv/desk \\
                    --out-directory opened
                  careledger-wallet emergency declare 5f0c… --grant 77aa… --reason 1 --second 09be… \\
                    --transaction-file glass.cbor
                  careledger-wallet emergency declare 5f0c… --grant 77aa… --reason 1 --drill --with /srv/nurse --cosign /srv/desk

                The patient sees it at once, marked as an emergency. A privacy officer has to review it within 72 hours: \
                until then it is open, after that the organisation can declare no other. A drill records the same and \
                opens nothing.
                """)

        @Argument(help: "The documents: 1 to 64.") var documents: [DocumentID]
        @Option(help: ArgumentHelp("The emergency grant.", valueName: "grant")) var grant: GrantID
        @Option(help: ArgumentHelp("The organisation's reason code, not 0.", valueName: "n")) var reason: UInt32
        @Option(help: ArgumentHelp("The colleague who signs the file.", valueName: "staff")) var second: StaffID?
        @Option(help: ArgumentHelp("The colleague's home on this machine.", valueName: "dir")) var with: String?
        @Flag(help: "Only rehearse: everything is recorded, nothing opens.") var drill = false
        @Option(help: ArgumentHelp("Open the documents at once into this directory.", valueName: "dir"))
        var outDirectory: String?
        @OptionGroup var cosigning: CosignOptions
        @OptionGroup var options: HomeOptions

        func validate() throws {
            guard (1...64).contains(documents.count) else { throw ValidationError("name 1 to 64 documents") }
            guard reason > 0 else { throw ValidationError("--reason must not be 0") }
            guard (second == nil) != (with == nil) else { throw ValidationError("give either --second or --with") }
            if outDirectory != nil, drill || cosigning.transactionFile != nil {
                throw ValidationError("--out-directory goes with an emergency that is declared here and now")
            }
        }

        func run() async throws {
            let colleague = try with.map { try Self.colleague($0, options) }
            guard let second = second ?? colleague?.registration?.staff else {
                throw ProgramFailure(
                    "the colleague's wallet does not know its registration yet: run `access list` there once")
            }
            try await options.asStaff { session, keys, _ in
                let others = try (colleague.map { [$0.device] } ?? []) + cosigning.keys(options)
                let (emergency, transaction) = try await EmergencyKeeper(session.ledger, keys).prepareDeclaration(
                    for: documents, under: grant, with: second, reason: reason, isDrill: drill, cosignedBy: others)
                let isDone = try await cosigning.finish(transaction, session)
                if isDone, let outDirectory {
                    let opened = try await AccessKeeper(session.ledger, keys).open(
                        emergency, asOneOf: try cosigning.recipients(options, session))
                    var rows: [[Field]] = []
                    for document in opened {
                        let path = "\(outDirectory)/\(document.id)"
                        rows.append(try await document.write(to: path, emergency, session, keys))
                    }
                    options.printing.show(rows: rows, empty: "nothing opened")
                } else {
                    options.printing.show([
                        Field("emergency", text: emergency), Field("recorded", .bool(isDone)),
                        Field("drill", .bool(drill)),
                    ])
                }
            }
        }

        private static func colleague(_ path: String, _ options: HomeOptions) throws -> StaffKeys {
            let keystore = try Keystore.open(
                WalletHome(path: path), password: try options.passphrase.passphrase(of: path))
            guard case .staff(let keys) = keystore.identity else {
                throw ProgramFailure("\(path) holds no member of staff's identity", code: .usage)
            }
            return keys
        }
    }

    struct Review: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "As a privacy officer: say whether an emergency was justified.",
            discussion: """
                Example:
                  careledger-wallet emergency review 31bd… --justified --reason 3 --cosign /srv/desk
                """)

        @Argument(help: "The emergency.") var emergency: AccessID
        @Flag(inversion: .prefixedNo, help: "Whether there was reason to break the glass.") var justified: Bool
        @Option(help: ArgumentHelp("The organisation's code of the finding.", valueName: "n")) var reason: UInt32 = 0
        @OptionGroup var cosigning: CosignOptions
        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asStaff { session, keys, _ in
                let transaction = try await EmergencyKeeper(session.ledger, keys).prepareReview(
                    of: emergency, isJustified: justified, reason: reason, cosignedBy: try cosigning.keys(options))
                let isDone = try await cosigning.finish(transaction, session)
                options.printing.show([
                    Field("emergency", text: emergency), Field("justified", .bool(justified)),
                    Field("recorded", .bool(isDone)),
                ])
            }
        }
    }
}
