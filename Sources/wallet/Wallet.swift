import ArgumentParser
import Terminal

/// `careledger-wallet`: one program for patients, staff and organisations; a home holds one identity.
struct Wallet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "careledger-wallet",
        abstract: "Grant, watch and revoke access to health records; commit and open them; register staff.",
        discussion: """
            A home (--home, CARELEDGER_HOME or ~/.careledger) holds one identity: a patient's, made from a phrase, a \
            member of staff's or an organisation's. Before every signature the wallet says what it allows, to whom and \
            until when.

            Exit codes: 0 done, 1 failed, 3 a proof or a verification failed, 4 refused by the ledger, 5 no node \
            reachable, 64 usage.
            """,
        subcommands: [
            InitCommand.self, RestoreCommand.self, WhoamiCommand.self, EnrollCommand.self, StaffCommand.self,
            ScopeCommand.self, AuthorCommand.self, DocumentCommand.self, MessageCommand.self, GrantCommand.self,
            AccessCommand.self,
            TransactionCommand.self, EraseCommand.self, EmergencyCommand.self, IncidentCommand.self, NoticeCommand.self,
            PolicyCommand.self, MisuseCommand.self, GuardianCommand.self,
            ChangeCommand.self,
        ])
}

@main
enum Main {
    static func main() async { await Program.run(Wallet.self) }
}
