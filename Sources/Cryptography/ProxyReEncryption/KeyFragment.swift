public import Codec

/// One validator's part of a re-encryption key: 260 secret bytes.
///
/// Layout (pyUmbral's): id 32, key 32, precursor X 33, commitment U1 33, signature for the proxy 64, signature for the
/// receiver 64, and two flags that say which keys the first signature names.
///
/// It can do nothing until ``verify(as:of:keys:)`` has held it against what the chain says.
public struct KeyFragment: Sendable {
    /// Bytes of a key fragment.
    public static let length = 260

    /// The whole record, for a sealed message or a sealed database.
    public let bytes: SecretBytes
    /// Which fragment it is.
    public let id: FragmentID
    /// `U1 = key*U`.
    public let commitment: Point
    /// X, the same in all fragments of one delegation.
    public let precursor: Point

    package let key: SecretScalar
    let signatureForProxy: Signature
    let signatureForReceiver: Signature
    let namesDelegatingKey: Bool
    let namesReceivingKey: Bool

    /// Reads 260 bytes.
    ///
    /// - Throws: The field that is not what it should be: a number out of range, a point that is none, a signature with
    ///   a high s, a flag other than 0 and 1.
    public init(parsing bytes: SecretBytes) throws(DecodingFailure) {
        guard bytes.count == Self.length else {
            throw .wrongCount(expected: Self.length, actual: UInt64(bytes.count), offset: 0)
        }
        let secret = SecretBytes(count: 32) { (out: UnsafeMutableRawBufferPointer) in
            bytes.withUnsafeBytes { out.copyBytes(from: $0[32..<64]) }
        }
        guard let key = SecretScalar(secret) else { throw .invalid(field: "key fragment key") }
        // What is public of it may be copied about.
        var fields = try FixedFields(
            bytes.withUnsafeBytes { Array($0[..<32]) + Array($0[64...]) }, length: Self.length - 32)
        id = fields.fragmentID()
        precursor = try fields.point("key fragment precursor")
        commitment = try fields.point("key fragment commitment")
        signatureForProxy = try fields.signature("key fragment signature for the proxy")
        signatureForReceiver = try fields.signature("key fragment signature for the receiver")
        namesDelegatingKey = try fields.flag("key fragment flag for the delegating key")
        namesReceivingKey = try fields.flag("key fragment flag for the receiving key")
        self.key = key
        self.bytes = bytes
    }

    package init(
        id: FragmentID, key: SecretScalar, precursor: Point, keys: DelegationKeys, signer: SigningKey,
        namesDelegatingKey: Bool = true, namesReceivingKey: Bool = true, profile: UmbralProfile
    ) {
        self.id = id
        self.key = key
        self.precursor = precursor
        self.namesDelegatingKey = namesDelegatingKey
        self.namesReceivingKey = namesReceivingKey
        commitment = profile.pointU.multiplied(by: key)
        let statement = FragmentStatement(id: id, commitment: commitment, precursor: precursor)
        signatureForProxy = signer.sign(
            digest: statement.digest(
                delegating: namesDelegatingKey ? keys.delegating : nil,
                receiving: namesReceivingKey ? keys.receiving : nil))
        signatureForReceiver = signer.sign(
            digest: statement.digest(delegating: keys.delegating, receiving: keys.receiving))
        let middle = precursor.bytes + commitment.bytes + signatureForProxy.bytes + signatureForReceiver.bytes
        let flags: [UInt8] = [namesDelegatingKey ? 1 : 0, namesReceivingKey ? 1 : 0]
        bytes = SecretBytes(count: Self.length) { [id] (out: UnsafeMutableRawBufferPointer) in
            out.copyBytes(from: id.rawValue.bytes)
            key.bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: out[32...]).copyMemory(from: $0) }
            UnsafeMutableRawBufferPointer(rebasing: out[64...]).copyBytes(from: middle + flags)
        }
    }

    /// Why a key fragment was turned away. Every case is the patient's doing, or that of whoever sent it.
    public enum Rejection: Error, Hashable, Sendable {
        /// The grant publishes no share with the fragment's identifier, or another one was expected.
        case unknownFragment
        /// X or U1 is not the published one.
        case notAsPublished
        /// The fragment's key is not the one it commits to.
        case wrongCommitment
        /// The share does not lie on the grant's polynomial.
        case inconsistentShare
        /// A signature does not name both keys.
        case unsigned
        /// The signature for the proxy is not by the verifying key over these keys.
        case invalidSignatureForProxy
        /// The signature for the receiver is not by the verifying key over these keys.
        case invalidSignatureForReceiver
    }

    /// Checks the fragment against what the chain says of its grant. About 0.2 milliseconds at three of four.
    ///
    /// - Parameters:
    ///   - share: The published share of the validator that received the fragment.
    ///   - delegation: What the grant publishes.
    ///   - keys: The scope's delegating and signing keys and the grant's receiving key.
    /// - Returns: The fragment, ready to re-encrypt.
    /// - Throws: What does not hold.
    public func verify(
        as share: PublishedShare, of delegation: PublishedDelegation, keys: DelegationKeys
    ) throws(Rejection) -> VerifiedKeyFragment {
        guard share.id == id, delegation.share(id) == share else { throw .unknownFragment }
        guard share.commitment == commitment, delegation.precursor == precursor else { throw .notAsPublished }
        guard delegation.isConsistent(share) else { throw .inconsistentShare }
        return try verify(keys: keys, profile: .rustUmbral)
    }

    /// What does not need the published data.
    package func verify(keys: DelegationKeys, profile: UmbralProfile) throws(Rejection) -> VerifiedKeyFragment {
        guard profile.pointU.multiplied(by: key) == commitment else { throw .wrongCommitment }
        guard namesDelegatingKey, namesReceivingKey else { throw .unsigned }
        let digest = FragmentStatement(id: id, commitment: commitment, precursor: precursor)
            .digest(delegating: keys.delegating, receiving: keys.receiving)
        guard keys.verifying.isValid(signatureForProxy, forDigest: digest) else { throw .invalidSignatureForProxy }
        guard keys.verifying.isValid(signatureForReceiver, forDigest: digest) else {
            throw .invalidSignatureForReceiver
        }
        return VerifiedKeyFragment(fragment: self)
    }
}

/// A key fragment that was held against the chain.
public struct VerifiedKeyFragment: Sendable {
    /// The fragment.
    public let fragment: KeyFragment

    /// Re-encrypts a capsule. About 0.27 milliseconds with the capsule's own check.
    ///
    /// - Throws: ``CapsuleFragment/Rejection/inconsistentCapsule``, and nothing else, for a capsule that nobody made.
    public func reEncapsulate(_ capsule: Capsule) throws(CapsuleFragment.Rejection) -> CapsuleFragment {
        guard capsule.isConsistent else { throw .inconsistentCapsule }
        return fragment.reEncapsulate(capsule)
    }
}

/// What the patient signs about a fragment; pyUmbral's and rust-umbral's bytes, hashed without a domain.
struct FragmentStatement {
    let id: FragmentID
    let commitment: Point
    let precursor: Point

    func digest(delegating: PublicKey?, receiving: PublicKey?) -> Digest {
        var message = id.rawValue.bytes + commitment.bytes + precursor.bytes
        for key in [delegating, receiving] { message += key.map { [1] + $0.bytes } ?? [0] }
        return .sha256(message)
    }
}
