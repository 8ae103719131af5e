import Codec
import Cryptography
import Ledger
import Testing

/// Ten thousand requests of forty people over sixty days, with misuse planted in them: the same in every run.
private struct SyntheticHospital {
    /// What was planted: a rule that has to find somebody on a day.
    struct Planted: Hashable {
        let rule: MisuseFinding.Rule
        let staff: StaffID
        let day: UInt64
    }

    static let people = (0..<40).map { StaffID(Seeded.digest("person \($0)")) }
    static let grants = (0..<600).map { GrantID(Seeded.digest("grant \($0)")) }
    static let days: UInt64 = 60
    static let firstDay: UInt64 = 20_000

    private(set) var requests: [ObservedRequest] = []
    private(set) var planted: Set<Planted> = []
    private var state: UInt64 = 0x9e37_79b9_7f4a_7c15

    init() {
        for day in 0..<Self.days {
            for person in Self.people.indices { live(person, day) }
        }
        for index in 0..<5 {
            plant(.rate, person: index, day: 30 + UInt64(index) * 5)
            plant(.breadth, person: 8 + index, day: 31 + UInt64(index) * 5)
            plant(.firstContact, person: 16 + index, day: 32 + UInt64(index) * 5)
            plant(.offHours, person: 24 + index, day: 33 + UInt64(index) * 5)
            plant(.breakGlass, person: 32 + index, day: 34 + UInt64(index) * 5)
            plant(.sameName, person: 5 + 8 * index, day: 35 + UInt64(index) * 4)
        }
        requests.sort { ($0.time, $0.staff, $0.grant) < ($1.time, $1.staff, $1.grant) }
    }

