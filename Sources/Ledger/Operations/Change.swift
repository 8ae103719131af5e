public import Codec
public import Cryptography

/// A proposal to change the consortium: the hash of the operation that made it.
public struct ChangeID: DigestIdentifier {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// What the organisations may decide together, at more than two thirds of them: `[kind, field…]`.
///
/// A decoded change is within the bounds that a genesis file has for the same entries; whether it can be made is for the
/// rules to say when it is proposed, and again when it passes.
public enum Change: Hashable, Sendable {
    /// A hospital joins: `[1, organisation entry]`.
    case admitOrganization(Genesis.Organization)
    /// A hospital leaves; its staff, its rights to add documents and its validators go with it: `[2, organisation]`.
    case expelOrganization(OrganizationID)
    /// A validator joins the set: `[3, candidate]`.
    case addValidator(ValidatorCandidate)
    /// A validator leaves the set and may follow; one that follows already stops doing so: `[4, validator]`.
    case removeValidator(ValidatorID)
    /// A validator gets other keys, another certificate or other addresses, in its place: `[5, validator, candidate]`.
    case replaceValidator(ValidatorID, ValidatorCandidate)
    /// Somebody may read everything: `[6, auditor entry]`.
    case appointAuditor(Genesis.Auditor)
    /// Somebody may do so no longer: `[7, auditor]`.
    case dismissAuditor(AuditorID)
    /// A limit that rules follow: `[8, parameter, value]`.
    case setParameter(ChainParameter, UInt64)
    /// Blocks are executed by the next version's rules from a height on; the present version takes a decision that lies
    /// ahead back: `[9, version, height]`.
    case activateVersion(ProtocolActivation)

    /// Who would become a validator.
    public var candidate: ValidatorCandidate? {
        switch self {
        case .addValidator(let candidate), .replaceValidator(_, let candidate): candidate
        default: nil
        }
    }
}

/// A limit of the chain that the organisations can change.
public enum ChainParameter: UInt8, CaseIterable, Hashable, Sendable {
    case transactionWindow = 1
    case accessWindow = 2
    case maximumBlockBytes = 3
    case documentCopies = 4

    /// What it may be set to. A block has to fit into a message between validators.
    public var range: ClosedRange<UInt64> {
        switch self {
        case .transactionWindow, .accessWindow: 1...1_000_000
        case .maximumBlockBytes: UInt64(Transaction.maximumBytes)...(6 << 20)
        case .documentCopies: 0...UInt64(Genesis.maximumValidators)
        }
    }

    /// The name on the command line.
    public var name: String {
        switch self {
        case .transactionWindow: "transaction-window"
        case .accessWindow: "access-window"
        case .maximumBlockBytes: "block-bytes"
        case .documentCopies: "document-copies"
        }
    }

    /// The parameter of that name.
    public init?(name: String) {
        guard let parameter = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = parameter
    }
}

/// Who would become a validator, with the proof that they hold the consensus key: `[validator entry, signature]`.
public struct ValidatorCandidate: Hashable, Sendable {
    /// What the consensus key signs: `[chain, validator entry]`.
    public static let domain = Domain("validator-possession")

    /// The keys, the certificate and the addresses.
    public let entry: Genesis.Validator
    /// The consensus key's signature.
    public let possession: Signature

    /// Signs the entry with its consensus key.
    ///
    /// - Precondition: `key` is the entry's consensus key.
    public init(_ entry: Genesis.Validator, signedBy key: SigningKey, on chain: ChainID) {
        precondition(key.publicKey == entry.consensusKey, "a candidate signs with its consensus key")
        self.entry = entry
        possession = key.sign(Self.message(entry, chain), in: Self.domain)
    }

    /// The validator that it would be.
    public var id: ValidatorID { entry.id }

    /// What has to hold for the candidate to have the key.
    public func check(on chain: ChainID) -> SignatureCheck {
        .signature(
            key: entry.consensusKey, digest: .hash(Self.message(entry, chain), in: Self.domain), possession)
    }

    private static func message(_ entry: Genesis.Validator, _ chain: ChainID) -> [UInt8] {
        var writer = CBORWriter()
        writer.beginArray(2)
        writer.write(chain)
        writer.write(entry)
        return writer.bytes
    }
}

extension ValidatorCandidate: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        entry = try reader.read()
        possession = try reader.read()
        do { try entry.validate("validator", organizations: [entry.organization]) } catch {
            throw .invalid(field: error.field)
        }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(entry)
        writer.write(possession)
    }
}

extension Change: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: 3)
        guard count > 0 else { throw .invalid(field: "change") }
        switch (try reader.readInt(max: 255), count) {
        case (1, 2): self = .admitOrganization(try Self.organization(from: &reader))
        case (2, 2): self = .expelOrganization(try reader.read())
        case (3, 2): self = .addValidator(try reader.read())
        case (4, 2): self = .removeValidator(try reader.read())
        case (5, 3): self = .replaceValidator(try reader.read(), try reader.read())
        case (6, 2): self = .appointAuditor(try Self.auditor(from: &reader))
        case (7, 2): self = .dismissAuditor(try reader.read())
        case (8, 3):
            guard let parameter = ChainParameter(rawValue: UInt8(try reader.readInt(max: 255))) else {
                throw .invalid(field: "parameter")
            }
            self = .setParameter(parameter, try reader.readUnsigned())
        case (9, 3): self = .activateVersion(ProtocolActivation(version: try reader.read(), height: try reader.read()))
        default: throw .invalid(field: "change")
        }
    }

    private static func organization(
        from reader: inout CBORReader
    ) throws(DecodingFailure) -> Genesis.Organization {
        let entry: Genesis.Organization = try reader.read()
        do { try entry.validate("organization") } catch { throw .invalid(field: error.field) }
        guard Set(entry.signingKeys).count == entry.signingKeys.count else {
            throw .invalid(field: "organization.signingKeys")
        }
        return entry
    }

    private static func auditor(from reader: inout CBORReader) throws(DecodingFailure) -> Genesis.Auditor {
        let entry: Genesis.Auditor = try reader.read()
        do { try Genesis.check(name: entry.name, "auditor.name") } catch { throw .invalid(field: error.field) }
        return entry
    }

    public func encode(to writer: inout CBORWriter) {
        let (kind, count): (UInt64, Int) =
            switch self {
            case .admitOrganization: (1, 2)
            case .expelOrganization: (2, 2)
            case .addValidator: (3, 2)
            case .removeValidator: (4, 2)
            case .replaceValidator: (5, 3)
            case .appointAuditor: (6, 2)
            case .dismissAuditor: (7, 2)
            case .setParameter: (8, 3)
            case .activateVersion: (9, 3)
            }
        writer.beginArray(count)
        writer.write(kind)
        switch self {
        case .admitOrganization(let entry): writer.write(entry)
        case .expelOrganization(let id): writer.write(id)
        case .addValidator(let candidate): writer.write(candidate)
        case .removeValidator(let id): writer.write(id)
        case .replaceValidator(let id, let candidate):
            writer.write(id)
            writer.write(candidate)
        case .appointAuditor(let entry): writer.write(entry)
        case .dismissAuditor(let id): writer.write(id)
        case .setParameter(let parameter, let value):
            writer.write(UInt64(parameter.rawValue))
            writer.write(value)
        case .activateVersion(let activation):
            writer.write(activation.version)
            writer.write(activation.height)
        }
    }
}
