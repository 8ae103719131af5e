import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Terminal

/// `message`: what a patient and those who treat them write to each other.
struct MessageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message", abstract: "Write, list and read messages between a patient and those who treat them.",
        subcommands: [SendMessage.self, ListMessages.self, ReadMessage.self])
}

/// `message send`.
struct SendMessage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Write a message in a scope, as its patient or as a clinician who may add documents to it.",
        discussion: """
            Examples:
              careledger-wallet message send imaging --text "Does the knee need another scan?"
              careledger-wallet message send --scope 02ab… --thread 5f0c… --text "No." --home clinician --cosign /srv/desk

            The text is sealed here; nodes see ciphertext. Whoever may list the scope's documents sees the subject. The \
            ledger takes a message only after the last one of its thread: if somebody else wrote first, read and send again.
            """)

    @Argument(help: "A patient's category.") var category: String?
    @Option(help: ArgumentHelp("As staff: the scope's identifier.", valueName: "scope")) var scope: ScopeID?
    @Option(help: "The message.") var text: String?
    @Option(help: ArgumentHelp("A file that holds the message.", valueName: "file")) var file: String?
    @Option(help: ArgumentHelp("The thread to go on with; else another one begins.", valueName: "thread"))
    var thread: ThreadID?
    @Option(help: "A subject.") var subject = "message"
    @OptionGroup var cosigning: CosignOptions
    @OptionGroup var options: HomeOptions

    func validate() throws {
        guard (category == nil) != (scope == nil) else {
            throw ValidationError("name a category, or as staff a --scope")
        }
        guard (text == nil) != (file == nil) else { throw ValidationError("give either --text or --file") }
        if category != nil, !cosigning.cosign.isEmpty || cosigning.transactionFile != nil {
            throw ValidationError("a patient signs alone")
        }
    }

    func run() async throws {
        let content = try text.map { Array($0.utf8) } ?? Self.contents(of: file ?? "")
        let date = String(Moment.now.description.prefix(10))
        guard let metadata = MessageKeeper.metadata(subject: subject, date: date) else {
            throw ProgramFailure("the subject is empty or too long", code: .usage)
        }
        if let scope {
            try await options.asStaff { session, keys, _ in
                let card = try await cosigning.card(of: scope, session, keys, options)
                let letter = try await MessageKeeper(session.ledger, keys).letter(
                    content, metadata, into: AuthorScope(card), thread: thread)
                let transaction = try await session.ledger.prepare(
                    [.postMessage(.letter(letter))], signedBy: [keys.device] + (try cosigning.keys(options)),
                    validFor: cosigning.transactionFile == nil
                        ? LedgerClient.promptValidity : LedgerClient.travellingValidity)
                show(letter, try await cosigning.finish(transaction, session))
            }
        } else {
            try await options.asPatient { session, keys in
                let scope = try session.scope(category ?? "", of: keys)
                let letter = try await MessageKeeper(session.ledger, scope).letter(
                    content, metadata, into: AuthorScope(scope), thread: thread)
                try await session.ledger.apply(.postMessage(.letter(letter)), signedBy: [scope.signing])
                show(letter, true)
            }
        }
    }

    private func show(_ letter: Letter, _ isDone: Bool) {
        options.printing.show([
            Field("message", text: letter.document), Field("thread", text: letter.ownThread),
            Field("number", .number(letter.number)), Field("committed", .bool(isDone)),
        ])
    }

    private static func contents(of path: String) throws -> [UInt8] {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        // One byte more than there may be says that there is too much.
        return Array(try file.read(upToCount: MessageKeeper.maximumLength + 1) ?? Data())
    }
}

