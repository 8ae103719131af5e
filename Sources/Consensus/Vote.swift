public import Codec
public import Cryptography

/// A statement with its signature by one validator.
public struct Vote: Hashable, Sendable {
    /// What is said.
    public let statement: Statement
    /// Who says it.
    public let signer: ValidatorIndex
    /// ES256K over ``Statement/digest(chain:)``.
    public let signature: Signature

    /// A statement, its signer and the signature; nothing is checked here.
    public init(statement: Statement, signer: ValidatorIndex, signature: Signature) {
        self.statement = statement
        self.signer = signer
        self.signature = signature
    }

    /// Whether the signer is one of `validators` and did sign this on this chain.
    public func isValid(chain: Digest, validators: ValidatorSet) -> Bool {
        validators.contains(signer)
            && validators.isValid(signature, of: statement.digest(chain: chain), by: signer)
    }
}

extension Vote: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        statement = try reader.read()
        signer = try reader.read()
        signature = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(statement)
        writer.write(signer)
        writer.write(signature)
    }
}

/// Signs what this validator says. The shipped one is ``ValidatorKey``; the simulator has one that costs no curve arithmetic.
public protocol VoteSigner: Sendable {
    /// A signature over a statement's digest.
    func sign(_ digest: Digest) -> Signature
}

/// Checks what other validators say. The shipped one is ``ValidatorSet`` itself.
public protocol VoteVerifier: Sendable {
    /// Whether the validator at this place, which exists, signed the digest.
    func isValid(_ signature: Signature, of digest: Digest, by signer: ValidatorIndex) -> Bool
    /// The same for the validators of another epoch.
    func serving(_ validators: ValidatorSet) -> any VoteVerifier
}

/// A validator's consensus key.
public struct ValidatorKey: VoteSigner {
    private let key: SigningKey

    /// Signs with this key.
    public init(_ key: SigningKey) { self.key = key }

    public func sign(_ digest: Digest) -> Signature { key.sign(digest: digest) }
}

extension ValidatorSet: VoteVerifier {
    public func isValid(_ signature: Signature, of digest: Digest, by signer: ValidatorIndex) -> Bool {
        self[signer].isValid(signature, forDigest: digest)
    }

    public func serving(_ validators: ValidatorSet) -> any VoteVerifier { validators }
}
