public import Codec
public import Cryptography

extension Genesis {
    static let maximumNameLength = 128
    static let maximumAddressLength = 256
    static let maximumSigningKeys = 8

    /// The limits that rules follow: `[transaction window, access window, block bytes, document copies]`.
    public struct Parameters: Hashable, Sendable {
        /// How many heights above the tip a transaction may be valid.
        public var transactionWindow: UInt64
        /// How many heights a request for access may live.
        public var accessWindow: UInt64
        /// The most bytes of a block's transactions.
        public var maximumBlockBytes: UInt64
        /// How many nodes keep a document; 0 stands for f + 1.
        public var documentCopies: UInt64

        /// Limits; the defaults are the design's.
        public init(
            transactionWindow: UInt64 = 10_000, accessWindow: UInt64 = 100, maximumBlockBytes: UInt64 = 4 << 20,
            documentCopies: UInt64 = 0
        ) {
            self.transactionWindow = transactionWindow
            self.accessWindow = accessWindow
            self.maximumBlockBytes = maximumBlockBytes
            self.documentCopies = documentCopies
        }
    }

    /// A founding hospital: `[name, [signing key…], threshold, receiving key, sealing key, [role…]]`.
    public struct Organization: Hashable, Sendable {
        static let domain = Domain("organization")

        /// What people call it: 1 to 128 bytes of UTF-8, unique.
        public var name: String
        /// The keys that sign for it: 1 to 8.
        public var signingKeys: [PublicKey]
        /// How many of them must sign.
        public var threshold: Int
        /// Receives re-encryptions that are granted to the organisation.
        public var receivingKey: PublicKey
        /// X-Wing public key that scope cards are sealed to.
        public var sealingKey: SealingPublicKey
        /// The roles that it may appoint, ascending.
        public var roles: [Role]

        /// A founding hospital.
        public init(
            name: String, signingKeys: [PublicKey], threshold: Int, receivingKey: PublicKey,
            sealingKey: SealingPublicKey, roles: [Role]
        ) {
            self.name = name
            self.signingKeys = signingKeys
            self.threshold = threshold
            self.receivingKey = receivingKey
            self.sealingKey = sealingKey
            self.roles = roles.ascending
        }

        /// The hash of the entry.
        public var id: OrganizationID { OrganizationID(.hash(encoded, in: Self.domain)) }
    }

    /// A validator: `[organisation, consensus key, TLS certificate, sealing key, peer address, API URL]`.
    public struct Validator: Hashable, Sendable {
        /// The most bytes of a certificate.
        public static let maximumCertificateLength = 1024

        /// Who runs it.
        public var organization: OrganizationID
        /// Votes.
        public var consensusKey: PublicKey
        /// Self-signed certificate in DER, at most 1 KiB, that peers and clients pin.
        public var certificate: [UInt8]
        /// X-Wing public key that fragments are sealed to.
        public var sealingKey: SealingPublicKey
        /// Where other validators reach it: `host:port`.
        public var peerAddress: String
        /// Where clients reach it: `https://host:port`.
        public var apiURL: String

        /// A validator.
        public init(
            organization: OrganizationID, consensusKey: PublicKey, certificate: [UInt8], sealingKey: SealingPublicKey,
            peerAddress: String, apiURL: String
        ) {
            self.organization = organization
            self.consensusKey = consensusKey
            self.certificate = certificate
            self.sealingKey = sealingKey
            self.peerAddress = peerAddress
            self.apiURL = apiURL
        }

        /// The hash of the consensus key.
        public var id: ValidatorID { ValidatorID(consensusKey: consensusKey) }
    }

    /// An auditor: `[name, key, expires]`.
    public struct Auditor: Hashable, Sendable {
        static let domain = Domain("auditor")

        /// What people call them: 1 to 128 bytes of UTF-8.
        public var name: String
        /// Signs their requests.
        public var key: PublicKey
        /// The last moment of the appointment.
        public var expires: Timestamp

        /// An auditor.
        public init(name: String, key: PublicKey, expires: Timestamp) {
            self.name = name
            self.key = key
            self.expires = expires
        }

        /// The hash of the entry.
        public var id: AuditorID { AuditorID(.hash(encoded, in: Self.domain)) }
    }
}

extension Genesis.Parameters: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        transactionWindow = try reader.readUnsigned(max: UInt64(UInt32.max))
        accessWindow = try reader.readUnsigned(max: UInt64(UInt32.max))
        maximumBlockBytes = try reader.readUnsigned(max: UInt64(UInt32.max))
        documentCopies = try reader.readUnsigned(max: UInt64(Genesis.maximumValidators))
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(transactionWindow)
        writer.write(accessWindow)
        writer.write(maximumBlockBytes)
        writer.write(documentCopies)
    }
}

extension Genesis.Organization: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 6)
        name = try reader.readText(max: Genesis.maximumNameLength)
        signingKeys = try reader.readArray(max: Genesis.maximumSigningKeys)
        threshold = try reader.readInt(max: Genesis.maximumSigningKeys)
        receivingKey = try reader.read()
        sealingKey = try reader.read()
        roles = try reader.readAscending(max: Role.allCases.count, field: "roles")
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(6)
        writer.write(text: name)
        writer.write(array: signingKeys)
        writer.write(UInt64(threshold))
        writer.write(receivingKey)
        writer.write(sealingKey)
        writer.write(array: roles)
    }
}

extension Genesis.Validator: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 6)
        organization = try reader.read()
        consensusKey = try reader.read()
        certificate = try reader.readBytes(max: Self.maximumCertificateLength)
        sealingKey = try reader.read()
        peerAddress = try reader.readText(max: Genesis.maximumAddressLength)
        apiURL = try reader.readText(max: Genesis.maximumAddressLength)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(6)
        writer.write(organization)
        writer.write(consensusKey)
        writer.write(bytes: certificate)
        writer.write(sealingKey)
        writer.write(text: peerAddress)
        writer.write(text: apiURL)
    }
}

extension Genesis.Auditor: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        name = try reader.readText(max: Genesis.maximumNameLength)
        key = try reader.read()
        expires = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(text: name)
        writer.write(key)
        writer.write(expires)
    }
}
