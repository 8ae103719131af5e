import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Terminal

/// `document export-all`.
struct ExportAllCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-all",
        abstract: "As a patient: take all own documents out, with where they come from and the proof of what happened.",
        discussion: """
            Examples:
              careledger-wallet document export-all --out my-records
              careledger-wallet document export-all --out my-records.tar.age --age age1zvkyg2lqzraa2ln…

            A directory for each category holds the originals as you get them from document get, a FHIR R4 Provenance for \
            each, and an evidence file that careledger-auditor check reads. Run again after an interruption, it goes on. \
            The files are not sealed any more: keep them safe. With --age it is one standard age file, a tar archive inside, \
            which `age --decrypt` opens; the files stand beside it, for you alone, until it is complete.
            """)

    @Option(help: ArgumentHelp("The directory to write; with --age the file.", valueName: "path")) var out: String
    @Option(help: ArgumentHelp("Write one age file for this recipient.", valueName: "recipient"))
    var age: AgeRecipient?
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.asPatient { session, keys in
            let keeper = ConsentKeeper(session.ledger, home: session.home)
            let bar = session.progressBar("Exporting")
            let directory = age == nil ? out : out + ".files"
            let exported = try await RecordExport(keeper, into: directory).run(keys) { _, transfer in
                bar.update(transfer.completed, of: transfer.total)
            }
            if let age { try seal(directory, to: age) }
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

    /// Puts everything into one file, and takes the files away.
    private func seal(_ directory: String, to recipient: AgeRecipient) throws {
        do { try SealedArchive(to: recipient).seal(directory: directory, into: out) } catch SealFailure.unusableKey {
            throw ProgramFailure("nothing can be sealed to this recipient", code: .usage)
        }
        try FileManager.default.removeItem(atPath: directory)
    }
}
