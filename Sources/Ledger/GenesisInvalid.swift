/// Why a genesis was refused.
public struct GenesisInvalid: Error, Hashable, Sendable, CustomStringConvertible {
    /// The entry, for instance `validators[2].peerAddress`.
    public let field: String
    /// What is wrong with it.
    public let reason: String

    init(_ field: String, _ reason: String) {
        self.field = field
        self.reason = reason
    }

    public var description: String { "\(field): \(reason)" }
}

extension Genesis {
    func validate() throws(GenesisInvalid) {
        try Self.check(name: name, "name")
        if parameters.transactionWindow == 0 || parameters.accessWindow == 0 {
            throw GenesisInvalid("parameters", "a window has at least one height")
        }
        try validateBounds()
        if parameters.maximumBlockBytes < UInt64(Transaction.maximumBytes) {
            throw GenesisInvalid("parameters.maximumBlockBytes", "a block holds at least one transaction of 256 KiB")
        }
        if organizations.isEmpty || organizations.count > Self.maximumMembers {
            throw GenesisInvalid("organizations", "1 to \(Self.maximumMembers)")
        }
        if validators.isEmpty || validators.count > Self.maximumValidators {
            throw GenesisInvalid("validators", "1 to \(Self.maximumValidators)")
        }
        if auditors.count > Self.maximumMembers { throw GenesisInvalid("auditors", "at most \(Self.maximumMembers)") }
        for (index, organization) in organizations.enumerated() {
            try organization.validate("organizations[\(index)]")
        }
        let known = Set(organizations.map(\.id))
        for (index, validator) in validators.enumerated() {
            try validator.validate("validators[\(index)]", organizations: known)
        }
        for (index, auditor) in auditors.enumerated() { try Self.check(name: auditor.name, "auditors[\(index)].name") }
        try validateUniqueness()
    }

    /// What the encoding can hold: a genesis that is made can be read.
    private func validateBounds() throws(GenesisInvalid) {
        let largest = UInt64(UInt32.max)
        for (name, value, bound) in [
            ("transactionWindow", parameters.transactionWindow, largest),
            ("accessWindow", parameters.accessWindow, largest),
            ("maximumBlockBytes", parameters.maximumBlockBytes, largest),
            ("documentCopies", parameters.documentCopies, UInt64(Self.maximumValidators)),
        ] where value > bound {
            throw GenesisInvalid("parameters.\(name)", "at most \(bound)")
        }
    }

    private func validateUniqueness() throws(GenesisInvalid) {
        if Set(organizations.map(\.name)).count < organizations.count {
            throw GenesisInvalid("organizations", "two have the same name")
        }
        var keys: Set<KeyID> = []
        let all = organizations.flatMap(\.signingKeys) + validators.map(\.consensusKey) + auditors.map(\.key)
        for key in all where !keys.insert(KeyID(key)).inserted {
            throw GenesisInvalid("keys", "\(key) stands twice")
        }
        if Set(validators.map(\.peerAddress)).count < validators.count {
            throw GenesisInvalid("validators", "two have the same peer address")
        }
    }

    static func check(name: String, _ field: String) throws(GenesisInvalid) {
        guard (1...maximumNameLength).contains(name.utf8.count) else {
            throw GenesisInvalid(field, "1 to \(maximumNameLength) bytes")
        }
        if PaymentData.isIn(name) { throw GenesisInvalid(field, "holds a payment card number") }
    }
}

extension Genesis.Organization {
    func validate(_ field: String) throws(GenesisInvalid) {
        try Genesis.check(name: name, "\(field).name")
        guard (1...Genesis.maximumSigningKeys).contains(signingKeys.count) else {
            throw GenesisInvalid("\(field).signingKeys", "1 to \(Genesis.maximumSigningKeys)")
        }
        guard (1...signingKeys.count).contains(threshold) else {
            throw GenesisInvalid("\(field).threshold", "1 to the number of signing keys")
        }
        if roles.isEmpty { throw GenesisInvalid("\(field).roles", "at least one") }
    }
}

extension Genesis.Validator {
    func validate(_ field: String, organizations: Set<OrganizationID>) throws(GenesisInvalid) {
        guard organizations.contains(organization) else {
            throw GenesisInvalid("\(field).organization", "not one of the organisations")
        }
        guard (1...Self.maximumCertificateLength).contains(certificate.count) else {
            throw GenesisInvalid("\(field).certificate", "1 to \(Self.maximumCertificateLength) bytes of DER")
        }
        for (value, name) in [(peerAddress, "peerAddress"), (apiURL, "apiURL")]
        where !(1...Genesis.maximumAddressLength).contains(value.utf8.count) {
            throw GenesisInvalid("\(field).\(name)", "1 to \(Genesis.maximumAddressLength) bytes")
        }
        guard apiURL.hasPrefix("https://") else { throw GenesisInvalid("\(field).apiURL", "begins with https://") }
    }
}
