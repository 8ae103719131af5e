import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Terminal

/// `document`: sealed files.
struct DocumentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "document", abstract: "Commit, list, open and trace documents.",
        subcommands: [
            AddDocument.self, ListDocuments.self, ShowDocument.self, GetDocument.self, DocumentHistory.self,
            EraseDocumentCommand.self, ShareDocumentCommand.self, ExportAllCommand.self,
        ])
}

/// `document add`.
struct AddDocument: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Seal a file, store it on the nodes and commit it to a scope.",
        discussion: """
            Example:
              careledger-wallet document add mri.dcm --scope 02ab… --cosign /srv/desk --title "MRI of the knee"

            The file is sealed here; nodes see ciphertext. Run again after an interruption, it goes on with the upload.
            """)

    @Argument(help: "The file.") var file: String
    @Option(help: ArgumentHelp("The scope's identifier.", valueName: "scope")) var scope: ScopeID
    @Option(help: "A title; else the file's name.") var title: String?
    @Option(help: "What kind of document it is.") var type = "document"
    @Option(help: "Its media type.") var mediaType = "application/octet-stream"
    @Option(help: ArgumentHelp("The document that this one replaces.", valueName: "document")) var replaces: DocumentID?
    @OptionGroup var cosigning: CosignOptions
    @OptionGroup var options: HomeOptions

    func run() async throws {
        let name = title ?? URL(filePath: file).lastPathComponent
        let date = String(Moment.now.description.prefix(10))
        guard let metadata = DocumentMetadata(title: name, type: type, date: date, mediaType: mediaType) else {
            throw ProgramFailure("title, type or media type is empty or too long", code: .usage)
        }
        try await options.asStaff { session, keys, registration in
            let card = try await cosigning.card(of: scope, session, keys, options)
            let records = RecordKeeper(
                home: session.home.path,
                transport: NodeContentTransport(session.ledger.nodes, signedBy: keys.device))
            let sealing = session.progressBar("Sealing")
            let pending = try records.seal(
                file: file, metadata: metadata, into: AuthorScope(card), organization: registration.organization,
                staff: registration.staff, replaces: replaces
            ) { sealing.update($0.completed, of: $0.total) }
            let bar = session.progressBar("Uploading")
            let copies = try await records.upload(pending) { bar.update($0.completed, of: $0.total) }
            let signers = [keys.device] + (try cosigning.keys(options))
            let transaction = try await session.ledger.prepare(
                [.commitDocument(pending.operation)], signedBy: signers,
                validFor: cosigning.transactionFile == nil
                    ? LedgerClient.promptValidity : LedgerClient.travellingValidity)
            let document = pending.document
            let isDone = try await cosigning.finish(transaction, session)
            pending.discard()
            options.printing.show([
                Field("document", text: document), Field("committed", .bool(isDone)),
                Field("copies", copies.map { .number(UInt64($0)) } ?? .null),
                Field("content", text: pending.operation.manifest),
            ])
        }
    }
}

/// `document list`.
struct ListDocuments: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List documents: a patient's by category, or those that a grant lets staff ask for.",
        discussion: """
            Examples:
              careledger-wallet document list imaging
              careledger-wallet document list --grant 77aa… --home clinician
            """)

    @Argument(help: "A patient's category; all of them when left out.") var category: String?
    @Option(help: ArgumentHelp("As staff: the grant.", valueName: "grant")) var grant: GrantID?
    @OptionGroup var options: HomeOptions

    func run() async throws {
        if let grant {
            try await options.asStaff { session, keys, _ in
                let access = try AccessKeeper(session.ledger, keys)
                let card = try await access.card(of: grant)
                let scope = ScopeID(card.scope)
                let events = try await session.ledger.events(of: .scope(scope), signedBy: keys.device)
                let rows = try await self.rows(
                    events.identifiers(in: scope, epoch: card.epoch), "", { _ in card.secret }, session, keys.device)
                options.printing.show(rows: rows, empty: "no documents")
            }
        } else {
            try await options.asPatient { session, keys in
                let keeper = ConsentKeeper(session.ledger, home: session.home)
                var rows: [[Field]] = []
                let scopes = try category.map { [try session.scope($0, of: keys)] } ?? keys.allKeys
                for scope in scopes where try await keeper.record(of: scope) != nil {
                    let events = try await keeper.events(of: scope)
                    rows += try await self.rows(
                        events.identifiers(in: scope.id), scope.name.category, { keys.keys(of: scope, at: $0).secret },
                        session, scope.signing)
                }
                options.printing.show(rows: rows, empty: "no documents")
            }
        }
    }

    private func rows(
        _ documents: [DocumentID], _ category: String, _ secret: (_ epoch: UInt64) -> SecretBytes,
        _ session: Session, _ key: SigningKey
    ) async throws -> [[Field]] {
        var rows: [[Field]] = []
        for document in documents {
            let (record, share) = try await session.ledger.document(document, signedBy: key)
            var title = "erased"
            if record.erased == nil {
                title = "-"
                let records = RecordKeeper(
                    home: session.home.path,
                    transport: NodeContentTransport(
                        session.ledger.nodes, signedBy: key, entitlement: .document(document)))
                if let metadata = try? await records.metadata(of: record, scopeSecret: secret(record.epoch)) {
                    title = metadata.title
                }
            }
            rows.append([
                Field("document", text: document), Field("category", .string(category)),
                Field("title", .string(title)),
                Field("author", .string(record.organization.map { session.name(of: $0) } ?? "the patient")),
                Field("paddedSize", .number(record.paddedSize)), Field("shareOf", .text(share?.source)),
            ])
        }
        return rows
    }
}

