/// A safeguard that a law asks for, what serves it here, and the command with which anybody sees for themselves.
public struct Control: Hashable, Sendable {
    /// The paragraph: `45 CFR 164.312(b)`.
    public let paragraph: String
    /// What it asks for.
    public let requirement: String
    /// What serves it.
    public let mechanism: String
    /// What proves it.
    public let command: String
    /// What of it can be measured; nothing where only reading the code shows it.
    public let checks: [ControlCheck]

    private init(
        _ paragraph: String, _ requirement: String, _ mechanism: String, _ command: String,
        _ checks: [ControlCheck] = []
    ) {
        self.paragraph = paragraph
        self.requirement = requirement
        self.mechanism = mechanism
        self.command = command
        self.checks = checks
    }

    /// 45 CFR 164.312, every standard and every implementation specification.
    public static let hipaa: [Control] = [
        Control(
            "45 CFR 164.312(a)(1)", "Access control",
            "default deny: one table decides who may do and read what, and validators re-encrypt only for final requests",
            "careledger-auditor report access organization ID",
            [.accessesAllowed, .unsignedRefused, .strangerRefused]),
        Control(
            "45 CFR 164.312(a)(2)(i)", "Unique user identification",
            "each member of staff has a registration and a device key of their own",
            "careledger-auditor verify organization ID --with-staff", [.uniqueKeys]),
        Control(
            "45 CFR 164.312(a)(2)(ii)", "Emergency access procedure",
            "break-glass over grants that the patient issued beforehand, declared on the chain and reviewed",
            "careledger-auditor verify organization ID --with-staff", [.emergencyAccess]),
        Control(
            "45 CFR 164.312(a)(2)(iii)", "Automatic logoff",
            "programs keep no session: each command opens the keystore, asks for its passphrase, and forgets it",
            "careledger-wallet whoami"),
        Control(
            "45 CFR 164.312(a)(2)(iv)", "Encryption and decryption",
            "documents are sealed with AES-256-GCM before they leave the client, under keys that no node has",
            "careledger-wallet document show ID", [.documentsSealed]),
        Control(
            "45 CFR 164.312(b)", "Audit controls",
            "each request, allowed or refused, is a transaction; a history's length and head stand in the state root",
            "careledger-auditor verify staff ID", [.completeHistories, .refusalsRecorded]),
        Control(
            "45 CFR 164.312(c)(1)", "Integrity",
            "documents are named by their hash, blocks are signed by a quorum, databases are derived again from blocks",
            "careledger-validator check --home DIR", [.nodesAgree, .completeHistories]),
        Control(
            "45 CFR 164.312(c)(2)", "Mechanism to authenticate electronic protected health information",
            "each segment has an authentication tag, the manifest a MAC, and the chain the key's commitment",
            "careledger-wallet document get ID", [.documentsSealed]),
        Control(
            "45 CFR 164.312(d)", "Person or entity authentication",
            "device signatures, and the organisation's own with them where the registration asks for it",
            "careledger-auditor verify organization ID --with-staff", [.secondSignature, .registrationsEnd]),
        Control(
            "45 CFR 164.312(e)(1)", "Transmission security",
            "TLS 1.3 alone, both sides known by certificates of the genesis file; requests are signed, each once",
            "careledger-auditor report controls", [.pinnedTransport]),
        Control(
            "45 CFR 164.312(e)(2)(i)", "Integrity controls",
            "transactions and answers carry signatures and proofs that do not depend on the connection",
            "careledger-auditor follow --count 1", [.nodesAgree]),
        Control(
            "45 CFR 164.312(e)(2)(ii)", "Encryption",
            "TLS 1.3 with hybrid X25519 and ML-KEM-768, around documents that are sealed already",
            "careledger-auditor report controls", [.pinnedTransport, .documentsSealed]),
    ]

    /// Articles 25 and 32 of Regulation (EU) 2016/679.
    public static let gdpr: [Control] = [
        Control(
            "GDPR Art. 25(1)", "Data protection by design",
            "the chain holds commitments, pseudonyms and padded sizes; the category of a scope stays in the wallet",
            "careledger-auditor verify scope ID", [.documentsSealed]),
        Control(
            "GDPR Art. 25(2)", "Data protection by default",
            "nobody may open anything before the patient's own key has granted it, for a purpose and a time",
            "careledger-auditor report disclosures ID", [.accessesAllowed, .strangerRefused]),
        Control(
            "GDPR Art. 32(1)(a)", "Pseudonymisation and encryption",
            "scopes are unlinkable keys, staff are pseudonyms, documents are sealed in the client",
            "careledger-auditor verify organization ID --with-staff", [.documentsSealed, .pinnedTransport]),
        Control(
            "GDPR Art. 32(1)(b)", "Confidentiality, integrity, availability and resilience",
            "a third of the validators may fail or lie; documents are kept by several nodes",
            "careledger-validator status", [.quorumReady, .nodesAgree, .recentBlock]),
        Control(
            "GDPR Art. 32(1)(c)", "Restoring availability and access in time",
            "a node that was down catches up from the others; a phrase restores a patient's keys",
            "careledger-validator status", [.quorumReady]),
        Control(
            "GDPR Art. 32(1)(d)", "Regular testing, assessing and evaluating",
            "an independent watcher checks each block; this report measures again whenever it is made",
            "careledger-auditor follow", [.recentBlock, .completeHistories]),
        Control(
            "GDPR Art. 32(4)", "Persons act only on instructions",
            "each access names its purpose, and the ledger refuses one that the grant does not allow",
            "careledger-auditor report access organization ID", [.accessesAllowed, .refusalsRecorded]),
    ]

    /// All of them.
    public static let all = hipaa + gdpr
}
