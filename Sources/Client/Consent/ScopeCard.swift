internal import Codec
public import Cryptography
public import Ledger

/// What whoever may write to a scope, or open its documents, needs to know of it: `[1, scope, epoch, A, S]`, sealed to
/// their X-Wing key and kept as content that the chain names.
public struct ScopeCard: Sendable {
    /// The scope.
    public let scope: PublicKey
    /// Its epoch.
    public let epoch: UInt64
    /// A, under which capsules are made.
    public let delegatingKey: PublicKey
    /// S, 32 bytes.
    public let secret: SecretBytes

    private static let version: UInt64 = 1
    private static let secretLength = 32
    private static let domain = Domain("seal-scope-card")

    /// The card of one's own scope.
    public init(_ keys: ScopeKeys) {
        scope = keys.verifying
        epoch = keys.name.epoch
        delegatingKey = keys.delegating.publicKey
        secret = keys.secret
    }

    /// Seals the card to an author or a grantee.
    ///
    /// - Parameter reader: Who is to open it: part of the context, so that the card cannot be passed on.
    public func seal(
        to key: SealingPublicKey, of reader: Subject, on chain: ChainID
    ) throws(SealFailure) -> [UInt8] {
        var writer = CBORWriter(capacity: 160)
        writer.beginArray(5)
        writer.write(Self.version)
        writer.write(scope)
        writer.write(epoch)
        writer.write(delegatingKey)
        var copy = secret.copy()
        writer.write(bytes: copy)
        copy.erase()
        var plaintext = writer.bytes
        writer = CBORWriter(capacity: 0)
        let message = SecretBytes(copying: plaintext)
        plaintext.erase()
        return try HybridSeal.seal(message, to: key, context: Self.context(chain, ScopeID(scope), reader))
    }

    /// Opens a card.
    ///
    /// - Throws: ``WalletFailure/cardDoesNotOpen`` when it is somebody else's or another scope's.
    public init(
        opening sealed: [UInt8], of scope: ScopeID, with key: SealingKey, as reader: Subject, on chain: ChainID
    ) throws(WalletFailure) {
        let message: SecretBytes
        do {
            message = try HybridSeal.open(sealed, with: key, context: Self.context(chain, scope, reader))
        } catch { throw .cardDoesNotOpen }
        var plaintext = message.copy()
        defer { plaintext.erase() }
        do {
            var reader = CBORReader(plaintext)
            try reader.readArray(count: 5)
            guard try reader.readUnsigned() == Self.version else { throw DecodingFailure.invalid(field: "version") }
            self.scope = try reader.read()
            epoch = try reader.readUnsigned()
            delegatingKey = try reader.read()
            secret = SecretBytes(copying: try reader.readBytes(exactly: Self.secretLength))
            try reader.finish()
        } catch { throw .cardDoesNotOpen }
        guard ScopeID(self.scope) == scope else { throw .cardDoesNotOpen }
    }

    private static func context(_ chain: ChainID, _ scope: ScopeID, _ reader: Subject) -> SealContext {
        SealContext(domain, chain.bytes, scope.bytes, reader.encoded)
    }
}
