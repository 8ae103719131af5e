internal import Cryptography
internal import Ledger

/// What judged histories of organisations and their staff say of the controls.
struct HistoryMeasurements {
    let audits: [AccessAudit]

    /// One for each check that histories answer, in the order of the checks.
    var all: [ControlMeasurement] {
        ControlCheck.allCases.filter { !$0.isObserved }.map(measure)
    }

    private var events: [ProvedEvent] { audits.flatMap { $0.history.events + $0.staff.values.flatMap(\.events) } }

    private var registrations: [RegisterStaff] {
        audits.flatMap(\.history.events).compactMap { event in
            guard event.isApplied, case .registerStaff(let registration) = event.operation else { return nil }
            return registration
        }
    }

    private func measure(_ check: ControlCheck) -> ControlMeasurement {
        switch check {
        case .completeHistories: completeHistories
        case .accessesAllowed: accessesAllowed
        case .uniqueKeys: uniqueKeys
        case .secondSignature: secondSignature
        case .registrationsEnd: registrationsEnd
        case .refusalsRecorded: refusalsRecorded
        case .documentsSealed: documentsSealed
        case .emergencyAccess: emergencyAccess
        case .pinnedTransport, .unsignedRefused, .strangerRefused, .nodesAgree, .quorumReady, .recentBlock:
            preconditionFailure("histories do not say what nodes answered")
        }
    }

    /// What is judged is proved: an incomplete history makes no report.
    private var completeHistories: ControlMeasurement {
        let histories = audits.reduce(0) { $0 + 1 + $1.staff.count + $1.grants.count }
        return ControlMeasurement(
            .completeHistories, holds: true, "\(histories) histories, \(events.count) entries, none missing")
    }

    private var accessesAllowed: ControlMeasurement {
        let accesses = audits.flatMap(\.accesses).count { $0.event.isApplied }
        let findings = audits.flatMap(\.findings)
        let first = findings.first.map { ": \($0.text)" } ?? ""
        return ControlMeasurement(
            .accessesAllowed, holds: findings.isEmpty, "\(accesses) accesses judged, \(findings.count) findings\(first)"
        )
    }

    private var uniqueKeys: ControlMeasurement {
        let keys = registrations.map(\.deviceKey)
        let repeated = keys.count - Set(keys).count
        return ControlMeasurement(
            .uniqueKeys, holds: repeated == 0, "\(keys.count) staff registered, \(repeated) device keys used twice")
    }

    private var secondSignature: ControlMeasurement {
        let clinicians = registrations.filter { $0.role == .clinician }
        let alone = clinicians.count { !$0.needsCosignature }
        return ControlMeasurement(
            .secondSignature, holds: alone == 0, "\(alone) of \(clinicians.count) clinicians may act alone")
    }

    private var registrationsEnd: ControlMeasurement {
        let endless = registrations.count { $0.expires.rawValue >= 253_402_300_799_000 }
        return ControlMeasurement(
            .registrationsEnd, holds: endless == 0, "\(endless) of \(registrations.count) registrations never end")
    }

    private var refusalsRecorded: ControlMeasurement {
        let refused = audits.flatMap(\.accesses).count { !$0.event.isApplied }
        return ControlMeasurement(.refusalsRecorded, holds: true, "\(refused) refused requests in the histories")
    }

    private var documentsSealed: ControlMeasurement {
        let documents = audits.flatMap { $0.staff.values.flatMap(\.events) }.compactMap { event in
            event.isApplied ? event.operation.committed : nil
        }
        let bare = documents.count { !Padme.isPadded($0.paddedSize) }
        return ControlMeasurement(
            .documentsSealed, holds: bare == 0,
            "\(documents.count) documents committed with a capsule and a key commitment, \(bare) of a bare size")
    }

    /// By name, so that it says "absent" of a ledger that does not know the operation.
    private var emergencyAccess: ControlMeasurement {
        let exists = Operation.Code.allCases.contains { "\($0)" == "declareEmergency" }
        let declared = events.count { $0.isApplied && "\($0.operation.code)" == "declareEmergency" }
        return ControlMeasurement(
            .emergencyAccess, holds: exists,
            exists ? "\(declared) emergencies declared" : "this ledger has no operation for emergencies")
    }
}
