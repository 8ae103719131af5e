internal import Cryptography
public import Ledger

// What travels between organisations before a change is proposed: one line of text each.
extension Genesis.Organization: ArmoredText {
    /// What its line begins with.
    public static var kind: String { "organization" }
}

extension ValidatorCandidate: ArmoredText {
    /// What its line begins with.
    public static var kind: String { "candidate" }
}

extension OrganizationKeys {
    /// The entry with which the consortium would admit the organisation.
    ///
    /// - Parameter threshold: How many of its keys must sign.
    public func entry(name: String, threshold: Int, roles: [Role]) -> Genesis.Organization {
        Genesis.Organization(
            name: name, signingKeys: signing.map(\.publicKey), threshold: threshold,
            receivingKey: receiving.publicKey, sealingKey: sealing.publicKey, roles: roles)
    }
}