    /// xorshift64*.
    private mutating func random(below bound: Int) -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Int((state &* 0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    private mutating func add(_ person: Int, _ day: UInt64, hour: Int, grant: Int, emergency: Bool = false) {
        let minute = UInt64(random(below: 3_600_000))
        let time = (Self.firstDay + day) * 86_400_000 + UInt64(hour) * 3_600_000 + minute
        requests.append(
            ObservedRequest(
                time: Timestamp(rawValue: time), staff: Self.people[person], grant: Self.grants[grant % 600],
                isEmergency: emergency, isSameName: Self.isSameName(person, grant % 600)))
    }

    /// Of 1 500 family names each person and each patient has one; the last patients are the planted relatives.
    private static func isSameName(_ person: Int, _ patient: Int) -> Bool {
        if patient >= relatives { return person == patient - relatives }
        return (person * 97 + 11) % 1500 == (patient * 53 + 7) % 1500
    }

    /// The first of the patients who are a member of staff's relatives, one for each; they are nobody's own patients.
    private static let relatives = 560

    /// An ordinary day: five days of seven, an eight-hour shift, mostly known patients, now and then an emergency.
    private mutating func live(_ person: Int, _ day: UInt64) {
        guard (day + UInt64(person)) % 7 < 5 else { return }
        let start = 5 + person % 8
        for _ in 0..<(2 + random(below: 8 + person % 3)) {
            let isNew = random(below: 5) == 0
            let grant = isNew ? random(below: Self.relatives) : person * 13 + random(below: 20)
            add(person, day, hour: start + random(below: 8), grant: grant, emergency: random(below: 400) == 0)
        }
    }

    private mutating func plant(_ rule: MisuseFinding.Rule, person: Int, day: UInt64) {
        let start = 5 + person % 8
        switch rule {
        case .rate:
            for _ in 0..<40 { add(person, day, hour: start + random(below: 8), grant: person * 13 + random(below: 8)) }
        case .breadth: for index in 0..<26 { add(person, day, hour: start + index % 8, grant: person * 13 + index) }
        case .firstContact:
            for index in 0..<30 { add(person, day, hour: start + index % 8, grant: 37 * index + 11 * person) }
        case .offHours: for index in 0..<4 { add(person, day, hour: (start + 14 + index % 2) % 24, grant: person * 13) }
        case .breakGlass:
            for index in 0..<3 { add(person, day, hour: start + index, grant: person * 13 + index, emergency: true) }
        case .sameName: add(person, day, hour: start, grant: Self.relatives + person)
        }
        planted.insert(Planted(rule: rule, staff: Self.people[person], day: Self.firstDay + day))
    }
}

@Suite("Ledger: misuse")
struct MisuseTests {
    @Test func `planted misuse in ten thousand requests is found, with few false alarms`() {
        let hospital = SyntheticHospital()
        #expect(hospital.requests.count >= 10_000)
        let findings = MisuseDetection.findings(in: hospital.requests)
        let found = hospital.planted.filter { planted in
            findings.contains { $0.rule == planted.rule && $0.staff == planted.staff && $0.day == planted.day }
        }
        // A planted day may break several rules: only days on which nothing was planted are false alarms.
        let alarms = findings.filter { finding in
            !hospital.planted.contains { $0.staff == finding.staff && $0.day == finding.day }
        }
        let days = Set(hospital.requests.map { "\($0.staff) \($0.time.day)" }).count
        print(
            "misuse: \(hospital.requests.count) requests, \(days) days of people, \(hospital.planted.count) planted, "
                + "\(found.count) found, \(alarms.count) false alarms")
        #expect(found.count == hospital.planted.count)
        #expect(alarms.count * 200 <= days)
    }

    @Test func `the same requests give the same findings, whatever they were collected in`() {
        let hospital = SyntheticHospital()
        let once = MisuseDetection.findings(in: hospital.requests)
        #expect(MisuseDetection.findings(in: hospital.requests.lazy.map { $0 }) == once)
        #expect(once == once.sorted { ($0.day, $0.staff, $0.rule.rawValue) < ($1.day, $1.staff, $1.rule.rawValue) })
    }

    private static let person = SyntheticHospital.people[0]

    private static func requests(_ count: Int, day: UInt64, hour: UInt64 = 10) -> [ObservedRequest] {
        (0..<count).map { index in
            ObservedRequest(
                time: Timestamp(rawValue: day * 86_400_000 + hour * 3_600_000 + UInt64(index)), staff: person,
                grant: SyntheticHospital.grants[0])
        }
    }

    @Test func `at the limit is usual, one above is a finding`() {
        let limit = MisuseThresholds().requests
        #expect(MisuseDetection.findings(in: Self.requests(limit, day: 1)).isEmpty)
        let finding = MisuseDetection.findings(in: Self.requests(limit + 1, day: 1))
        #expect(finding.map(\.rule) == [.rate] && finding.first?.count == limit + 1 && finding.first?.limit == limit)
    }

    @Test func `who always asks much is judged by their own days, and unusual days do not become usual`() {
        var busy = (0..<10).flatMap { Self.requests(15, day: UInt64($0)) }
        busy += Self.requests(45, day: 10)
        #expect(MisuseDetection.findings(in: busy).isEmpty)
        var creeping = (0..<10).flatMap { Self.requests(5, day: UInt64($0)) }
        creeping += (10..<20).flatMap { Self.requests(30, day: UInt64($0)) }
        #expect(MisuseDetection.findings(in: creeping).map(\.day) == Array(10..<20))
    }

    @Test func `somebody of the own family name is found the first time, whatever else is usual`() {
        let (first, second) = (SyntheticHospital.grants[0], SyntheticHospital.grants[1])
        let namesakes = [(first, 1), (first, 2), (second, 2), (second, 3)].map { grant, day in
            ObservedRequest(
                time: Timestamp(rawValue: UInt64(day) * 86_400_000), staff: Self.person, grant: grant, isSameName: true)
        }
        let findings = MisuseDetection.findings(in: namesakes)
        #expect(findings.map(\.rule) == [.sameName, .sameName] && findings.map(\.day) == [1, 2])
        var lenient = MisuseThresholds()
        lenient.sameNames = 2
        #expect(MisuseDetection.findings(in: namesakes, lenient).isEmpty)
    }

    @Test func `thresholds are parameters`() {
        var strict = MisuseThresholds()
        strict.requests = 3
        let requests = Self.requests(4, day: 1)
        #expect(MisuseDetection.findings(in: requests).isEmpty)
        #expect(MisuseDetection.findings(in: requests, strict).map(\.rule) == [.rate])
    }
}
