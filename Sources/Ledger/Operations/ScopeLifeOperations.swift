internal import Codec
public import Cryptography

/// Gives a scope the keys of its next epoch: a new delegating key, a new scope secret and a new sealing key. Signed by
/// the scope key, which stays the scope's identifier.
///
/// Authors have to be authorised anew, because their card holds the keys that have ended. Grants of earlier epochs go on
/// opening the documents of theirs, until they end.
///
/// `[12, scope, epoch, delegating key, sealing key]`
public struct RotateScope: Hashable, Sendable {
    /// The scope.
    public var scope: ScopeID
    /// The epoch that begins: one more than the scope's.
    public var epoch: UInt64
    /// A, under which authors seal from now on.
    public var delegatingKey: PublicKey
    /// The scope's X-Wing public key from now on.
    public var sealingKey: SealingPublicKey

    /// New keys.
    public init(scope: ScopeID, epoch: UInt64, delegatingKey: PublicKey, sealingKey: SealingPublicKey) {
        self.scope = scope
        self.epoch = epoch
        self.delegatingKey = delegatingKey
        self.sealingKey = sealingKey
    }
}

extension RotateScope: OperationContent {
    var code: Operation.Code { .rotateScope }
    static var count: Int { 5 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        scope = try reader.read()
        epoch = try reader.readUnsigned(max: UInt64(UInt32.max))
        delegatingKey = try reader.read()
        sealingKey = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(scope)
        writer.write(epoch)
        writer.write(delegatingKey)
        writer.write(sealingKey)
    }
}

/// Closes a scope for good: no more documents, authors, grants or accesses. Signed by the scope key.
///
/// `[13, scope]`
public struct CloseScope: Hashable, Sendable {
    /// The scope.
    public var scope: ScopeID

    /// The end of a scope.
    public init(scope: ScopeID) { self.scope = scope }
}

extension CloseScope: OperationContent {
    var code: Operation.Code { .closeScope }
    static var count: Int { 2 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) { scope = try reader.read() }

    func encodeContents(to writer: inout CBORWriter) { writer.write(scope) }
}
