/// What one person usually does, learned from their own requests.
struct Habits {
    private struct Totals {
        var requests = 0
        var grants = 0
        var firstContacts = 0
    }

    private let staff: StaffID
    private var known: Set<GrantID> = []
    /// Grants of patients who have the person's family name.
    private var namesakes: Set<GrantID> = []
    /// Over all days before the present one.
    private var totals = Totals()
    private var days = 0
    private var hours = [Int](repeating: 0, count: 24)
    private var emergencies: [UInt64] = []

    private var day: UInt64?
    private var today = Totals()
    private var grantsToday: Set<GrantID> = []
    private var hoursToday = [Int](repeating: 0, count: 24)
    private var emergenciesToday = 0
    private var namesakesToday = 0

    init(_ staff: StaffID) { self.staff = staff }

    /// Takes a request in.
    ///
    /// - Returns: What the day before it came to, where the request begins another.
    mutating func observe(_ request: ObservedRequest, _ thresholds: MisuseThresholds) -> [MisuseFinding] {
        let findings = request.time.day == day ? [] : closeDay(thresholds)
        day = request.time.day
        today.requests += 1
        if grantsToday.insert(request.grant).inserted { today.grants += 1 }
        if known.insert(request.grant).inserted { today.firstContacts += 1 }
        hoursToday[request.hour] += 1
        if request.isEmergency { emergenciesToday += 1 }
        if request.isSameName, namesakes.insert(request.grant).inserted { namesakesToday += 1 }
        return findings
    }

    /// Judges the present day and makes it part of what is usual, unless it was unusual: whoever goes on misusing does not
    /// make it usual.
    mutating func closeDay(_ thresholds: MisuseThresholds) -> [MisuseFinding] {
        guard let day else { return [] }
        var findings: [MisuseFinding] = []
        func judge(_ rule: MisuseFinding.Rule, _ count: Int, _ limit: Int) {
            guard count > limit else { return }
            findings.append(MisuseFinding(rule: rule, staff: staff, day: day, count: count, limit: limit))
        }
        judge(.rate, today.requests, limit(thresholds.requests, totals.requests, thresholds))
        judge(.breadth, today.grants, limit(thresholds.grants, totals.grants, thresholds))
        judge(.firstContact, today.firstContacts, limit(thresholds.firstContacts, totals.firstContacts, thresholds))
        judge(.offHours, offHours(thresholds), thresholds.offHours - 1)
        emergencies = emergencies.filter { $0 + 7 > day } + [UInt64](repeating: day, count: emergenciesToday)
        if emergenciesToday > 0 { judge(.breakGlass, emergencies.count, thresholds.emergencies - 1) }
        judge(.sameName, namesakesToday, thresholds.sameNames - 1)
        learn(isUsual: findings.isEmpty)
        return findings
    }

    /// The most that is usual: a multiple of the person's own average, rounded up, and never below the floor.
    private func limit(_ floor: Int, _ total: Int, _ thresholds: MisuseThresholds) -> Int {
        guard days >= thresholds.baselineDays else { return floor }
        return max(floor, (total * thresholds.factor + days - 1) / days)
    }

    /// Today's requests at hours that are rare for the person, the hours beside them counted with them.
    private func offHours(_ thresholds: MisuseThresholds) -> Int {
        let total = hours.reduce(0, +)
        guard total >= thresholds.knownRequests else { return 0 }
        return (0..<24).reduce(0) { count, hour in
            let near = hours[(hour + 23) % 24] + hours[hour] + hours[(hour + 1) % 24]
            return near * thresholds.rareHour < total ? count + hoursToday[hour] : count
        }
    }

    private mutating func learn(isUsual: Bool) {
        if isUsual {
            days += 1
            totals.requests += today.requests
            totals.grants += today.grants
            totals.firstContacts += today.firstContacts
            for hour in 0..<24 { hours[hour] += hoursToday[hour] }
        }
        today = Totals()
        grantsToday = []
        hoursToday = [Int](repeating: 0, count: 24)
        emergenciesToday = 0
        namesakesToday = 0
        day = nil
    }
}
