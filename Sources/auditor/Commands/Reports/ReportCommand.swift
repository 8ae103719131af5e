import ArgumentParser

/// `report`: what the law wants listed.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Reports that the law asks for, made of proved histories.",
        discussion: """
            Each report is made of proofs that nodes give, or of the same proofs in a file: with --evidence and --genesis \
            it needs no node, no key and no home, and comes out the same. --save keeps the file that it was made of.
            """,
        subcommands: [DisclosuresCommand.self, AccessReportCommand.self, ControlsCommand.self, ErasuresCommand.self])
}
