public import Client
public import Ledger

/// Says before every signature what it allows, to whom and until when.
public struct Announcement: Sendable {
    private let names: SummaryNames

    /// - Parameter names: What the person calls those whom operations name.
    public init(_ names: SummaryNames) { self.names = names }

    /// Prints the three phrases of each operation on standard error.
    @Sendable public func announce(_ body: TransactionBody) {
        for statement in TransactionSummary(body, names: names).statements {
            say(allows: statement.allows, to: statement.to, until: statement.until)
        }
    }

    /// Prints three phrases.
    public func say(allows: String, to: String, until: String) {
        Program.note("You allow:  \(allows)\nTo whom:    \(to)\nUntil when: \(until)")
    }
}
