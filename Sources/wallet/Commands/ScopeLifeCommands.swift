import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// `scope rotate`.
struct RotateScopeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Replace a scope's keys; authors and active grants are renewed in the same go.",
        discussion: """
            Examples:
              careledger-wallet scope rotate imaging
              careledger-wallet scope rotate imaging --resume

            Authors get a new card; the old one no longer lets them write. Grants open the documents of the keys that they \
            were given with, until they end: those that can be used now are given anew for the documents to come. After an \
            interruption, --resume renews what is left without replacing the keys again.
            """)

    @Argument(help: "The scope's category.") var category: String
    @Flag(help: "Only renew what an interrupted rotation has left.") var resume = false
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.asPatient { session, keys in
            var keys = keys
            var scope = try session.scope(category, of: keys)
            let keeper = ConsentKeeper(session.ledger, home: session.home)
            if !resume {
                let next = keys.keys(of: scope, at: scope.name.epoch + 1)
                try await keeper.rotate(to: next)
                // Should this not be written, the chain says which epoch it is the next time.
                if keys.update(scope.name, to: next.name.epoch) {
                    session.keystore.identity = .patient(keys)
                    try session.keystore.save()
                }
                scope = next
            }
            let renewal: ScopeRenewal
            do { renewal = try await keeper.renew(scope, now: Moment.now) } catch {
                Program.note(
                    "The keys are replaced. To renew the rest: careledger-wallet scope rotate \(category) --resume")
                throw error
            }
            options.printing.show([
                Field("scope", text: scope.id), Field("epoch", .number(scope.name.epoch)),
                Field("authors", .array(renewal.authors.map { .string(session.name(of: $0)) })),
                Field("grants", .array(renewal.grants.map { .string("\($0.new.grant)") })),
                Field("replaced", .array(renewal.grants.map { .string("\($0.old)") })),
                Field("left", .array(renewal.left.map { .string("\($0)") })),
            ])
        }
    }
}

/// `scope close`.
struct CloseScopeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close",
        abstract: "Close a scope for good: no more documents, authors, grants or accesses.",
        discussion: """
            Example:
              careledger-wallet scope close imaging

            You can still open what is in it. Nothing opens a scope again.
            """)

    @Argument(help: "The scope's category.") var category: String
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.asPatient { session, keys in
            let scope = try session.scope(category, of: keys)
            let proof = try await ConsentKeeper(session.ledger, home: session.home).close(scope)
            options.printing.show([
                Field("scope", text: scope.id), Field("closed", .number(proof.finality.header.height.rawValue)),
            ])
        }
    }
}

extension Session {
    /// Learns from the chain which epoch each scope is in: another home of the same phrase may have replaced keys.
    mutating func followEpochs() async throws {
        guard case .patient(var keys) = keystore.identity else { return }
        let keeper = ConsentKeeper(ledger, home: home)
        var isNew = false
        for scope in keys.allKeys {
            guard let record = try await keeper.record(of: scope) else { continue }
            if keys.update(scope.name, to: record.epoch) { isNew = true }
        }
        guard isNew else { return }
        keystore.identity = .patient(keys)
        try keystore.save()
    }
}
