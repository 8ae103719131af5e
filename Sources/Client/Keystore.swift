public import Cryptography
internal import Codec
internal import Ledger

/// The secrets of a home, sealed under a password (scrypt and AES-256-GCM, ``PasswordSeal``) in a file that only its
/// owner may read.
///
/// The plaintext is CBOR `[version, chain or null, identity]`. A keystore of another chain does not open; one that is
/// older than its chain (an organisation makes its keys before there is a genesis file) takes the first that comes.
public struct Keystore: Sendable {
    private static let domain = Domain("keystore")
    private static let version: UInt64 = 1

    /// Whose secrets they are.
    public var identity: Identity
    private let home: WalletHome
    private let chain: ChainID?
    private let password: SecretBytes
    private let cost: PasswordSeal.Cost

    /// Puts a new identity into a home that has none.
    ///
    /// - Parameter cost: What a guess at the password costs; the standard one takes 0.4 s and 128 MiB.
    /// - Throws: ``HomeFailure/occupied(_:)`` when there is one.
    public static func create(
        _ identity: Identity, in home: WalletHome, password: SecretBytes, cost: PasswordSeal.Cost = .standard
    ) throws(HomeFailure) -> Keystore {
        guard !home.exists else { throw .occupied(home.path) }
        try HomeFiles.makeDirectory(home.path)
        let keystore = Keystore(
            identity: identity, home: home, chain: try home.chainIfKnown(), password: password, cost: cost)
        try keystore.save()
        return keystore
    }

    /// Opens a home's keystore.
    public static func open(_ home: WalletHome, password: SecretBytes) throws(HomeFailure) -> Keystore {
        let chain = try home.chainIfKnown()
        let sealed = try HomeFiles.readPrivate(home.keystoreFile)
        let secret: SecretBytes
        do {
            secret = try PasswordSeal.open(
                sealed, password: password, domain: domain, maximumLength: Identity.maximumEncodedLength)
        } catch {
            switch error {
            case .malformed(let failure): throw .malformed(home.keystoreFile, "\(failure)")
            case .wrongPassword: throw .wrongPassword
            case .outOfMemory: throw .outOfMemory
            }
        }
        let (found, identity) = try decode(secret, in: home)
        if let found, let chain, found != chain { throw .otherChain(home.keystoreFile, found) }
        return Keystore(identity: identity, home: home, chain: found ?? chain, password: password, cost: .standard)
    }

    /// Seals the identity anew and replaces the file.
    public func save() throws(HomeFailure) {
        // Reserved in full, so that no part of it is left behind where the buffer stood before it grew.
        var writer = CBORWriter(capacity: Identity.maximumEncodedLength)
        writer.beginArray(3)
        writer.write(Self.version)
        writer.write(optional: chain)
        identity.encode(to: &writer)
        var plaintext = writer.bytes
        writer = CBORWriter(capacity: 0)
        let secret = SecretBytes(copying: plaintext)
        plaintext.erase()
        let sealed = PasswordSeal.seal(secret, password: password, domain: Self.domain, cost: cost)
        try HomeFiles.replace(home.keystoreFile, sealed)
    }

    private static func decode(_ secret: SecretBytes, in home: WalletHome) throws(HomeFailure) -> (ChainID?, Identity) {
        var copy = secret.copy()
        defer { copy.erase() }
        do throws(DecodingFailure) {
            var reader = CBORReader(copy)
            try reader.readArray(count: 3)
            guard try reader.readUnsigned() == version else { throw .invalid(field: "version") }
            let chain = try reader.readOptional(ChainID.self)
            let identity = try Identity(from: &reader)
            try reader.finish()
            return (chain, identity)
        } catch {
            throw .malformed(home.keystoreFile, "\(error)")
        }
    }
}

extension WalletHome {
    fileprivate func chainIfKnown() throws(HomeFailure) -> ChainID? {
        HomeFiles.exists(genesisFile) ? try loadGenesis().chain : nil
    }
}