/// `message list`.
struct ListMessages: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List all messages: a patient's by category, or those of the scope that a grant is for.",
        discussion: """
            Examples:
              careledger-wallet message list imaging
              careledger-wallet message list --grant 77aa… --home clinician

            Threads with their messages in order: who, when, and who says to have read them. The list is held against the \
            number and the last message of each thread on the ledger; if anything is missing or out of order, that is said \
            and the exit code is 3.
            """)

    @Argument(help: "A patient's category; all of them when left out.") var category: String?
    @Option(help: ArgumentHelp("As staff: the grant.", valueName: "grant")) var grant: GrantID?
    @OptionGroup var options: HomeOptions

    func run() async throws {
        var findings: [String] = []
        var rows: [[Field]] = []
        if let grant {
            try await options.asStaff { session, keys, _ in
                let card = try await AccessKeeper(session.ledger, keys).card(of: grant)
                let listing = MessageListing(
                    keeper: try MessageKeeper(session.ledger, keys), session: session, key: keys.device)
                (rows, findings) = try await listing.rows(ScopeID(card.scope), nil) { epoch in
                    epoch == card.epoch ? card.secret : nil
                }
            }
        } else {
            try await options.asPatient { session, keys in
                let consent = ConsentKeeper(session.ledger, home: session.home)
                let scopes = try category.map { [try session.scope($0, of: keys)] } ?? keys.allKeys
                for scope in scopes where try await consent.record(of: scope) != nil {
                    let listing = MessageListing(
                        keeper: MessageKeeper(session.ledger, scope), session: session, key: scope.signing)
                    let listed = try await listing.rows(scope.id, scope.name.category) { epoch in
                        keys.keys(of: scope, at: epoch).secret
                    }
                    rows += listed.rows
                    findings += listed.findings
                }
            }
        }
        options.printing.show(rows: rows, empty: "no messages")
        guard findings.isEmpty else {
            throw ProgramFailure(
                "THE MESSAGES ARE NOT COMPLETE: " + findings.joined(separator: "; "), code: .notVerified)
        }
    }
}

/// The threads of a scope as rows, and what does not fit.
private struct MessageListing {
    let keeper: MessageKeeper
    let session: Session
    let key: SigningKey

    /// - Parameter secret: S of an epoch; nothing for one that these keys do not open.
    func rows(
        _ scope: ScopeID, _ category: String?, secret: (_ epoch: UInt64) -> SecretBytes?
    ) async throws -> (rows: [[Field]], findings: [String]) {
        var rows: [[Field]] = []
        var findings: [String] = []
        for var thread in try await keeper.threads(in: scope) {
            let names = await names(in: thread)
            var subjects: [DocumentID: String] = [:]
            for message in thread.messages where !message.isErased {
                guard let secret = secret(message.epoch) else { continue }
                do {
                    subjects[message.id] = try await keeper.metadata(of: message.id, scopeSecret: secret).title
                } catch is RecordFailure { thread.noteUnavailable(message) }
            }
            findings += thread.findings.map { "thread \(thread.id): \($0)" }
            rows += thread.messages.map { message in
                [
                    Field("thread", text: thread.id), Field("category", .text(category)),
                    Field("number", .number(message.number)), Field("message", text: message.id),
                    Field("sent", text: message.sent, shown: message.sent.shown),
                    Field("from", .string(names(message.author))),
                    Field("subject", .string(message.isErased ? "erased" : subjects[message.id] ?? "-")),
                    Field("readBy", .array(thread.readers(of: message).map { .string(names($0.reader)) })),
                    Field("complete", .bool(thread.isComplete)),
                ]
            }
        }
        return (rows, findings)
    }

    /// What people call those who take part.
    private func names(in thread: MessageThread) async -> (MessageAuthor?) -> String {
        var names: [StaffID: String] = [:]
        for author in Set(thread.messages.compactMap(\.author) + thread.receipts.compactMap(\.reader)) {
            // A pseudonym is told to patients and colleagues; to others the identifier has to do.
            let record: StaffRecord? = try? await session.ledger.record(
                author.staff, at: .readSubject(.staff(author.staff)), signedBy: key)
            let who = record?.pseudonym ?? String("\(author.staff)".prefix(12))
            names[author.staff] = "\(who), \(session.name(of: author.organization))"
        }
        return { author in author.map { names[$0.staff] ?? "\($0.staff)" } ?? "the patient" }
    }
}

