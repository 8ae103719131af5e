public import Codec
public import Cryptography
public import Ledger

/// A scope card on its way to one reader: `[1, scope, reader, sealed]`, one line of text.
///
/// The patient seals the card to the hospital; the hospital opens it and seals it again to those of its staff who write
/// to the scope.
public struct SealedCard: Hashable, Sendable {
    /// The scope.
    public let scope: ScopeID
    /// Who can open it.
    public let reader: Subject
    /// The sealed card.
    public let sealed: [UInt8]

    private static let version: UInt64 = 1
    private static let maximumLength = 4096

    /// A card for `reader`.
    public init(_ card: ScopeCard, to key: SealingPublicKey, of reader: Subject, on chain: ChainID) throws(SealFailure)
    {
        scope = ScopeID(card.scope)
        self.reader = reader
        sealed = try card.seal(to: key, of: reader, on: chain)
    }

    /// Opens it.
    public func open(with key: SealingKey, on chain: ChainID) throws(WalletFailure) -> ScopeCard {
        try ScopeCard(opening: sealed, of: scope, with: key, as: reader, on: chain)
    }
}

extension SealedCard: ArmoredText {
    /// What its line begins with.
    public static var kind: String { "card" }

    /// Reads the four items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        guard try reader.readUnsigned() == Self.version else { throw .invalid(field: "version") }
        scope = try reader.read()
        self.reader = try reader.read()
        sealed = try reader.readBytes(max: Self.maximumLength)
    }

    /// Appends the four items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(Self.version)
        writer.write(scope)
        writer.write(reader)
        writer.write(bytes: sealed)
    }
}

/// The scope cards that a wallet was handed, sealed as they came: `<home>/cards/<scope>.cbor`.
public struct CardBox: Sendable {
    private let directory: String

    /// The cards of a home.
    public init(_ home: WalletHome) { directory = home.path + "/cards" }

    /// Keeps a card, in the place of an older one.
    public func keep(_ card: SealedCard) throws(HomeFailure) {
        try HomeFiles.makeDirectory(directory)
        try HomeFiles.replace(path(card.scope), card.encoded)
    }

    /// The card of a scope.
    public func card(of scope: ScopeID) throws(HomeFailure) -> SealedCard {
        let bytes = try HomeFiles.read(path(scope))
        do { return try SealedCard(decoding: bytes) } catch { throw .malformed(path(scope), "\(error)") }
    }

    private func path(_ scope: ScopeID) -> String { "\(directory)/\(scope).cbor" }
}
