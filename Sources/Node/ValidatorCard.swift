internal import Codec
public import Cryptography
internal import Foundation
public import Ledger
internal import P2P

/// What a validator's operator hands to whoever assembles the genesis file: public keys and addresses, as JSON.
public struct ValidatorCard: Hashable, Sendable {
    /// The name of the organisation that runs it, as the genesis will have it.
    public var organization: String
    /// Votes.
    public var consensusKey: PublicKey
    /// DER.
    public var certificate: [UInt8]
    /// X-Wing public key.
    public var sealingKey: SealingPublicKey
    /// `host:port` for other validators.
    public var peerAddress: String
    /// `https://host:port` for clients.
    public var apiURL: String

    /// The card of a node.
    public init(organization: String, keys: NodeKeys, peerAddress: String, apiURL: String) {
        self.organization = organization
        consensusKey = keys.consensus.publicKey
        certificate = keys.tls.certificate
        sealingKey = keys.sealing.publicKey
        self.peerAddress = peerAddress
        self.apiURL = apiURL
    }

    /// The card as JSON: keys in hexadecimal and base 64.
    public var json: String {
        let fields = [
            "organization": organization, "consensusKey": consensusKey.bytes.hex,
            "certificate": Data(certificate).base64EncodedString(),
            "sealingKey": Data(sealingKey.bytes).base64EncodedString(),
            "peerAddress": peerAddress, "apiURL": apiURL,
        ]
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? JSONSerialization.data(withJSONObject: fields, options: options) else {
            preconditionFailure("a dictionary of texts is JSON")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Reads a card.
    ///
    /// - Throws: ``DescriptionFailure`` that names the field.
    public init(json: [UInt8]) throws(DescriptionFailure) {
        let fields = try JSONFields(json)
        organization = try fields.text("organization")
        consensusKey = try fields.publicKey("consensusKey")
        certificate = try fields.base64("certificate")
        guard certificate.count <= Genesis.Validator.maximumCertificateLength else {
            throw DescriptionFailure("certificate", "at most \(Genesis.Validator.maximumCertificateLength) bytes")
        }
        sealingKey = try fields.sealingKey("sealingKey")
        peerAddress = try fields.text("peerAddress")
        apiURL = try fields.text("apiURL")
        try fields.finish()
    }

    /// The candidate with which the organisations add the validator, or replace one by it.
    ///
    /// - Parameters:
    ///   - keys: Whose card this is; the consensus key signs.
    ///   - id: Who runs it; the name on the card does not matter here.
    public func candidate(signedBy keys: NodeKeys, organization id: OrganizationID, on chain: ChainID)
        -> ValidatorCandidate
    {
        ValidatorCandidate(entry(organization: id), signedBy: keys.consensus, on: chain)
    }

    /// The genesis entry.
    func entry(organization id: OrganizationID) -> Genesis.Validator {
        Genesis.Validator(
            organization: id, consensusKey: consensusKey, certificate: certificate, sealingKey: sealingKey,
            peerAddress: peerAddress, apiURL: apiURL)
    }
}
