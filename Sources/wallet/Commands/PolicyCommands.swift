import API
import ArgumentParser
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Terminal

/// `policy`: what an organisation lets its staff do.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Set and show what staff of each role may do, and which gateways co-sign.",
        subcommands: [Set.self, Show.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "As the organisation: set the policy, effective in the next block.",
            discussion: """
                Example:
                  careledger-wallet policy set policy.json --home /srv/desk

                {"roles": [{"role": "clinician", "operations": ["requestAccess", "declareEmergency", "commitDocument"],
                            "purposes": ["TREAT", "ETREAT"], "documentsPerRequest": 10, "documentsPerDay": 100,
                            "kinds": ["record", "share", "message"]}],
                 "cosigners": ["02ab…"]}

                Without kinds a role may write and ask for every kind of document. A role that is not named is bound by the \
                ledger's own rules alone; a policy only narrows them. The keys under cosigners are gateways': each co-signs \
                what staff do and can do nothing else. It replaces the policy before it.
                """)

        @Argument(help: "The policy, JSON.") var file: String
        @OptionGroup var cosigning: CosignOptions
        @OptionGroup var options: HomeOptions

        func run() async throws {
            let described = try PolicyFile(reading: file)
            try await options.asOrganization { session, desk, keys in
                let policy = SetPolicy(
                    organization: desk.organization, roles: described.roles, cosigners: described.cosigners)
                let transaction = try await session.ledger.prepare(
                    [.setPolicy(policy)], signedBy: keys.signing + (try cosigning.keys(options)),
                    validFor: LedgerClient.travellingValidity)
                let isDone = try await cosigning.finish(transaction, session)
                options.printing.show([
                    Field("roles", .array(policy.roles.map { .string($0.role.name) })),
                    Field("cosigners", .array(policy.cosigners.map { .string("\($0)") })),
                    Field("recorded", .bool(isDone)),
                ])
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the organisation's policy, read from its proved history.",
            discussion: """
                Example:
                  careledger-wallet policy show --home /srv/desk
                """)

        @OptionGroup var options: HomeOptions

        func run() async throws {
            try await options.asResponsible { session, actor in
                let events = try await session.ledger.events(
                    of: .organization(actor.organization), signedBy: try session.requestKey())
                var policy: SetPolicy?
                for event in events where event.isApplied {
                    if case .setPolicy(let operation) = event.operation { policy = operation }
                }
                options.printing.show(
                    rows: (policy?.roles ?? []).map { role in
                        [
                            Field("role", .string(role.role.name)),
                            Field("operations", .array(role.permitted.map { .string("\($0)") })),
                            Field("purposes", .array(role.purposes.map { .string($0.code) })),
                            Field("documentsPerRequest", .number(UInt64(role.documentsPerRequest))),
                            Field("documentsPerDay", .number(UInt64(role.documentsPerDay))),
                            Field("kinds", .array((role.kinds ?? DocumentKind.allCases).map { .string("\($0)") })),
                        ]
                    }, empty: "no role is narrowed")
            }
        }
    }
}

/// A policy as a person writes it.
private struct PolicyFile {
    private struct Description: Decodable {
        struct Role: Decodable {
            var role: String
            var operations: [String]
            var purposes: [String]
            var documentsPerRequest: Int?
            var documentsPerDay: Int?
            var kinds: [String]?
        }

        var roles: [Role]
        var cosigners: [String]?
    }

    var roles: [RolePolicy] = []
    var cosigners: [KeyID] = []

    init(reading path: String) throws {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 1 << 20,
            let description = try? JSONDecoder().decode(Description.self, from: data)
        else { throw ProgramFailure("\(path) is no policy: see policy set --help", code: .usage) }
        for entry in description.roles { roles.append(try Self.policy(entry)) }
        guard Swift.Set(roles.map(\.role)).count == roles.count else {
            throw ProgramFailure("a role stands there twice", code: .usage)
        }
        for text in description.cosigners ?? [] {
            guard let bytes = [UInt8](hex: text), let key = KeyID(bytes) else {
                throw ProgramFailure("cosigners: “\(text)” is no key of 66 hexadecimal digits", code: .usage)
            }
            cosigners.append(key)
        }
        guard cosigners.count <= SetPolicy.maximumCosigners else {
            throw ProgramFailure("at most \(SetPolicy.maximumCosigners) keys co-sign", code: .usage)
        }
    }

    private static func policy(_ entry: Description.Role) throws -> RolePolicy {
        guard let role = Ledger.Role(name: entry.role) else {
            throw ProgramFailure("“\(entry.role)” is no role", code: .usage)
        }
        let operations = try entry.operations.map { name in
            guard let code = RolePolicy.operations.first(where: { "\($0)" == name }) else {
                throw ProgramFailure("\(entry.role): “\(name)” is no operation of staff", code: .usage)
            }
            return code
        }
        let purposes = try entry.purposes.map { code in
            guard let purpose = Purpose(rawValue: code) else {
                throw ProgramFailure("\(entry.role): “\(code)” is no purpose of use", code: .usage)
            }
            return purpose
        }
        let kinds = try entry.kinds?.map { name in
            guard let kind = DocumentKind.allCases.first(where: { "\($0)" == name }) else {
                throw ProgramFailure("\(entry.role): “\(name)” is no kind of document", code: .usage)
            }
            return kind
        }
        let atOnce = entry.documentsPerRequest ?? RequestAccess.maximumDocuments
        let daily = entry.documentsPerDay ?? GrantConsent.maximumDocumentsPerDay
        guard (1...RequestAccess.maximumDocuments).contains(atOnce),
            (1...GrantConsent.maximumDocumentsPerDay).contains(daily), Swift.Set(operations).count == operations.count,
            Swift.Set(kinds ?? []).count == kinds?.count ?? 0
        else { throw ProgramFailure("\(entry.role): a limit, or something that stands there twice", code: .usage) }
        return RolePolicy(
            role: role, permitted: operations, purposes: purposes, documentsPerRequest: atOnce, documentsPerDay: daily,
            kinds: kinds)
    }
}
