import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger
import Terminal

/// `guardian propose`: the new wallet asks for a scope that another phrase opened.
struct ProposeOwnerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "propose",
        abstract: "As the new wallet: write the transaction with which guardians make this phrase the scope's owner.",
        discussion: """
            Example:
              careledger-wallet guardian propose 02ab… --category imaging --transaction-file owner.cbor
              careledger-wallet guardian approve owner.cbor --home guardian-1
              careledger-wallet transaction submit owner.cbor

            The category is this wallet's own name for the scope. After the delay that the patient set: guardian confirm.
            """)

    @Argument(help: "The scope's identifier.") var scope: ScopeID
    @Option(help: ArgumentHelp("What this wallet calls it.", valueName: "name")) var category: String
    @Option(help: ArgumentHelp("The file to write.", valueName: "file")) var transactionFile: String
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.withSession { session in
            let keys = try session.adopted(scope, as: category).keys
            let transaction = try await ConsentKeeper(session.ledger, home: session.home).prepareAdoption(keys)
            _ = try TransactionFile(writing: transaction, to: transactionFile)
            options.printing.show([
                Field("file", .string(transactionFile)), Field("scope", text: scope),
                Field("owner", text: KeyID(keys.signing.publicKey)),
            ])
        }
    }
}

/// `guardian approve`: a guardian signs.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "As a guardian: sign the proposal of a new owner with one of this home's guardian keys.",
        discussion: """
            Example:
              careledger-wallet guardian approve owner.cbor --number 3 --home guardian-1

            Make sure by other means that the person is who they say they are.
            """)

    @Argument(help: "The file.") var file: String
    @Option(help: ArgumentHelp("Which of this home's 256 guardian keys.", valueName: "n")) var number: UInt64 = 0
    @OptionGroup var options: HomeOptions

    func validate() throws {
        guard Identity.guardianNumbers.contains(number) else { throw ValidationError("--number must be 0 to 255") }
    }

    func run() async throws {
        let identity = try options.openKeystore().identity
        let genesis = try options.home.loadGenesis()
        var travelling = try TransactionFile(reading: file)
        try travelling.require(genesis.chain)
        let isProposal = travelling.transaction.operations.allSatisfy { operation in
            if case .proposeOwner = operation { true } else { false }
        }
        guard isProposal else {
            throw ProgramFailure("\(file) does something else than propose an owner: transaction show", code: .usage)
        }
        Announcement(SummaryNames(genesis, identity)).announce(travelling.transaction.body)
        try travelling.sign(with: [identity.guardianKey(number)], on: genesis.chain)
        options.printing.show([
            Field("file", .string(file)), Field("transaction", text: travelling.transaction.id),
            Field("signers", .number(UInt64(travelling.transaction.signers.count))),
        ])
    }
}

/// `guardian confirm`: the new wallet takes over.
struct ConfirmOwnerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: "As the new wallet: take over the scope once the time to object has passed, and give it new keys.",
        discussion: """
            Example:
              careledger-wallet guardian confirm 02ab… --category imaging

            From the next block on this wallet's key signs for the scope. Documents to come are sealed under keys of this \
            phrase; authors and grants are to be given anew. What was sealed before: guardian recover.
            """)

    @Argument(help: "The scope's identifier.") var scope: ScopeID
    @Option(help: ArgumentHelp("What this wallet calls it, as it was proposed.", valueName: "name")) var category:
        String
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.withSession { session in
            let keeper = ConsentKeeper(session.ledger, home: session.home)
            let adopted = try session.adopted(scope, as: category)
            var patient = adopted.patient
            try await keeper.adopt(adopted.keys)
            patient.add(adopted.keys.name)
            session.keystore.identity = .patient(patient)
            try session.keystore.save()
            guard let record = try await keeper.record(of: adopted.keys) else {
                throw ProgramFailure("the scope cannot be read yet: careledger-wallet scope rotate \(category)")
            }
            let next = patient.keys(of: adopted.keys, at: record.epoch + 1)
            try await keeper.rotate(to: next)
            if patient.update(adopted.keys.name, to: next.name.epoch) {
                session.keystore.identity = .patient(patient)
                try session.keystore.save()
            }
            options.printing.show([
                Field("scope", text: scope), Field("category", .string(category)),
                Field("epoch", .number(next.name.epoch)),
            ])
        }
    }
}

/// `guardian recover`: opens what was sealed before.
struct RecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Open documents that were sealed before this wallet owned the scope, with the guardians' shares.",
        discussion: """
            Example:
              careledger-wallet guardian recover imaging --out-directory recovered < shares.txt

            The shares are those of `guardian split --recovery`, one a line. Each access is on record, as everybody's is.
            """)

    @Argument(help: "The scope's category.") var category: String
    @Option(help: ArgumentHelp("Only this document (repeatable); all when left out.", valueName: "document"))
    var document: [DocumentID] = []
    @Option(help: ArgumentHelp("The directory to write to; made if it is not there.", valueName: "dir"))
    var outDirectory: String
    @OptionGroup var secret: SharePassphraseOptions
    @OptionGroup var options: HomeOptions

    func run() async throws {
        let secret = try secret.combineInput()
        try await options.asPatient { session, keys in
            let scope = try session.scope(category, of: keys)
            let keeper = ConsentKeeper(session.ledger, home: session.home)
            let recovery = DocumentRecovery(session.ledger, of: scope, with: secret)
            let commits = try await keeper.events(of: scope).documents.filter { commit in
                document.isEmpty ? commit.epoch < scope.name.epoch : document.contains(commit.document)
            }
            var rows: [[Field]] = []
            for (epoch, commits) in Dictionary(grouping: commits, by: \.epoch).sorted(by: { $0.key < $1.key }) {
                let grant = try await recovery.grant(for: epoch, keeper)
                // Erased ones stay erased.
                var documents: [DocumentID] = []
                for commit in commits {
                    let record = try await session.ledger.document(commit.document, signedBy: scope.signing).record
                    if record.erased == nil { documents.append(commit.document) }
                }
                while !documents.isEmpty {
                    let part = Array(documents.prefix(RequestAccess.maximumDocuments))
                    documents.removeFirst(part.count)
                    let access = try await recovery.request(part, under: grant)
                    for opened in try await recovery.open(access) {
                        rows.append(
                            try await opened.write(
                                to: outDirectory + "/\(opened.id)", access, session, signedBy: scope.signing))
                    }
                }
            }
            options.printing.show(rows: rows, empty: "nothing was sealed before")
        }
    }
}

extension Session {
    /// This patient with keys for a scope that another phrase opened.
    fileprivate func adopted(
        _ scope: ScopeID, as category: String
    ) throws -> (patient: PatientKeys, keys: ScopeKeys) {
        guard case .patient(let patient) = keystore.identity else {
            throw ProgramFailure("this needs a patient's home; \(home.path) holds another identity")
        }
        guard let name = PatientKeys.ScopeName(category: category, adopted: scope) else {
            throw ProgramFailure("“\(category)” is no category: 1 to 64 bytes", code: .usage)
        }
        if patient.scopes.contains(where: { $0.category == category && $0.adopted != scope }) {
            throw ProgramFailure("this wallet has a scope “\(category)” already: choose another name", code: .usage)
        }
        return (patient, patient.keys(of: name))
    }
}
