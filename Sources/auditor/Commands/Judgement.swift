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
        form.show(
            summary, ("events", rows),
            names: ["height", "time", "operation", "outcome", "detail", "transaction"], empty: "nothing happened")
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
            Field("entries", .number(UInt64(events.count))),
            Field("accesses", .number(UInt64(audit.accesses.count))),
            Field("provedAtHeight", .number(audit.history.header.height.rawValue)),
            Field("denials", denials, shown: audit.denials == nil ? "not in this evidence" : nil),
            Field("findings", .array(audit.findings.map { .string($0.text) })),
        ]
    }

    /// Whom the patient ever denied the scope, from and to which block.
    private var denials: JSONValue {
        guard let denials = audit.denials else { return .null }
        return .array(
            denials.map { denial in
                let end = denial.lifted.map { " to \($0.height)" } ?? ""
                return .string("\(denial.organization) from block \(denial.since.height)\(end)")
            })
    }

    /// The subject's own events, and of an organisation what its staff did.
    private var events: [ProvedEvent] {
        audit.history.events + audit.staff.sorted { $0.key < $1.key }.flatMap(\.value.events)
    }

    private var rows: [[Field]] {
        events.map { event in
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
        case .declareEmergency(let emergency):
            (emergency.isDrill ? "drill" : "emergency")
                + " by \(emergency.staff) and \(emergency.second) under \(emergency.grant)"
        case .reviewEmergency(let review):
            (review.isJustified ? "justified" : "not justified") + ", by \(review.officer), of \(review.emergency)"
        case .freeze(let freeze): "\(freeze.target)"
        case .unfreeze(let unfreeze): "\(unfreeze.target)"
        case .publishNotice(let notice):
            "\(notice.scope == nil ? "to the authority" : "to the patient"), of \(notice.cause), due \(notice.due)"
        case .commitDocument(let commit): "by \(commit.staff) of \(commit.organization)"
        case .postMessage(.letter(let letter)):
            "message \(letter.number) by \(letter.author.map { "\($0.staff) of \($0.organization)" } ?? "the patient")"
        case .postMessage(.receipt(let receipt)):
            "\(receipt.reader.map { "\($0.staff)" } ?? "the patient") has read up to \(receipt.message)"
        case .grantConsent(let grant): "\(grant.grantee.pathText) until \(grant.notAfter)"
        case .registerStaff(let registration): "\(registration.role.name) \(registration.staff)"
        case .endStaff(let end): "\(end.staff)"
        case .recordService(let service): "\(service.count) re-encryptions, root \(service.root.bytes.hex)"
        case .acknowledgeGrant(let acknowledgement): "by validator \(acknowledgement.validator)"
        case .reshareGrant(let dealing): "round \(dealing.round), by validator \(dealing.dealer)"
        case .answerResharing(let answer):
            "round \(answer.round), by validator \(answer.validator)"
                + (answer.failed.map { ": nothing good from \($0)" } ?? "")
        case .eraseDocument(let erasure): erasure.basis.name
        case .confirmErasure(let confirmation): "by validator \(confirmation.validator), keeps \(confirmation.kept)"
        case .shareDocument(let share): "shares \(share.source)"
        case .appointGuardians(let appointment):
            "\(appointment.threshold) of \(appointment.guardians.count) guardians"
        case .recoverDocuments(let recovery): "recovered by the owner under \(recovery.grant)"
        case .proposeChange(let proposal): "\(proposal.change.words()) by \(proposal.organization)"
        case .approveChange(let approval): "\(approval.change) by \(approval.organization)"
        case .stateNames(let statement):
            "\(statement.pairs.count) requests, \(statement.pairs.count(where: \.isSame)) of the same family name"
        default: ""
        }
    }
}

extension Subject {
    /// The sort and the identifier.
    var text: String { "\(kind) \(id.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())" }
}
