internal import Codec
internal import Cryptography
internal import Foundation
public import Ledger

/// The genesis as people write it: JSON with everything but the validators, whose cards come from their operators.
///
/// `Genesis/README.md` explains every field.
public struct GenesisDescription: Sendable {
    private let name: String
    private let time: Timestamp
    private let parameters: Genesis.Parameters
    private let organizations: [Genesis.Organization]
    private let auditors: [Genesis.Auditor]

    /// Reads a description.
    ///
    /// - Throws: ``DescriptionFailure`` that names the field.
    public init(json: [UInt8]) throws(DescriptionFailure) {
        let fields = try JSONFields(json)
        name = try fields.text("name")
        time = try fields.time("time")
        parameters = try Self.parameters(fields.objectIfPresent("parameters"))
        organizations = try fields.objects("organizations", Self.organization)
        auditors = try fields.objects("auditors", Self.auditor)
        try fields.finish()
    }

    /// The genesis with these validators, in this order.
    ///
    /// - Throws: ``DescriptionFailure`` when a card names an organisation that is not described, or the whole breaks a
    ///   rule of ``Genesis``.
    public func genesis(validators cards: [ValidatorCard]) throws(DescriptionFailure) -> Genesis {
        var validators: [Genesis.Validator] = []
        for (index, card) in cards.enumerated() {
            guard let organization = organizations.first(where: { $0.name == card.organization }) else {
                throw DescriptionFailure("cards[\(index)].organization", "an organisation of the description")
            }
            validators.append(card.entry(organization: organization.id))
        }
        do throws(GenesisInvalid) {
            return try Genesis(
                name: name, time: time, parameters: parameters, organizations: organizations, validators: validators,
                auditors: auditors)
        } catch {
            throw DescriptionFailure(error.field, error.reason)
        }
    }

    private static func parameters(_ fields: JSONFields?) throws(DescriptionFailure) -> Genesis.Parameters {
        var parameters = Genesis.Parameters()
        guard let fields else { return parameters }
        if let value = try fields.integerIfPresent("transactionWindow") { parameters.transactionWindow = value }
        if let value = try fields.integerIfPresent("accessWindow") { parameters.accessWindow = value }
        if let value = try fields.integerIfPresent("maximumBlockBytes") { parameters.maximumBlockBytes = value }
        if let value = try fields.integerIfPresent("documentCopies") { parameters.documentCopies = value }
        try fields.finish()
        return parameters
    }

    private static func organization(_ fields: JSONFields) throws(DescriptionFailure) -> Genesis.Organization {
        let keys = try fields.publicKeys("signingKeys")
        let roles = try fields.texts("roles").map { (name) throws(DescriptionFailure) -> Role in
            guard let role = Role(name: name) else {
                throw DescriptionFailure(fields.path("roles"), Role.allCases.map(\.name).joined(separator: ", "))
            }
            return role
        }
        let organization = Genesis.Organization(
            name: try fields.text("name"), signingKeys: keys,
            threshold: Int(clamping: try fields.integerIfPresent("threshold") ?? 1),
            receivingKey: try fields.publicKey("receivingKey"), sealingKey: try fields.sealingKey("sealingKey"),
            roles: roles)
        try fields.finish()
        return organization
    }

    private static func auditor(_ fields: JSONFields) throws(DescriptionFailure) -> Genesis.Auditor {
        let auditor = Genesis.Auditor(
            name: try fields.text("name"), key: try fields.publicKey("key"), expires: try fields.time("expires"))
        try fields.finish()
        return auditor
    }
}
