/// A request for documents as misuse detection sees it: an entry of a proved history.
public struct ObservedRequest: Hashable, Sendable {
    /// When its block was.
    public var time: Timestamp
    /// Who asked.
    public var staff: StaffID
    /// Under which grant: a grant is of one scope of one patient.
    public var grant: GrantID
    /// Whether it was a declared emergency, drills left out.
    public var isEmergency: Bool
    /// Whether the employer has stated that who asked has the patient's family name.
    public var isSameName: Bool

    /// A request.
    public init(
        time: Timestamp, staff: StaffID, grant: GrantID, isEmergency: Bool = false, isSameName: Bool = false
    ) {
        self.time = time
        self.staff = staff
        self.grant = grant
        self.isEmergency = isEmergency
        self.isSameName = isSameName
    }

    /// The requests that opened something, in the order of the chain, with what was stated of their names, however much
    /// later.
    ///
    /// - Parameter events: The applied operations of an organisation's history with their blocks' times.
    public static func observed(in events: [(time: Timestamp, operation: Operation)]) -> [ObservedRequest] {
        var same: Set<AccessID> = []
        for event in events {
            guard case .stateNames(let statement) = event.operation else { continue }
            same.formUnion(statement.pairs.lazy.filter(\.isSame).map(\.access))
        }
        return events.compactMap { event in
            guard let attempt = event.operation.accessAttempt, attempt.opensDocuments else { return nil }
            return ObservedRequest(
                time: event.time, staff: attempt.staff, grant: attempt.grant, isEmergency: attempt.isEmergency,
                isSameName: same.contains(attempt.access))
        }
    }

    var hour: Int { Int(time.rawValue / 3_600_000 % 24) }
}

/// What counts as unusual. Whole numbers alone, so that every machine finds the same.
public struct MisuseThresholds: Hashable, Sendable {
    /// A day is unusual when it has more than so many times the person's own daily average…
    public var factor = 3
    /// …and more requests than this…
    public var requests = 20
    /// …or more grants than this…
    public var grants = 15
    /// …or more grants that the person had never used than this.
    public var firstContacts = 12
    /// Days with requests that make a baseline; before that, only the numbers above count.
    public var baselineDays = 5
    /// An hour is unusual for a person when fewer than one in so many of their requests fell into it or beside it.
    public var rareHour = 50
    /// Requests that make a person's hours known.
    public var knownRequests = 40
    /// Requests at unusual hours of one day that are a finding.
    public var offHours = 3
    /// Emergencies of one person within seven days that are a finding.
    public var emergencies = 3
    /// Patients of the person's own family name, opened for the first time on one day, that are a finding.
    public var sameNames = 1

    /// The standard ones.
    public init() {}
}

/// Something that a privacy officer should look at. It accuses nobody: the rule and the numbers are all that it says.
public struct MisuseFinding: Hashable, Sendable {
    /// Which rule.
    public enum Rule: String, CaseIterable, Hashable, Sendable {
        /// More requests in a day than the person usually makes.
        case rate
        /// More patients' grants in a day than usual.
        case breadth
        /// More grants for the first time in a day than usual.
        case firstContact = "first-contact"
        /// Requests at hours at which the person is never there.
        case offHours = "off-hours"
        /// Many emergencies within a week.
        case breakGlass = "break-glass"
        /// Somebody of the person's own family name whose records they had never opened.
        case sameName = "same-name"
    }

    /// Which rule.
    public let rule: Rule
    /// Who.
    public let staff: StaffID
    /// The day of UTC, counted from 1970-01-01.
    public let day: UInt64
    /// What was counted.
    public let count: Int
    /// What would have been the most.
    public let limit: Int
}

/// Finds unusual requests among those of a proved history: the same findings on every machine.
public enum MisuseDetection {
    /// Goes through requests in the order of the chain.
    ///
    /// - Returns: At most one finding for each rule, person and day, in the order of days, staff and rules.
    public static func findings(
        in requests: some Sequence<ObservedRequest>, _ thresholds: MisuseThresholds = MisuseThresholds()
    ) -> [MisuseFinding] {
        var people: [StaffID: Habits] = [:]
        var findings: [MisuseFinding] = []
        for request in requests {
            findings += people[request.staff, default: Habits(request.staff)].observe(request, thresholds)
        }
        for staff in people.keys.sorted() { findings += people[staff]?.closeDay(thresholds) ?? [] }
        return findings.sorted {
            ($0.day, $0.staff, $0.rule.rawValue) < ($1.day, $1.staff, $1.rule.rawValue)
        }
    }
}
