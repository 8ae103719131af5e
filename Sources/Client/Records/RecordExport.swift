internal import API
internal import Codec
internal import Cryptography
internal import Foundation
public import Ledger

/// One document of an export: what was written where.
public struct ExportedDocument: Sendable {
    /// The document.
    public let document: DocumentID
    /// The category that it is in.
    public let category: String
    /// Its title; nothing once it is erased.
    public let title: String?
    /// The original, below the directory; nothing once it is erased.
    public let original: String?
    /// Where it comes from, as FHIR Provenance, below the directory.
    public let provenance: String
    /// The proof of its complete history, below the directory.
    public let evidence: String
    /// Bytes of the original.
    public let size: UInt64
}

/// Takes everything that is a patient's out: originals, where they come from, and the proof of what happened to them
/// (GDPR articles 15 and 20).
///
/// A directory for each category, and in it for each document `<document>-<title>`, `<document>.provenance.json` and
/// `<document>.evidence.cbor`; `index.json` lists them. What is there already and complete is not fetched again.
public struct RecordExport: Sendable {
    private let keeper: ConsentKeeper
    private let directory: String

    /// - Parameter directory: Made if it is not there.
    public init(_ keeper: ConsentKeeper, into directory: String) {
        self.keeper = keeper
        self.directory = directory
    }

    /// Exports the documents of all scopes that are on the chain; shares are not repeated.
    ///
    /// - Parameter progress: Told of each document as it begins, and of its bytes.
    public func run(
        _ patient: PatientKeys, progress: (DocumentID, TransferProgress) -> Void = { _, _ in }
    ) async throws -> [ExportedDocument] {
        var exported: [ExportedDocument] = []
        for scope in patient.allKeys where try await keeper.record(of: scope) != nil {
            let folder = Self.fileName(scope.name.category)
            try LocalFile.makeDirectory(directory + "/" + folder)
            for commit in try await keeper.events(of: scope).documents {
                exported.append(
                    try await export(
                        commit.document, of: patient.keys(of: scope, at: commit.epoch), into: folder, progress))
            }
        }
        try write(Self.index(exported).prettyText, to: "index.json")
        return exported
    }

    private func export(
        _ id: DocumentID, of scope: ScopeKeys, into folder: String,
        _ progress: (DocumentID, TransferProgress) -> Void
    ) async throws -> ExportedDocument {
        let ledger = keeper.ledger
        let (record, _) = try await ledger.document(id, signedBy: scope.signing)
        let evidence = try await ledger.evidence(about: .document(id), .anonymous, signedBy: scope.signing)
        let audit = try AccessAudit(evidence, trust: ledger.light.trust)
        guard let transaction = audit.history.events.first?.transaction else {
            throw WalletFailure.unknown("the beginning of document \(id)")
        }
        let records = RecordKeeper(
            home: keeper.home.path,
            transport: NodeContentTransport(ledger.nodes, signedBy: scope.signing, entitlement: .document(id)))
        var metadata: DocumentMetadata?
        var original: String?
        var size: UInt64 = 0
        if record.erased == nil {
            let found = try await records.metadata(of: record, scopeSecret: scope.secret)
            let opened = try await records.open(
                record,
                with: RecordSecrets(keySeed: try scope.delegating.open(record.capsule), scopeSecret: scope.secret))
            let path = "\(folder)/\(id)-\(Self.fileName(found.title))"
            if !Self.isComplete(directory + "/" + path, opened.size) {
                try await opened.download(to: directory + "/" + path) { progress(id, $0) }
            }
            (metadata, original, size) = (found, path, opened.size)
        }
        var author: StaffRecord?
        if let staff = record.staff { author = try await keeper.staff([staff], signedBy: scope.signing)[staff] }
        let organization = record.organization.map { id in
            ledger.genesis.organizations.first { $0.id == id }?.name ?? "\(id)"
        }
        let provenance = Provenance(
            document: id, record: record, metadata: metadata, author: author,
            organization: organization, transaction: transaction)
        let (origin, proof) = ("\(folder)/\(id).provenance.json", "\(folder)/\(id).evidence.cbor")
        try write(provenance.resource.prettyText, to: origin)
        try HomeFiles.replace(directory + "/" + proof, evidence.encoded)
        return ExportedDocument(
            document: id, category: scope.name.category, title: metadata?.title, original: original,
            provenance: origin, evidence: proof, size: size)
    }

    private func write(_ text: String, to path: String) throws {
        try HomeFiles.replace(directory + "/" + path, Array(text.utf8))
    }

    private static func isComplete(_ path: String, _ size: UInt64) -> Bool {
        (try? LocalFile(path, .reading).size()) == size
    }

    private static func index(_ documents: [ExportedDocument]) -> JSONValue {
        .array(
            documents.map { document in
                .object([
                    .init("document", .string("\(document.document)")), .init("category", .string(document.category)),
                    .init("title", .text(document.title)), .init("original", .text(document.original)),
                    .init("provenance", .string(document.provenance)), .init("evidence", .string(document.evidence)),
                    .init("bytes", .number(document.size)),
                ])
            })
    }

    /// A title as part of a file's name: titles come from others, and must lead nowhere else.
    package static func fileName(_ title: String) -> String {
        let safe = title.unicodeScalars.map { scalar -> Character in
            let isSafe =
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || "-_. ".unicodeScalars.contains(scalar)
            return isSafe ? Character(scalar) : "_"
        }
        var name = ""
        for character in safe where name.utf8.count + String(character).utf8.count <= 100 { name.append(character) }
        while name.hasPrefix(".") { name.removeFirst() }
        return name.isEmpty ? "untitled" : name
    }
}
