import API
import ArgumentParser
import Client
import Codec
import Ledger
import Terminal

/// `document erase`.
struct EraseDocumentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase a document: nobody opens it any more, and every node deletes what it holds.",
        discussion: """
            Examples:
              careledger-wallet document erase 5f0c…
              careledger-wallet document erase 5f0c… --basis misfiled --home officer --cosign /srv/desk

            As a patient, of an own scope. As a privacy officer, of a document that the organisation wrote, on a legal \
            basis. Who has deleted what: erase status.
            """)

    @Argument(help: "The document's identifier.") var document: DocumentID
    @Option(help: ArgumentHelp("As a privacy officer: the legal basis.", valueName: "basis")) var basis: ErasureBasis?
    @OptionGroup var cosigning: CosignOptions
    @OptionGroup var options: HomeOptions

    func validate() throws {
        if basis == .patientWish {
            throw ValidationError("a patient's own wish is signed by the patient, without --basis")
        }
        if basis == nil, cosigning.transactionFile != nil || !cosigning.cosign.isEmpty {
            throw ValidationError("--cosign and --transaction-file go with --basis")
        }
    }

    func run() async throws {
        if let basis {
            try await options.asStaff { session, keys, _ in
                let transaction = try await AccessKeeper(session.ledger, keys).prepareErasure(
                    of: document, basis: basis, cosignedBy: try cosigning.keys(options))
                let isDone = try await cosigning.finish(transaction, session)
                options.printing.show([Field("document", text: document), Field("erased", .bool(isDone))])
            }
        } else {
            try await options.asPatient { session, keys in
                let scope = try await session.scope(holding: document, of: keys)
                let keeper = ConsentKeeper(session.ledger, home: session.home)
                try await keeper.erase(document, of: scope, sharedInto: keys.allKeys)
                options.printing.show([Field("document", text: document), Field("erased", .bool(true))])
            }
        }
    }
}

/// `erase`: what became of an erasure.
struct EraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "What became of an erasure.", subcommands: [Status.self])

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show which nodes have deleted what they held, and which have not.",
            discussion: """
                Examples:
                  careledger-wallet erase status 5f0c…
                  careledger-wallet erase status --grant 77aa…

                Each node signs that it has deleted. "kept" counts pieces that another document names as well.
                """)

        @Argument(help: "An erased document.") var document: DocumentID?
        @Option(help: ArgumentHelp("A revoked grant instead.", valueName: "grant")) var grant: GrantID?
        @OptionGroup var options: HomeOptions

        func validate() throws {
            guard (document == nil) != (grant == nil) else { throw ValidationError("name a document or a --grant") }
        }

        func run() async throws {
            try await options.withSession { session in
                let subject: Subject
                if let document {
                    subject = .document(document)
                } else if let grant {
                    subject = .grant(grant)
                } else {
                    throw ProgramFailure("name a document or a --grant", code: .usage)
                }
                var key = try session.requestKey()
                if case .patient(let keys) = session.keystore.identity {
                    key = try await session.scope(
                        of: keys,
                        where: { events in
                            events.documents.contains { .document($0.document) == subject }
                                || events.shares.contains { .document($0.document) == subject }
                                || events.grants.contains { .grant($0.grant) == subject }
                        }, called: "\(subject)"
                    ).scope.signing
                }
                let status = try await session.ledger.erasure(of: subject, signedBy: key)
                options.printing.show(
                    rows: status.custodians.filter(\.isConcerned).map { custodian in
                        [
                            Field("validator", text: custodian.validator),
                            Field("organization", .text(custodian.organization.map { session.name(of: $0) })),
                            Field("deleted", .bool(custodian.confirmation != nil)),
                            Field("height", custodian.confirmation.map { .number($0.height.rawValue) } ?? .null),
                            Field("kept", custodian.confirmation.map { .number(UInt64($0.kept)) } ?? .null),
                        ]
                    }, empty: "no node holds anything of it")
                if !status.isErased { Program.note("The chain does not say that \(subject) was erased.") }
            }
        }
    }
}
