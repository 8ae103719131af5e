internal import Ledger
internal import API
internal import Codec
internal import Cryptography

/// Finds the scopes that a phrase opened, on a machine that knows the phrase alone.
///
/// The chain does not name categories: each guess is a key that follows from the phrase, and the ledger is asked whether
/// that key is a scope. What a scope holds, its documents, authors and grants, stands in its history.
public struct ScopeSearch: Sendable {
    /// Categories that are always tried; one with a name of the patient's own must be given.
    public static let commonCategories = [
        "emergency summary", "general", "summary", "imaging", "laboratory", "medication", "allergies", "vaccination",
        "mental health", "psychotherapy", "reproductive health", "sexual health", "genetics", "oncology", "cardiology",
        "dental", "dermatology", "ophthalmology", "substance use", "surgery", "rehabilitation", "letters", "insurance",
        "research",
    ]
    /// After how many epochs in a row that the chain does not know the search of a category ends.
    private static let maximumGap = 2

    private let consent: ConsentKeeper

    /// Searches on a ledger.
    public init(_ ledger: LedgerClient, home: WalletHome) { consent = ConsentKeeper(ledger, home: home) }

    /// A scope that was found, and what is in it.
    public struct Found: Sendable {
        /// Its keys.
        public let keys: ScopeKeys
        /// The documents that were committed.
        public let documents: Int
        /// The grants that were given.
        public let grants: Int
    }

    /// Tries categories one after the other, each from epoch 0 on.
    ///
    /// - Throws: ``ClientFailure`` when the nodes cannot be asked: a scope that is not found is not on the chain.
    public func find(_ patient: PatientKeys, categories: [String]) async throws -> [Found] {
        var found: [Found] = []
        var tried: Set<String> = []
        for category in categories where tried.insert(category).inserted {
            var (epoch, gap) = (UInt64(0), 0)
            while gap < Self.maximumGap {
                guard let name = PatientKeys.ScopeName(category: category, epoch: epoch) else { break }
                var first = patient.keys(of: name)
                // Guardians may have made this key the owner of a scope that another phrase opened.
                if let adopted = try await consent.scope(ownedBy: first.signing), adopted != first.id,
                    let other = PatientKeys.ScopeName(category: category, epoch: epoch, adopted: adopted)
                {
                    first = patient.keys(of: other)
                }
                if let record = try await consent.record(of: first), record.epoch >= epoch {
                    // Its newest epoch is what the chain says; another scope of the category begins after it.
                    gap = 0
                    epoch = record.epoch
                    let keys = patient.keys(of: first, at: epoch)
                    let events = try await consent.events(of: keys)
                    found.append(Found(keys: keys, documents: events.documents.count, grants: events.grants.count))
                } else {
                    gap += 1
                }
                epoch += 1
            }
        }
        return found
    }
}