/// `message read`.
struct ReadMessage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Open a message and say on the ledger that it has been read.",
        discussion: """
            Examples:
              careledger-wallet message read 5f0c…
              careledger-wallet message read 5f0c… --grant 77aa… --home clinician --cosign /srv/desk

            A patient opens a message without anybody's help. Staff ask for it on the chain, as for any document; the same \
            signature says that it was read. A receipt says: read up to this message.
            """)

    @Argument(help: "The message's identifier.") var message: DocumentID
    @Option(help: ArgumentHelp("As staff: the grant.", valueName: "grant")) var grant: GrantID?
    @Option(help: ArgumentHelp("What for: an HL7 purpose of use.", valueName: "code")) var purpose = Purpose.treatment
    @Flag(help: "Say nothing of having read it.") var noReceipt = false
    @OptionGroup var cosigning: CosignOptions
    @OptionGroup var options: HomeOptions

    func validate() throws {
        if cosigning.transactionFile != nil { throw ValidationError("--transaction-file goes with `access request`") }
    }

    func run() async throws {
        if let grant {
            try await options.asStaff { session, keys, _ in
                try await readAsStaff(under: grant, session, keys)
            }
        } else {
            try await options.asPatient { session, keys in
                let scope = try await session.scope(holding: message, of: keys)
                let keeper = MessageKeeper(session.ledger, scope)
                let (record, _) = try await session.ledger.document(message, signedBy: scope.signing)
                if record.erased != nil { throw ProgramFailure("message \(message) has been erased") }
                let sealed = keys.keys(of: scope, at: record.epoch)
                let text = try Self.words(
                    try await keeper.text(
                        of: message, record,
                        with: RecordSecrets(
                            keySeed: try sealed.delegating.open(record.capsule), scopeSecret: sealed.secret)))
                let (thread, found) = try await place(keeper, scope.id)
                let needsReceipt = needsReceipt(found, in: thread, keeper)
                if needsReceipt {
                    try await session.ledger.apply(
                        .postMessage(keeper.receipt(of: message, in: scope.id)), signedBy: [scope.signing])
                }
                try show(text, thread, found, receipt: needsReceipt)
            }
        }
    }

    private func readAsStaff(under grant: GrantID, _ session: Session, _ keys: StaffKeys) async throws {
        let access = try AccessKeeper(session.ledger, keys)
        let keeper = try MessageKeeper(session.ledger, keys)
        let recipients = try cosigning.recipients(options, session)
        let (record, _) = try await session.ledger.document(message, signedBy: keys.device)
        let (thread, found) = try await place(keeper, record.scope)
        let receipt =
            needsReceipt(found, in: thread, keeper)
            ? [Operation.postMessage(keeper.receipt(of: message, in: record.scope))] : []
        let (id, transaction) = try await access.prepareRequest(
            for: [message], under: grant, purpose: purpose, cosignedBy: try cosigning.keys(options),
            followedBy: receipt)
        let outcomes = try await session.ledger.submit(try await cosigning.cosigned(transaction)).receipt.outcomes
        // What the ledger thinks of the receipt keeps nobody from reading.
        if case .refused(let refusal)? = outcomes.first { throw ClientFailure.refused(transaction.id, refusal) }
        let opened = try await access.open(id, asOneOf: recipients).first { $0.id == message }
        guard let opened else { throw ProgramFailure("the request does not open message \(message)") }
        let text = try Self.words(
            try await keeper.text(
                of: message, opened.record,
                with: RecordSecrets(keySeed: opened.keySeed, scopeSecret: opened.scopeSecret)))
        try show(text, thread, found, receipt: outcomes.dropFirst() == [.applied])
    }

    /// Whether it is news that this side has read the message: not of what it wrote itself, and not where messages before it
    /// are missing.
    private func needsReceipt(
        _ found: MessageThread.Message, in thread: MessageThread, _ keeper: MessageKeeper
    ) -> Bool {
        !noReceipt && thread.isComplete && found.author != keeper.author
            && found.number > thread.read(by: keeper.author)
    }

    private static func words(_ text: [UInt8]) throws -> String {
        guard let words = String(validating: text, as: UTF8.self) else {
            throw ProgramFailure("the message is no text", code: .notVerified)
        }
        return words
    }

    /// Where the message stands, among all messages of its thread.
    private func place(
        _ keeper: MessageKeeper, _ scope: ScopeID
    ) async throws -> (MessageThread, MessageThread.Message) {
        for thread in try await keeper.threads(in: scope) {
            if let found = thread.messages.first(where: { $0.id == message }) { return (thread, found) }
        }
        throw ProgramFailure("document \(message) is no message: document get, or access open")
    }

    private func show(
        _ text: String, _ thread: MessageThread, _ found: MessageThread.Message, receipt: Bool
    ) throws {
        options.printing.show([
            Field("message", text: message), Field("thread", text: thread.id), Field("number", .number(found.number)),
            Field("sent", text: found.sent, shown: found.sent.shown), Field("receipt", .bool(receipt)),
            Field("text", lines: text),
        ])
        guard thread.isComplete else {
            throw ProgramFailure(
                "THE THREAD IS NOT COMPLETE: " + thread.findings.map { "\($0)" }.joined(separator: "; "),
                code: .notVerified)
        }
    }
}
