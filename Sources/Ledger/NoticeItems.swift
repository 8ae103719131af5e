public import Codec

/// A code that a notice may name. A set of them on the wire is ascending, without repeats and never empty.
public protocol NoticeItem: RawRepresentable<UInt8>, CaseIterable, Hashable, Sendable, Comparable, CBORCodable {
    /// What decoding calls a bad one.
    static var field: String { get }
    /// What it is called in files and on the command line.
    var name: String { get }
}

extension NoticeItem {
    /// The item of that name.
    public init?(name: String) {
        guard let item = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = item
    }

    /// The case's name, lower case with hyphens.
    public var name: String {
        var name = ""
        for character in "\(self)" {
            if character.isUppercase { name.append("-") }
            name.append(contentsOf: character.lowercased())
        }
        return name
    }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let item = Self(rawValue: UInt8(try reader.readInt(max: 255))) else { throw .invalid(field: Self.field) }
        self = item
    }

    public func encode(to writer: inout CBORWriter) { writer.write(UInt64(rawValue)) }
}

/// What kind of breach: GDPR 33(3)(a), in the words of the EDPB's guidelines 9/2022.
public enum BreachNature: UInt8, NoticeItem {
    case confidentiality = 1
    case integrity = 2
    case availability = 3

    public static var field: String { "nature" }
}

/// Which sorts of information were involved: 45 CFR 164.404(c)(1)(B), GDPR 33(3)(a).
public enum BreachedInformation: UInt8, NoticeItem {
    case identity = 1
    case contact = 2
    case identifyingNumbers = 3
    case financial = 4
    case diagnoses = 5
    case treatment = 6
    case medication = 7
    case imaging = 8
    case laboratory = 9
    case genetic = 10
    case mentalHealth = 11
    case other = 12

    public static var field: String { "information" }
}

/// What is likely to follow: GDPR 33(3)(c).
public enum BreachConsequence: UInt8, NoticeItem {
    case noneLikely = 1
    case disclosure = 2
    case identityTheft = 3
    case financialLoss = 4
    case discrimination = 5
    case wrongTreatment = 6
    case delayedTreatment = 7

    public static var field: String { "consequences" }
}

/// What the organisation does about it: 45 CFR 164.404(c)(1)(D), GDPR 33(3)(d).
public enum BreachMeasure: UInt8, NoticeItem {
    case investigation = 1
    case keyFrozen = 2
    case staffFrozen = 3
    case accessEnded = 4
    case keysReplaced = 5
    case authoritiesInformed = 6
    case recoveredOrErased = 7
    case trainingOrSanction = 8

    public static var field: String { "measures" }
}

/// What people can do to protect themselves: 45 CFR 164.404(c)(1)(C), GDPR 34(2).
public enum BreachAdvice: UInt8, NoticeItem {
    case nothingNeeded = 1
    case revokeGrants = 2
    case rotateScopes = 3
    case watchStatements = 4
    case freezeCredit = 5
    case contactUs = 6

    public static var field: String { "advice" }
}

/// Which ways to ask the sealed text gives: 45 CFR 164.404(c)(1)(E), GDPR 33(3)(b).
public enum NoticeContact: UInt8, NoticeItem {
    case tollFreeTelephone = 1
    case email = 2
    case website = 3
    case postalAddress = 4
    case dataProtectionOfficer = 5

    public static var field: String { "contacts" }
}

/// Why a notice comes after its deadline: 45 CFR 164.412, GDPR 33(1) and 33(4).
public enum NoticeDelay: UInt8, NoticeItem {
    case lawEnforcement = 1
    case factsInPhases = 2
    case addresseesUnknown = 3
    case other = 4

    public static var field: String { "delay" }
}
