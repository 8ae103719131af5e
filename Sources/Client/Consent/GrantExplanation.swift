public import Ledger

/// What a grant allows, in words that a person of thirteen can read (a test measures it): before it is signed, and as it
/// is now.
public struct GrantExplanation: Hashable, Sendable {
    /// Who may read, by the names that the patient knows.
    public enum Reader: Hashable, Sendable {
        /// One person, of a house.
        case person(String, of: String)
        /// All of a house.
        case house(String)
        /// The patient's own new wallet, with what guardians keep.
        case owner
    }

    /// What became of a grant that exists.
    public enum Standing: Hashable, Sendable {
        /// It can be used now.
        case inForce
        /// It begins later.
        case early
        /// Too few computers hold their part: so many do.
        case incomplete(have: Int, need: Int)
        /// Its time is over.
        case over
        /// The patient took it back.
        case revoked
        /// The patient closed the scope.
        case closed
        /// The patient denies the house the scope.
        case denied
    }

    /// Short sentences, in the order in which they are read.
    public let sentences: [String]

    /// - Parameters:
    ///   - terms: The words of the grant.
    ///   - category: What the patient calls the scope.
    ///   - reader: The grantee.
    ///   - quorum: How many validators must help.
    ///   - validators: How many there are.
    ///   - standing: What became of it; nothing before it is given.
    public init(
        _ terms: GrantTerms, category: String, reader: Reader, quorum: Int, validators: Int,
        flags: GrantConsent.Flags = [], standing: Standing? = nil
    ) {
        sentences =
            Self.who(reader, category) + Self.what(terms, flags) + Self.when(terms)
            + Self.how(quorum, validators) + Self.now(standing)
    }

    /// One sentence a line.
    public var text: String { sentences.joined(separator: "\n") }

    private static func who(_ reader: Reader, _ category: String) -> [String] {
        switch reader {
        case .person(let name, let house): ["You let \(name) at \(house) read your “\(category)” files."]
        case .house(let house): ["You let the staff of \(house) read your “\(category)” files."]
        case .owner:
            [
                "Your own new wallet may read your “\(category)” files.",
                "It needs help from the people you chose as guards.",
            ]
        }
    }

    private static func what(_ terms: GrantTerms, _ flags: GrantConsent.Flags) -> [String] {
        var sentences: [String] = []
        switch (terms.documentsFrom, terms.documentsUntil) {
        case (nil, nil):
            sentences += ["They may read all that is there now.", "They may read what is added later, too."]
        case (let from?, nil):
            sentences += ["They may read what was added on \(day(from)) or later.", "They may not read what is older."]
        case (nil, let until?):
            sentences += ["They may read what is added up to \(day(until)).", "They may not read what is newer."]
        case (let from?, let until?):
            sentences += ["They may read what was added from \(day(from)) to \(day(until)).", "The rest stays closed."]
        }
        sentences += terms.purposes.map { "They may use it \($0.plain)." }
        sentences.append("They may use it for nothing else.")
        if !flags.contains(.recovery) { sentences += terms.roles.map { "It is for \($0.plain)." } }
        if flags.contains(.emergency) { sentences.append("It is for an emergency only.") }
        if flags.contains(.recovery) { sentences.append("It is for your own new wallet.") }
        let count = terms.documentsPerDay
        sentences.append("They may ask for \(count) file\(count == 1 ? "" : "s") a day at most.")
        return sentences
    }

    private static func when(_ terms: GrantTerms) -> [String] {
        ["This starts on \(day(terms.notBefore)).", "It ends on \(day(terms.notAfter))."]
    }

    private static func how(_ quorum: Int, _ validators: Int) -> [String] {
        [
            "Each time, \(quorum) of \(validators) computers must help.", "They write down who asked and why.",
            "You can see it, and no one can hide it.", "You can take this back on any day.",
            "What was read by then stays known.",
        ]
    }

    private static func now(_ standing: Standing?) -> [String] {
        switch standing {
        case nil: ["Nothing is signed yet."]
        case .inForce: ["This holds now."]
        case .early: ["This has not started yet."]
        case .incomplete(let have, let need):
            ["This does not work yet.", "Only \(have) computers hold their part, and it takes \(need)."]
        case .over: ["This is over.", "No one can use it."]
        case .revoked: ["You took this back.", "No one can use it."]
        case .closed: ["You closed these files.", "No one can use this."]
        case .denied: ["You said that this house may never read them.", "It can not use this."]
        }
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// `26 November 2026`, of UTC.
    private static func day(_ time: Timestamp) -> String {
        let parts = "\(time)".prefix(10).split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, months.indices.contains(parts[1] - 1) else { return "\(time)" }
        return "\(parts[2]) \(months[parts[1] - 1]) \(parts[0])"
    }
}

extension ConsentKeeper {
    /// What a grant would allow, before anybody signs it.
    public func explanation(of terms: GrantTerms, in scope: ScopeKeys) async throws -> GrantExplanation {
        let validators = try await ledger.validators().count
        return GrantExplanation(
            terms, category: scope.name.category, reader: try await reader(terms.grantee, scope).reader,
            quorum: validators - (validators - 1) / 3, validators: validators)
    }

    /// What a grant that exists allows, and whether it still does.
    public func explanation(of grant: GrantID, in scope: ScopeKeys, now: Timestamp) async throws -> GrantExplanation {
        guard let record = try await record(of: grant, in: scope) else { throw WalletFailure.unknown("grant \(grant)") }
        let window = try await window(of: grant, in: scope)
        let terms = GrantTerms(
            to: record.grantee, for: record.purposes, roles: record.roles, notBefore: record.notBefore,
            notAfter: record.notAfter, documentsPerDay: record.documentsPerDay, documentsFrom: window?.from,
            documentsUntil: window?.until)
        let (reader, house) = try await reader(record.grantee, scope)
        let events = try await events(of: scope)
        let isClosed = events.contains { event in
            guard event.isApplied, case .closeScope = event.operation else { return false }
            return true
        }
        return GrantExplanation(
            terms, category: scope.name.category, reader: reader, quorum: record.threshold,
            validators: try await ledger.validators().count, flags: record.flags,
            standing: Self.standing(
                of: record, now, isClosed: isClosed, isDenied: house.map(events.denied.contains) ?? false))
    }

    private static func standing(
        of record: GrantRecord, _ now: Timestamp, isClosed: Bool, isDenied: Bool
    ) -> GrantExplanation.Standing {
        if record.revoked != nil { return .revoked }
        if isClosed { return .closed }
        if isDenied { return .denied }
        switch record.refusal(at: now) {
        case .grantExpired: return .over
        case .grantNotYetValid: return .early
        case .grantNotActive: return .incomplete(have: record.acknowledged.count, need: record.threshold)
        default: return .inForce
        }
    }

    /// The grantee by name, and the house.
    private func reader(
        _ grantee: Grantee, _ scope: ScopeKeys
    ) async throws -> (reader: GrantExplanation.Reader, house: OrganizationID?) {
        func name(_ id: OrganizationID) -> String {
            ledger.genesis.organizations.first { $0.id == id }?.name ?? "house \("\(id)".prefix(8))"
        }
        switch grantee {
        case .scope: return (.owner, nil)
        case .organization(let id): return (.house(name(id)), id)
        case .staff(let id):
            guard let member = try await staff([id], signedBy: scope.signing)[id] else {
                throw WalletFailure.unknown("staff \(id)")
            }
            return (.person(member.pseudonym, of: name(member.organization)), member.organization)
        }
    }
}
