import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// `document share`.
struct ShareDocumentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share",
        abstract: "Put one document into a scope of its own, so that it can be granted alone.",
        discussion: """
            Examples:
              careledger-wallet document share 5f0c… --into "knee for Dr Sam" --voucher "$CODE"
              careledger-wallet grant create "knee for Dr Sam" --to 9d41…

            The file itself is not copied. Without --voucher the scope has to be open: scope open. Validators and auditors \
            can see that the two scopes have a document in common.
            """)

    @Argument(help: "The document's identifier.") var document: DocumentID
    @Option(help: ArgumentHelp("The category of the scope, as you call it.", valueName: "category")) var into: String
    @Option(help: ArgumentHelp("A registration desk's code, to open the scope now.", valueName: "code"))
    var voucher: String?
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.asPatient { session, keys in
            var keys = keys
            let keeper = ConsentKeeper(session.ledger, home: session.home)
            let source = try await session.scope(holding: document, of: keys)
            let record = try await session.ledger.document(document, signedBy: source.signing).record
            if let voucher {
                guard let name = PatientKeys.ScopeName(category: into) else {
                    throw ProgramFailure("“\(into)” is no category: 1 to 64 bytes", code: .usage)
                }
                guard let voucher = Voucher(text: voucher) else {
                    throw ProgramFailure("--voucher is not what `enroll issue` prints", code: .usage)
                }
                keys.add(name)
                // Kept before it is on the chain: a scope whose wallet forgot it would be lost.
                session.keystore.identity = .patient(keys)
                try session.keystore.save()
                let scope = keys.keys(of: name)
                if try await keeper.record(of: scope) == nil { try await keeper.open(scope, with: voucher) }
            }
            let target = try session.scope(into, of: keys)
            let share = try await keeper.share(
                document, of: keys.keys(of: source, at: record.epoch), into: target)
            options.printing.show([
                Field("document", text: share), Field("scope", text: target.id), Field("shareOf", text: document),
            ])
        }
    }
}
