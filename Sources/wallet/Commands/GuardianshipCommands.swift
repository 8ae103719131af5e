import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Ledger
import Terminal

/// `guardian key`: what a guardian gives the patient.
struct GuardianKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "As a guardian: print a key that a patient can appoint.",
        discussion: """
            Example:
              careledger-wallet guardian key --number 3

            Give each scope a number of its own: the same key at two scopes shows that both are one patient's.
            """)

    @Option(help: ArgumentHelp("Which of this home's 256 guardian keys.", valueName: "n")) var number: UInt64 = 0
    @OptionGroup var options: HomeOptions

    func validate() throws {
        guard Identity.guardianNumbers.contains(number) else { throw ValidationError("--number must be 0 to 255") }
    }

    func run() async throws {
        let key = try options.openKeystore().identity.guardianKey(number)
        options.printing.show([Field("number", .number(number)), Field("key", text: KeyID(key.publicKey))])
    }
}

/// `guardian appoint`.
struct AppointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "appoint",
        abstract: "Name guardians of a scope who together can give it a new owner, and grant recovery.",
        discussion: """
            Examples:
              careledger-wallet guardian appoint imaging --key 02ab… --key 03cd… --key 02ef… --threshold 2
              careledger-wallet guardian appoint imaging --key 02ab… --threshold 1 --delay 30d
              careledger-wallet guardian appoint imaging --nobody

            When enough of them propose another key, you have the delay to object (guardian veto); then that key signs for \
            the scope and yours does not any more. The recovery grant lets the owner open what was sealed before, with the \
            shares of `guardian split --recovery`, on record as every access is. Write the scope's identifier beside the shares.
            """)

    @Argument(help: "The scope's category.") var category: String
    @Option(help: ArgumentHelp("A guardian's key, as `guardian key` prints it (repeatable).", valueName: "key"))
    var key: [String] = []
    @Option(help: ArgumentHelp("How many of them it takes.", valueName: "n")) var threshold: Int?
    @Option(help: ArgumentHelp("How long you may object: 90s, 12h, 3d.", valueName: "time")) var delay: Delay =
        .threeDays
    @Option(help: ArgumentHelp("How many days the recovery grant lasts.", valueName: "n")) var days = 3650
    @Flag(help: "End all guardianship of the scope.") var nobody = false
    @OptionGroup var options: HomeOptions

    func validate() throws {
        guard nobody == key.isEmpty else { throw ValidationError("name guardians with --key, or --nobody") }
        guard key.count <= AppointGuardians.maximumGuardians else { throw ValidationError("at most seven guardians") }
        guard nobody || threshold.map({ (1...key.count).contains($0) }) == true else {
            throw ValidationError("--threshold must be 1 to the number of guardians")
        }
        guard (1...36_500).contains(days) else { throw ValidationError("--days must be 1 to 36500") }
        _ = try keys()
    }

    private func keys() throws -> [PublicKey] {
        let keys = try key.map { text in
            guard let bytes = [UInt8](hex: text), let key = PublicKey(bytes) else {
                throw ValidationError("\(text) is no key: 66 hexadecimal digits")
            }
            return key
        }
        guard Set(keys).count == keys.count else { throw ValidationError("a guardian is named twice") }
        return keys
    }

    func run() async throws {
        let guardians = try keys()
        try await options.asPatient { session, keys in
            let scope = try session.scope(category, of: keys)
            let keeper = ConsentKeeper(session.ledger, home: session.home)
            if nobody {
                try await keeper.dismissGuardians(of: scope)
                options.printing.show([Field("scope", text: scope.id), Field("guardians", .number(0))])
                return
            }
            guard
                let appointment = AppointGuardians(
                    scope: scope.id, guardians: guardians, threshold: threshold ?? 0, delay: delay.milliseconds)
            else { throw ProgramFailure("the delay is a second to 90 days", code: .usage) }
            let now = try await session.ledger.tip().time
            let grant = try await keeper.appoint(
                appointment, of: scope, notBefore: now, notAfter: now.advanced(byDays: days))
            options.printing.show([
                Field("scope", text: scope.id), Field("guardians", .number(UInt64(guardians.count))),
                Field("threshold", .number(UInt64(appointment.threshold))),
                Field("delay", .number(appointment.delay / 1000), shown: "\(appointment.delay / 1000) s"),
                Field("grant", text: grant.grant), Field("held", .number(UInt64(grant.record.acknowledged.count))),
            ])
        }
    }
}

/// A time as people write it.
struct Delay: ExpressibleByArgument {
    let milliseconds: UInt64

    static let threeDays = Delay(milliseconds: 259_200_000)

    private init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    /// `90s`, `15m`, `12h` or `3d`.
    init?(argument: String) {
        let units: [Character: UInt64] = ["s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let last = argument.last, let unit = units[last], let count = UInt64(argument.dropLast()),
            count <= AppointGuardians.delays.upperBound / unit, AppointGuardians.delays.contains(count * unit)
        else { return nil }
        milliseconds = count * unit
    }

    var defaultValueDescription: String { "3d" }
}

/// `guardian status`.
struct GuardianStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show a scope's guardians, and whether they have proposed a new owner.",
        discussion: """
            Example:
              careledger-wallet guardian status imaging
            """)

    @Argument(help: "The scope's category.") var category: String
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.asPatient { session, keys in
            let scope = try session.scope(category, of: keys)
            let status = try await ConsentKeeper(session.ledger, home: session.home).guardians(of: scope)
            let guardians = status.guardianship?.guardians ?? []
            options.printing.show([
                Field("scope", text: scope.id), Field("guardians", .array(guardians.map { .string("\($0)") })),
                Field("threshold", status.guardianship.map { .number(UInt64($0.threshold)) } ?? .null),
                Field("delay", status.guardianship.map { .number($0.delay / 1000) } ?? .null),
                Field("proposed", .text(status.proposal?.owner)), Field("objectUntil", .text(status.proposal?.due)),
                Field("replaced", .number(UInt64(status.replaced))),
            ])
        }
    }
}

/// `guardian veto`.
struct VetoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "veto",
        abstract: "Object to the owner whom guardians have proposed for a scope.",
        discussion: """
            Example:
              careledger-wallet guardian veto imaging
            """)

    @Argument(help: "The scope's category.") var category: String
    @OptionGroup var options: HomeOptions

    func run() async throws {
        try await options.asPatient { session, keys in
            let scope = try session.scope(category, of: keys)
            let proof = try await ConsentKeeper(session.ledger, home: session.home).veto(scope)
            options.printing.show([
                Field("scope", text: scope.id), Field("height", .number(proof.finality.header.height.rawValue)),
            ])
        }
    }
}
