import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Terminal

/// `notice`: telling patients and the authority.
struct NoticeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notice", abstract: "Publish, list and read notices of incidents and emergencies.",
        subcommands: [Publish.self, List.self, Show.self])

    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "As a privacy officer: tell a patient, or the authority, of an incident or an emergency.",
            discussion: """
                Examples:
                  careledger-wallet notice publish --incident 31bd… --scope 02ab… --text letter.txt --discovered 2026-11-02T08:00:00Z \\
                    --occurred-from 2026-11-01 --nature confidentiality --information diagnoses --consequence disclosure \\
                    --measure staff-frozen --advice revoke-grants --contact email --people 1 --records 12
                  careledger-wallet notice publish --incident 31bd… --authority --text report.txt …

                The text is sealed to the patient's scope, or to the organisation for the authority's copy; the codes stand on \
                the chain. The authority is told within 72 hours of the discovery, a patient within 60 days: later, \
                --delay says why.
                """)

        @Option(help: ArgumentHelp("What was frozen.", valueName: "incident")) var incident: IncidentID?
        @Option(help: ArgumentHelp("The emergency that it is about.", valueName: "emergency")) var emergency: AccessID?
        @Option(help: ArgumentHelp("Whose patient is told.", valueName: "scope")) var scope: ScopeID?
        @Flag(help: "Tell the authority.") var authority = false
        @Option(help: ArgumentHelp("The text: at most 64 KiB.", valueName: "file")) var text: String
        @OptionGroup var contents: NoticeContentsOptions
        @OptionGroup var cosigning: CosignOptions
        @OptionGroup var options: HomeOptions

        func validate() throws {
            guard (incident == nil) != (emergency == nil) else {
                throw ValidationError("give either --incident or --emergency")
            }
            guard (scope == nil) == authority else { throw ValidationError("give either --scope or --authority") }
        }

        func run() async throws {
            let bytes = try Self.read(text)
            guard let cause = incident.map({ NoticeCause.incident($0) }) ?? emergency.map({ .emergency($0) }) else {
                throw ProgramFailure("give either --incident or --emergency", code: .usage)
            }
            try await options.asResponsible { session, actor in
                let (notice, transaction) = try await IncidentKeeper(session.ledger, as: actor).prepareNotice(
                    of: cause, to: scope, saying: try contents.contents(), text: bytes,
                    cosignedBy: try cosigning.keys(options))
                let isDone = try await cosigning.finish(transaction, session)
                options.printing.show([Field("notice", text: notice), Field("recorded", .bool(isDone))])
            }
        }

        private static func read(_ path: String) throws -> [UInt8] {
            guard let handle = FileHandle(forReadingAtPath: path) else {
                throw ProgramFailure("\(path) cannot be read")
            }
            defer { try? handle.close() }
            let data = try handle.read(upToCount: NoticeText.maximumBytes + 1) ?? Data()
            guard data.count <= NoticeText.maximumBytes, !data.isEmpty else {
                throw ProgramFailure("\(path) must have 1 to \(NoticeText.maximumBytes) bytes", code: .usage)
            }
            return Array(data)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List notices: those to a patient, or those that an organisation published.",
            discussion: """
                Example:
                  careledger-wallet notice list
                """)

        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.withSession { session in
                let rows = try await session.notices().map { notice in
                    [
                        Field("notice", text: notice.notice.notice), Field("time", text: notice.entry.time),
                        Field("category", .string(notice.category)),
                        Field("from", .string(session.name(of: notice.notice.organization))),
                        Field("about", text: notice.notice.cause),
                        Field("discovered", text: notice.notice.contents.discovered),
                        Field("late", .bool(notice.entry.time > notice.notice.due)),
                    ]
                }
                options.printing.show(rows: rows, empty: "no notices")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a notice and open its text.",
            discussion: """
                Example:
                  careledger-wallet notice show 77aa…
                """)

        @Argument(help: "The notice.") var notice: NoticeID
        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.withSession { session in
                guard let found = try await session.notices().first(where: { $0.notice.notice == notice }) else {
                    throw ProgramFailure("there is no notice \(notice) for this home")
                }
                var fields = found.notice.contents.fields
                fields.insert(Field("from", .string(session.name(of: found.notice.organization))), at: 0)
                fields.insert(Field("about", text: found.notice.cause), at: 1)
                if let reader = found.reader {
                    let bytes = try await NoticeText(session.ledger, of: found.notice.organization).open(
                        found.notice, as: reader.subject, with: reader.sealing, askedBy: reader.signing)
                    fields.append(Field("text", .string(String(decoding: bytes, as: UTF8.self))))
                }
                options.printing.show(fields)
            }
        }
    }
}

/// A notice that a home knows of.
struct KnownNotice {
    /// Who opens its text.
    struct Reader {
        let subject: Subject
        let sealing: SealingKey
        let signing: SigningKey
    }

    let entry: HistoryEntry
    let notice: PublishNotice
    /// The patient's word for the scope.
    let category: String
    /// Nothing when the text is sealed to somebody else.
    let reader: Reader?
}

extension Session {
    /// The notices that concern this home, each proved.
    func notices() async throws -> [KnownNotice] {
        switch keystore.identity {
        case .patient(let keys):
            var notices: [KnownNotice] = []
            let keeper = ConsentKeeper(ledger, home: home)
            for scope in keys.allKeys where try await keeper.record(of: scope) != nil {
                let reader = KnownNotice.Reader(
                    subject: .scope(scope.id), sealing: scope.sealing, signing: scope.signing)
                notices += try await keeper.events(of: scope).notices.map {
                    KnownNotice(entry: $0.entry, notice: $0.notice, category: scope.name.category, reader: reader)
                }
            }
            return notices
        case .organization(let keys):
            let desk = try OrganizationDesk(ledger, keys)
            let own = try await IncidentKeeper(ledger, as: .organization(keys, desk.organization)).notices()
            let reader = KnownNotice.Reader(
                subject: .organization(desk.organization), sealing: keys.sealing, signing: try requestKey())
            return own.map {
                KnownNotice(
                    entry: $0.entry, notice: $0.notice, category: "", reader: $0.notice.scope == nil ? reader : nil)
            }
        case .staff(let keys):
            guard let registration = keys.registration else { return [] }
            return try await IncidentKeeper(ledger, as: .officer(keys, registration)).notices().map {
                KnownNotice(entry: $0.entry, notice: $0.notice, category: "", reader: nil)
            }
        case .auditor: return []
        }
    }
}
