import Foundation
import Synchronization

/// A patient, two clinicians and a document that one of them opens again and again, with the programs that people use.
final class Story: Sendable {
    let document: String
    private let grant: String
    private let directory: String
    private let programs: String
    private let file: String
    private let counts = Mutex((opened: 0, failed: 0))

    /// Sets the story up on a network that works.
    init(_ consortium: Consortium) throws {
        directory = consortium.directory
        programs = consortium.programs
        file = directory + "/scan"
        let wallet = Tool(programs + "/careledger-wallet")
        let genesis = directory + "/genesis.cbor"
        let path = directory
        func run(_ home: String, _ arguments: [String]) throws -> Tool.Run {
            try wallet.run(arguments + ["--home", "\(path)/\(home)", "--output", "json"])
        }
        var staff: [String] = []
        for (index, name) in ["author", "reader"].enumerated() {
            _ = try run(name, ["init", "--staff", "--genesis", genesis])
            let registered = try run(
                "organizations/hospital-\(index)",
                [
                    "staff", "register", "--card", try run(name, ["whoami"]).field("card"), "--role", "clinician",
                    "--pseudonym", name, "--number", name,
                ])
            staff.append(try registered.field("staff"))
        }
        _ = try run("patient", ["init", "--genesis", genesis])
        let desk = ["--cosign", path + "/organizations/hospital-0"]
        let scope = try run("patient", ["scope", "open", "imaging", "--sponsor", "hospital-0"] + desk).field("scope")
        _ = try run("patient", ["author", "authorize", "imaging", "hospital-0"])
        try Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }).write(
            to: URL(filePath: file))
        document = try run("author", ["document", "add", file, "--scope", scope] + desk).field("document")
        let grants = ["grant", "create", "imaging", "--to", staff[1], "--purpose", "TREAT", "--days", "30"]
        grant = try run("patient", grants).field("grant")
    }

    /// How often the document was opened, and how often that failed.
    var figures: (opened: Int, failed: Int) { counts.withLock { $0 } }

    /// Opens the document, in a thread that may wait.
    ///
    /// - Returns: Why it could not be opened; nothing when it was.
    func open() async throws -> String? {
        try await aside { [self] in
            let out = directory + "/opened"
            defer { unlink(out) }
            let run = try Tool(programs + "/careledger-wallet").attempt(
                [
                    "access", "open", document, "--grant", grant, "--purpose", "TREAT", "--out", out,
                    "--home", directory + "/reader", "--cosign", directory + "/organizations/hospital-1",
                ], seconds: 90)
            // What is opened is the document, whatever happens meanwhile.
            if run.code == 0, !FileManager.default.contentsEqual(atPath: file, andPath: out) {
                throw SystemFailure(description: "another document than the one that was stored was opened")
            }
            if run.code != 0 { say("not opened: \(run.code): \(run.errors.trimmingCharacters(in: .newlines))") }
            counts.withLock { if run.code == 0 { $0.opened += 1 } else { $0.failed += 1 } }
            return run.code == 0 ? nil : "\(run.code): \(run.errors)"
        }
    }

    /// Has an auditor export the evidence of who opened the document, and judge the history.
    ///
    /// - Returns: How many accesses the evidence shows.
    func exportEvidence() async throws -> Int {
        try await aside { [self] in
            let auditor = Tool(programs + "/careledger-auditor")
            let home = ["--home", directory + "/auditor"]
            try auditor.run(["export", "document", document, "--out", directory + "/evidence.cbor"] + home)
            let judged = try auditor.run(["verify", "document", document] + home).output
            let line = judged.split(separator: "\n").first { $0.hasPrefix("accesses") }
            return line.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
        }
    }

    /// Checks the evidence with nobody to ask.
    func checkEvidence() throws {
        try Tool(programs + "/careledger-auditor").run([
            "check", directory + "/evidence.cbor", "--genesis", directory + "/genesis.cbor",
        ])
    }

    private func aside<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result(catching: body)) }.start()
        }
    }
}
