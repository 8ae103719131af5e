import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Terminal

/// `access`: opening what was granted, and seeing who did.
struct AccessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access", abstract: "Ask for documents, open them, and list or watch who asks.",
        subcommands: [Request.self, Open.self, List.self, WatchAccessCommand.self])

    struct Request: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a request for documents on the chain.",
            discussion: """
                Example:
                  careledger-wallet access request 5f0c… --grant 77aa… --purpose TREAT --cosign /srv/desk

                The request is recorded whether or not it is allowed. Open it with `access open --access`.
                """)

        @Argument(help: "The documents: 1 to 64.") var documents: [DocumentID]
        @Option(help: ArgumentHelp("The grant.", valueName: "grant")) var grant: GrantID
        @Option(help: ArgumentHelp("What for: an HL7 purpose of use.", valueName: "code")) var purpose = Purpose
            .treatment
        @Option(help: ArgumentHelp("The organisation's reason code.", valueName: "n")) var reason: UInt32 = 0
        @OptionGroup var cosigning: CosignOptions
        @OptionGroup var options: HomeOptions

        func validate() throws {
            guard (1...64).contains(documents.count) else { throw ValidationError("name 1 to 64 documents") }
        }

        func run() async throws {
            try await options.asStaff { session, keys, _ in
                let (access, transaction) = try await AccessKeeper(session.ledger, keys).prepareRequest(
                    for: documents, under: grant, purpose: purpose, reason: reason,
                    cosignedBy: try cosigning.keys(options))
                let isDone = try await cosigning.finish(transaction, session)
                options.printing.show([Field("access", text: access), Field("recorded", .bool(isDone))])
            }
        }
    }

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open a document: ask, collect a quorum's help, verify, decrypt.",
            discussion: """
                Examples:
                  careledger-wallet access open 5f0c… --grant 77aa… --cosign /srv/desk --out mri.dcm
                  careledger-wallet access open --access 31bd… --out-directory opened
                """)

        @Argument(help: "The document, to ask for it and open it in one go.") var document: DocumentID?
        @Option(help: ArgumentHelp("The grant.", valueName: "grant")) var grant: GrantID?
        @Option(help: ArgumentHelp("What for: an HL7 purpose of use.", valueName: "code")) var purpose = Purpose
            .treatment
        @Option(help: ArgumentHelp("The organisation's reason code.", valueName: "n")) var reason: UInt32 = 0
        @Option(help: ArgumentHelp("A request that is on the chain already.", valueName: "access")) var access:
            AccessID?
        @Option(help: ArgumentHelp("The file to write.", valueName: "file")) var out: String?
        @Option(help: ArgumentHelp("Where to write a request's documents, by identifier.", valueName: "dir"))
        var outDirectory: String?
        @OptionGroup var cosigning: CosignOptions
        @OptionGroup var options: HomeOptions

        func validate() throws {
            if access == nil, document == nil || grant == nil {
                throw ValidationError("name a document and its --grant, or an --access")
            }
            guard (out == nil) != (outDirectory == nil) else {
                throw ValidationError("give either --out or --out-directory")
            }
            if out != nil, document == nil { throw ValidationError("--out goes with one document") }
            if cosigning.transactionFile != nil {
                throw ValidationError("--transaction-file goes with `access request`")
            }
        }

        func run() async throws {
            try await options.asStaff { session, keys, _ in
                let keeper = try AccessKeeper(session.ledger, keys)
                let opened: [OpenedDocument]
                var id = access
                if let access {
                    opened = try await keeper.open(access, asOneOf: try cosigning.recipients(options, session))
                } else if let document, let grant {
                    let (access, transaction) = try await keeper.prepareRequest(
                        for: [document], under: grant, purpose: purpose, reason: reason,
                        cosignedBy: try cosigning.keys(options))
                    try await session.ledger.apply(try await cosigning.cosigned(transaction))
                    id = access
                    opened = try await keeper.open(access, asOneOf: try cosigning.recipients(options, session))
                } else {
                    throw ProgramFailure("name a document and its --grant, or an --access", code: .usage)
                }
                var rows: [[Field]] = []
                for document in opened where self.document.map({ $0 == document.id }) ?? true {
                    let path = out ?? (outDirectory.map { $0 + "/\(document.id)" } ?? "\(document.id)")
                    rows.append(try await document.write(to: path, id, session, keys))
                }
                options.printing.show(rows: rows, empty: "the request names no such document")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List who asked for documents: a patient's, or what this member of staff asked for.",
            discussion: """
                Example:
                  careledger-wallet access list

                Refused requests are listed too, and so are emergencies. The list is proved to be complete.
                """)

        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.withSession { session in
                var rows: [[Field]] = []
                switch session.keystore.identity {
                case .patient(let keys):
                    let keeper = ConsentKeeper(session.ledger, home: session.home)
                    for scope in keys.allKeys where try await keeper.record(of: scope) != nil {
                        let disclosures = try await keeper.events(of: scope).disclosures
                        let staff = try await keeper.staff(disclosures.map(\.request.staff), signedBy: scope.signing)
                        rows += disclosures.map { disclosure in
                            let member = staff[disclosure.request.staff]
                            return Self.row(
                                disclosure, scope.name.category, member.map { session.name(of: $0.organization) },
                                member?.pseudonym)
                        }
                    }
                case .staff(let keys):
                    rows = try await AccessKeeper(session.ledger, keys).requests().map { Self.row($0, "", nil, nil) }
                default: throw ProgramFailure("this needs a patient's or a staff home")
                }
                options.printing.show(rows: rows, empty: "nobody asked")
            }
        }

        private static func row(
            _ disclosure: Disclosure, _ category: String, _ organization: String?, _ pseudonym: String?
        ) -> [Field] {
            [
                Field("time", text: disclosure.entry.time), Field("category", .string(category)),
                Field("organization", .text(organization)), Field("who", .text(pseudonym)),
                Field("staff", text: disclosure.request.staff),
                Field("purpose", .string(disclosure.request.purpose.code)),
                Field("emergency", .string(disclosure.request.emergencyWord)),
                Field("outcome", text: disclosure.entry.outcome),
                Field("documents", .array(disclosure.request.documents.map { .string("\($0)") })),
            ]
        }
    }
}

extension AccessAttempt {
    /// What people see of an emergency; nothing for an ordinary request.
    var emergencyWord: String { emergency.map { $0.isDrill ? "drill" : "EMERGENCY" } ?? "" }
}

extension OpenedDocument {
    /// Downloads, decrypts and writes the document.
    func write(
        to path: String, _ access: AccessID?, _ session: Session, _ keys: StaffKeys
    ) async throws -> [Field] {
        try await write(to: path, access, session, signedBy: keys.device)
    }

    /// The same with whoever's key may fetch the content.
    func write(
        to path: String, _ access: AccessID?, _ session: Session, signedBy key: SigningKey
    ) async throws -> [Field] {
        let directory = URL(filePath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let records = RecordKeeper(
            home: session.home.path,
            transport: NodeContentTransport(
                session.ledger.nodes, signedBy: key, entitlement: .document(id)))
        let reader = try await records.open(
            record, share: share, with: RecordSecrets(keySeed: keySeed, scopeSecret: scopeSecret))
        let bar = session.progressBar("Downloading")
        try await reader.download(to: path) { bar.update($0.completed, of: $0.total) }
        return [
            Field("document", text: id), Field("access", .text(access)), Field("file", .string(path)),
            Field("bytes", .number(reader.size)),
        ]
    }
}
