public import Codec

/// Why a document is erased: a byte on the wire.
public enum ErasureBasis: UInt8, CaseIterable, Hashable, Sendable {
    /// The patient wants it (GDPR article 17(1)(b)): the scope key signs, and nobody else may say so.
    case patientWish = 1
    /// It is no longer needed for what it was written for (article 17(1)(a)).
    case notNecessary = 2
    /// The patient objected and nothing outweighs it (article 17(1)(c)).
    case objection = 3
    /// It should never have been processed (article 17(1)(d)).
    case unlawful = 4
    /// A law demands it (article 17(1)(e)).
    case legalObligation = 5
    /// It is not this patient's (article 16).
    case misfiled = 6

    /// The name on the command line.
    public var name: String {
        switch self {
        case .patientWish: "patient-wish"
        case .notNecessary: "not-necessary"
        case .objection: "objection"
        case .unlawful: "unlawful"
        case .legalObligation: "legal-obligation"
        case .misfiled: "misfiled"
        }
    }

    /// The basis of that name.
    public init?(name: String) {
        guard let basis = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = basis
    }
}

extension ErasureBasis: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let basis = ErasureBasis(rawValue: UInt8(try reader.readInt(max: 255))) else {
            throw .invalid(field: "legal basis")
        }
        self = basis
    }

    public func encode(to writer: inout CBORWriter) { writer.write(UInt64(rawValue)) }
}

/// Erases a document: nobody gets at it from the next block on, and every custodian deletes what it holds. Signed by the
/// scope key, or on another legal basis by the device of a privacy officer of the author organisation, and by the
/// organisation where their registration asks for it.
///
/// `[14, document, legal basis, privacy officer or null]`
public struct EraseDocument: Hashable, Sendable {
    /// What is erased.
    public var document: DocumentID
    /// Why.
    public var basis: ErasureBasis
    /// Who decided; nobody where the patient did.
    public var officer: StaffID?

    /// What a patient erases.
    public init(document: DocumentID) {
        self.document = document
        basis = .patientWish
        officer = nil
    }

    /// What a privacy officer erases.
    public init(document: DocumentID, basis: ErasureBasis, officer: StaffID) {
        self.document = document
        self.basis = basis
        self.officer = officer
    }
}

extension EraseDocument: OperationContent {
    var code: Operation.Code { .eraseDocument }
    static var count: Int { 4 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        document = try reader.read()
        basis = try reader.read()
        officer = try reader.readOptional()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(document)
        writer.write(basis)
        writer.write(optional: officer)
    }
}

/// Says that a validator holds nothing more of an erased document, or of a grant that has ended. Signed by the
/// validator's consensus key.
///
/// `[15, validator, subject, kept]`
public struct ConfirmErasure: Hashable, Sendable {
    /// The most pieces of content that one confirmation counts.
    public static let maximumKept = Int(UInt32.max)

    /// Who has deleted.
    public var validator: ValidatorID
    /// What: a document or a grant.
    public var subject: Subject
    /// Pieces of content that stay because another document names them.
    public var kept: Int

    /// A confirmation.
    ///
    /// - Precondition: The subject is a document or a grant; `kept` has 32 bits.
    public init(validator: ValidatorID, subject: Subject, kept: Int = 0) {
        precondition([.document, .grant].contains(subject.kind), "documents and grants are what is deleted of")
        precondition((0...Self.maximumKept).contains(kept), "a count has 32 bits")
        self.validator = validator
        self.subject = subject
        self.kept = kept
    }
}

extension ConfirmErasure: OperationContent {
    var code: Operation.Code { .confirmErasure }
    static var count: Int { 4 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        validator = try reader.read()
        subject = try reader.read()
        guard [.document, .grant].contains(subject.kind) else { throw .invalid(field: "subject") }
        kept = try reader.readInt(max: Self.maximumKept)
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(validator)
        writer.write(subject)
        writer.write(UInt64(kept))
    }
}