/// `document show`.
struct ShowDocument: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what the chain says of a document.",
        discussion: """
            Example:
              careledger-wallet document show 5f0c…
            """)

    @Argument(help: "The document's identifier.") var document: DocumentID
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.withSession { session in
            let key = try session.requestKey()
            var record: DocumentRecord?
            if case .patient(let keys) = session.keystore.identity {
                let scope = try await session.scope(holding: document, of: keys)
                record = try await session.ledger.record(
                    document, at: .readSubject(.document(document)), signedBy: scope.signing)
            } else {
                record = try await session.ledger.record(
                    document, at: .readSubject(.document(document)), signedBy: key)
            }
            guard let record else { throw ProgramFailure("there is no document \(document) that you may see") }
            options.printing.show([
                Field("document", text: document), Field("scope", text: record.scope),
                Field("author", .string(record.organization.map { session.name(of: $0) } ?? "the patient")),
                Field("staff", .text(record.staff)),
                Field("content", text: record.manifest), Field("paddedSize", .number(record.paddedSize)),
                Field("erased", record.erased.map { .number($0.rawValue) } ?? .null),
            ])
        }
    }
}

/// `document get`.
struct GetDocument: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "As a patient: open an own document. Needs no validator's help and leaves no record.",
        discussion: """
            Example:
              careledger-wallet document get 5f0c… --out mri.dcm
            """)

    @Argument(help: "The document's identifier.") var document: DocumentID
    @Option(help: ArgumentHelp("The file to write.", valueName: "file")) var out: String
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.asPatient { session, keys in
            let scope = try await session.scope(holding: document, of: keys)
            let (record, share) = try await session.ledger.document(document, signedBy: scope.signing)
            if record.erased != nil { throw ProgramFailure("document \(document) has been erased") }
            let sealed = keys.keys(of: scope, at: record.epoch)
            let seed = try sealed.delegating.open(record.capsule)
            let records = RecordKeeper(
                home: session.home.path,
                transport: NodeContentTransport(
                    session.ledger.nodes, signedBy: scope.signing, entitlement: .document(document)))
            let opened = try await records.open(
                record, share: share, with: RecordSecrets(keySeed: seed, scopeSecret: sealed.secret))
            let bar = session.progressBar("Downloading")
            try await opened.download(to: out) { bar.update($0.completed, of: $0.total) }
            options.printing.show([Field("file", .string(out)), Field("bytes", .number(opened.size))])
        }
    }
}

/// `document history`.
struct DocumentHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Everything that ever happened to a document, proved to be all of it.",
        discussion: """
            Example:
              careledger-wallet document history 5f0c…
            """)

    @Argument(help: "The document's identifier.") var document: DocumentID
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.withSession { session in
            var key = try session.requestKey()
            if case .patient(let keys) = session.keystore.identity {
                key = try await session.scope(holding: document, of: keys).signing
            }
            let events = try await session.ledger.events(of: .document(document), signedBy: key)
            options.printing.show(
                rows: events.map { event in
                    [
                        Field("height", .number(event.entry.height.rawValue)), Field("time", text: event.entry.time),
                        Field("operation", .string("\(event.operation.code)")),
                        Field("outcome", text: event.entry.outcome),
                        Field("transaction", text: event.entry.transaction),
                    ]
                }, empty: "nothing happened")
        }
    }
}
