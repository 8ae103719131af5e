import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// `document export-all`.
struct ExportAllCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-all",
        abstract: "As a patient: take all own documents out, with where they come from and the proof of what happened.",
        discussion: """
            Example:
              careledger-wallet document export-all --out my-records

            A directory for each category holds the originals as you get them from document get, a FHIR R4 Provenance for \
            each, and an evidence file that careledger-auditor check reads. Run again after an interruption, it goes on. \
            The files are not sealed any more: keep them safe.
            """)

    @Option(help: ArgumentHelp("The directory to write.", valueName: "dir")) var out: String
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.asPatient { session, keys in
            let keeper = ConsentKeeper(session.ledger, home: session.home)
            let bar = session.progressBar("Exporting")
            let exported = try await RecordExport(keeper, into: out).run(keys) { _, transfer in
                bar.update(transfer.completed, of: transfer.total)
            }
            options.printing.show(
                rows: exported.map { document in
                    [
                        Field("document", text: document.document), Field("category", .string(document.category)),
                        Field("title", .string(document.title ?? "erased")), Field("file", .text(document.original)),
                        Field("bytes", .number(document.size)),
                    ]
                }, empty: "no documents")
        }
    }
}
