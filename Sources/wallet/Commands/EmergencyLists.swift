import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger
import Terminal

extension EmergencyCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List emergencies: a patient's, a hospital's, or those that this member of staff took part in.",
            discussion: """
                Example:
                  careledger-wallet emergency list --home /srv/privacy-officer

                A privacy officer sees all of the organisation's, and when their reviews are due. The list is proved to be \
                complete.
                """)

        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.withSession { session in
                let now = try await session.ledger.tip().time
                var rows: [[Field]] = []
                switch session.keystore.identity {
                case .patient(let keys):
                    let keeper = ConsentKeeper(session.ledger, home: session.home)
                    for scope in keys.allKeys where try await keeper.record(of: scope) != nil {
                        let events = try await keeper.events(of: scope)
                        rows += events.emergencies.map { Self.row($0, scope.name.category, now) }
                    }
                case .staff(let keys):
                    rows = try await EmergencyKeeper(session.ledger, keys).emergencies().map { Self.row($0, "", now) }
                case .organization(let keys):
                    let desk = try OrganizationDesk(session.ledger, keys)
                    let events = try await session.ledger.events(
                        of: .organization(desk.organization), signedBy: try session.requestKey())
                    rows = events.emergencies.map { Self.row($0, "", now) }
                case .auditor: throw ProgramFailure("this needs the home of a patient, of staff or of an organisation")
                }
                options.printing.show(rows: rows, empty: "no emergencies")
            }
        }

        private static func row(_ emergency: Emergency, _ category: String, _ now: Timestamp) -> [Field] {
            [
                Field("emergency", text: emergency.id), Field("time", text: emergency.entry.time),
                Field("category", .string(category)), Field("state", text: emergency.state(at: now)),
                Field("drill", .bool(emergency.declaration.isDrill)), Field("staff", text: emergency.declaration.staff),
                Field("second", text: emergency.declaration.second),
                Field("reason", .number(UInt64(emergency.declaration.reason))),
                Field("documents", .array(emergency.declaration.documents.map { .string("\($0)") })),
            ]
        }
    }

    struct Documents: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "As an organisation: list what its emergency grants cover, with titles.",
            discussion: """
                Examples:
                  careledger-wallet emergency documents --home /srv/desk
                  careledger-wallet emergency documents --grant 77aa… --home /srv/desk

                Clinicians do not see what lies behind glass before they break it; the desk tells them which documents to \
                name.
                """)

        @Option(help: ArgumentHelp("One emergency grant; else all of them.", valueName: "grant")) var grant: GrantID?
        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asOrganization { session, desk, _ in
                let key = try session.requestKey()
                let grants = try await session.ledger.events(of: .organization(desk.organization), signedBy: key).grants
                var rows: [[Field]] = []
                for consent in grants where consent.flags.contains(.emergency) {
                    let id = consent.grant
                    if let grant, grant != id { continue }
                    let record: GrantRecord? = try await session.ledger.record(
                        id, at: .readSubject(.grant(id)), signedBy: key)
                    guard let record, record.revoked == nil else { continue }
                    rows += try await Self.rows(record, id, desk, session, key)
                }
                options.printing.show(rows: rows, empty: "no documents behind glass")
            }
        }

        private static func rows(
            _ grant: GrantRecord, _ id: GrantID, _ desk: OrganizationDesk, _ session: Session, _ key: SigningKey
        ) async throws -> [[Field]] {
            let card = try await desk.card(of: grant, id)
            var rows: [[Field]] = []
            for document in try await session.ledger.events(of: .scope(grant.scope), signedBy: key).documents {
                let record: DocumentRecord? = try await session.ledger.record(
                    document.document, at: .readSubject(.document(document.document)), signedBy: key)
                guard let record, record.replacedBy == nil else { continue }
                let records = RecordKeeper(
                    home: session.home.path,
                    transport: NodeContentTransport(
                        session.ledger.nodes, signedBy: key, entitlement: .document(document.document)))
                let title = try? await records.metadata(of: record, scopeSecret: card.secret).title
                rows.append([
                    Field("grant", text: id), Field("document", text: document.document),
                    Field("title", .string(title ?? "-")), Field("committed", text: record.time),
                    Field("until", text: grant.notAfter),
                ])
            }
            return rows
        }
    }
}
