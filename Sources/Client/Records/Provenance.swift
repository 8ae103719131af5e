public import API
internal import Codec
public import Cryptography
internal import Foundation
public import Ledger

/// Where a document comes from, as a FHIR R4 Provenance resource: who wrote it, when it was put on record, for whom, and
/// the transaction that they signed.
///
/// The resource's id is the document's identifier, 64 hexadecimal digits. The signature is the COSE_Sign envelope of the
/// transaction that put the document on record; `sigFormat` says so.
public struct Provenance: Sendable {
    /// The document.
    public let document: DocumentID
    /// What the chain says of it.
    public let record: DocumentRecord
    /// Its title; nothing once it is erased.
    public let metadata: DocumentMetadata?
    /// Who wrote it, as their employer registered them.
    public let author: StaffRecord?
    /// What people call the author's organisation; nothing for a message of the patient's.
    public let organization: String?
    /// The transaction that put it on record.
    public let transaction: Transaction

    /// Where a document comes from.
    public init(
        document: DocumentID, record: DocumentRecord, metadata: DocumentMetadata?, author: StaffRecord?,
        organization: String?, transaction: Transaction
    ) {
        self.document = document
        self.record = record
        self.metadata = metadata
        self.author = author
        self.organization = organization
        self.transaction = transaction
    }

    /// The resource.
    public var resource: JSONValue {
        var members: [JSONValue.Member] = [
            .init("resourceType", .string("Provenance")), .init("id", .string("\(document)")),
            .init("target", .array([reference("document", "\(document)", metadata?.title)])),
        ]
        if let date = metadata?.date, Self.isDateTime(date) { members.append(.init("occurredDateTime", .string(date))) }
        members += [
            .init("recorded", .string("\(record.time)")),
            .init(
                "activity", Self.coding("http://terminology.hl7.org/CodeSystem/v3-DataOperation", "CREATE", "create")),
            .init("agent", .array([agent])),
        ]
        if let replaced = record.replaces {
            members.append(
                .init(
                    "entity",
                    .array([
                        .object([
                            .init("role", .string("revision")),
                            .init("what", reference("document", "\(replaced)", nil)),
                        ])
                    ])))
        }
        members.append(.init("signature", .array([signature])))
        return .object(members)
    }

    /// A message of the patient's is by whoever has the scope's key.
    private var who: JSONValue {
        record.staff.map { reference("staff", "\($0)", author?.pseudonym) }
            ?? reference("scope", "\(record.scope)", "the patient")
    }

    private var agent: JSONValue {
        var members: [JSONValue.Member] = [
            .init(
                "type",
                Self.coding(
                    "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author", "Author")),
            .init("who", who),
        ]
        if let id = record.organization {
            members.append(.init("onBehalfOf", reference("organization", "\(id)", organization)))
        }
        return .object(members)
    }

    private var signature: JSONValue {
        .object([
            .init(
                "type",
                .array([
                    .object([
                        .init("system", .string("urn:iso-astm:E1762-95:2013")),
                        .init("code", .string("1.2.840.10065.1.12.1.1")),
                        .init("display", .string("Author's Signature")),
                    ])
                ])),
            .init("when", .string("\(record.time)")), .init("who", who),
            .init("sigFormat", .string("application/cose")),
            .init("data", .string(Data(transaction.bytes).base64EncodedString())),
        ])
    }

    /// A logical reference: what is meant is on the ledger, not on a FHIR server.
    private func reference(_ kind: String, _ value: String, _ display: String?) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(
                "identifier",
                .object([.init("system", .string("urn:careledger:\(kind)")), .init("value", .string(value))]))
        ]
        if let display, !display.isEmpty { members.append(.init("display", .string(display))) }
        return .object(members)
    }

    private static func coding(_ system: String, _ code: String, _ display: String) -> JSONValue {
        .object([
            .init(
                "coding",
                .array([
                    .object([
                        .init("system", .string(system)), .init("code", .string(code)),
                        .init("display", .string(display)),
                    ])
                ]))
        ])
    }

    /// Whether FHIR takes the text as `dateTime`: a year, a month, a day, or a time with a zone.
    private static func isDateTime(_ text: String) -> Bool {
        let form = #/\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?/#
        return text.wholeMatch(of: form) != nil
    }
}
