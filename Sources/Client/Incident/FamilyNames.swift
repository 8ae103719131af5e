internal import Foundation
public import Ledger

/// Who is called what, as an organisation knows it. It stays with the organisation: the chain has ``Ledger/NameTag``s.
public struct FamilyNames: Sendable {
    /// The most requests that one transaction states the names of.
    static let requestsAtOnce = StateNames.maximumRequests
    /// Parts of a name of fewer letters are common to too many: "von", "de".
    private static let shortestPart = 4

    private let staff: [StaffID: String]
    private let grants: [GrantID: String]
    private let documents: [DocumentID: String]

    /// - Parameters:
    ///   - staff: Names of those who ask.
    ///   - grants: Names of patients by the grants that they gave.
    ///   - documents: Names of patients by documents that are theirs.
    public init(staff: [StaffID: String], grants: [GrantID: String], documents: [DocumentID: String]) {
        self.staff = staff
        self.grants = grants
        self.documents = documents
    }

    /// Both names of a request as they are compared; nothing where either is unknown.
    func names(of attempt: AccessAttempt) -> (patient: String, staff: String)? {
        let patient = grants[attempt.grant] ?? attempt.documents.lazy.compactMap { documents[$0] }.first
        guard let patient, let asker = staff[attempt.staff] else { return nil }
        return Self.compared(patient, asker)
    }

    /// Two names in the spelling in which they are the same if somebody would call them so: case, accents and whatever is
    /// no letter do not matter, and of a double name one part is enough.
    package static func compared(_ patient: String, _ staff: String) -> (patient: String, staff: String) {
        let (mine, theirs) = (parts(patient), parts(staff))
        let shared = Set(mine).intersection(theirs).filter { $0.count >= shortestPart }.min()
        if let shared { return (shared, shared) }
        return (mine.joined(), theirs.joined())
    }

    private static func parts(_ name: String) -> [String] {
        name.uppercased().lowercased().folding(options: .diacriticInsensitive, locale: nil)
            .split { !$0.isLetter }.map(String.init)
    }
}
