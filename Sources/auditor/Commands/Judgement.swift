import API
import Client
import Codec
import Cryptography
import Ledger
import Terminal

/// Prints what an audit found, and fails when something must not be.
struct Judgement {
    let audit: AccessAudit

    /// Prints events and findings.
    func show(_ form: OutputOptions) throws {
        switch form.output {
        case .table:
            form.show(summary)
            print("")
            form.show(rows: rows, empty: "nothing happened")
        case .json:
            var fields = summary
            fields.append(
                Field("events", .array(rows.map { row in .object(row.map { .init($0.name, $0.value) }) })))
            form.show(fields)
        }
        guard audit.findings.isEmpty else {
            throw ProgramFailure(
                "\(audit.findings.count) findings: \(audit.findings.map(\.text).joined(separator: "; "))",
                code: .notVerified)
        }
    }

    private var summary: [Field] {
        [
            Field("subject", text: audit.history.subject.text),
            Field("complete", .bool(true), shown: "yes: no entry is missing"),
            Field("entries", .number(UInt64(audit.history.events.count))),
            Field("accesses", .number(UInt64(audit.accesses.count))),
            Field("provedAtHeight", .number(audit.history.header.height.rawValue)),
            Field("findings", .array(audit.findings.map { .string($0.text) })),
        ]
    }

    private var rows: [[Field]] {
        audit.history.events.map { event in
            [
                Field("height", .number(event.entry.height.rawValue)),
                Field("time", text: event.entry.time),
                Field("operation", .string("\(event.operation.code)")),
                Field("outcome", text: event.entry.outcome),
                Field("detail", .string(Self.detail(event.operation))),
                Field("transaction", text: event.transaction.id),
            ]
        }
    }

    private static func detail(_ operation: Operation) -> String {
        switch operation {
        case .requestAccess(let request): "\(request.purpose.rawValue) by \(request.staff) under \(request.grant)"
        case .commitDocument(let commit): "by \(commit.staff) of \(commit.organization)"
        case .grantConsent(let grant): "\(grant.grantee.pathText) until \(grant.notAfter)"
        case .acknowledgeGrant(let acknowledgement): "by validator \(acknowledgement.validator)"
        case .eraseDocument(let erasure): erasure.basis.name
        case .confirmErasure(let confirmation): "by validator \(confirmation.validator), keeps \(confirmation.kept)"
        case .shareDocument(let share): "shares \(share.source)"
        default: ""
        }
    }
}

extension Subject {
    /// The sort and the identifier.
    var text: String { "\(kind) \(id.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())" }
}
