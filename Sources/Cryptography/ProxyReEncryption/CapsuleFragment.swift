public import Codec

/// One validator's re-encryption of a capsule, with the proof that it used the key it was given: 359 bytes.
///
/// Layout: E1 33, V1 33, id 32, X 33, E2 33, V2 33, U1 33, U2 33, z 32, the patient's signature for the receiver 64.
/// A fragment that does not verify convicts the validator that sent it.
public struct CapsuleFragment: Hashable, Sendable {
    /// Bytes of a capsule fragment.
    public static let length = 359

    package let e1: Point
    package let v1: Point
    /// Which key fragment made it.
    public let id: FragmentID
    /// X, the same in all fragments of one delegation.
    public let precursor: Point
    let e2: Point
    let v2: Point
    /// U1, what the key fragment commits to.
    public let commitment: Point
    let u2: Point
    let z: Scalar
    let signatureForReceiver: Signature

    /// Reads 359 bytes.
    ///
    /// - Throws: The field that is not what it should be.
    public init(parsing bytes: some Collection<UInt8>) throws(DecodingFailure) {
        var fields = try FixedFields(bytes, length: Self.length)
        e1 = try fields.point("capsule fragment E1")
        v1 = try fields.point("capsule fragment V1")
        id = fields.fragmentID()
        precursor = try fields.point("capsule fragment precursor")
        e2 = try fields.point("capsule fragment E2")
        v2 = try fields.point("capsule fragment V2")
        commitment = try fields.point("capsule fragment U1")
        u2 = try fields.point("capsule fragment U2")
        z = try fields.scalar("capsule fragment z")
        signatureForReceiver = try fields.signature("capsule fragment signature")
    }

    init(
        e1: Point, v1: Point, e2: Point, v2: Point, u2: Point, z: Scalar, of fragment: KeyFragment
    ) {
        self.e1 = e1
        self.v1 = v1
        self.e2 = e2
        self.v2 = v2
        self.u2 = u2
        self.z = z
        id = fragment.id
        precursor = fragment.precursor
        commitment = fragment.commitment
        signatureForReceiver = fragment.signatureForReceiver
    }

    /// The 359 bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.length)
        bytes += e1.bytes
        bytes += v1.bytes
        bytes += id.rawValue.bytes
        bytes += precursor.bytes
        bytes += e2.bytes
        bytes += v2.bytes
        bytes += commitment.bytes
        bytes += u2.bytes
        bytes += z.bytes
        bytes += signatureForReceiver.bytes
        return bytes
    }

    /// Why a capsule fragment was turned away. All but the first are the doing of the validator that sent it.
    public enum Rejection: Error, Hashable, Sendable {
        /// The capsule's points and scalar do not belong together.
        case inconsistentCapsule
        /// The grant publishes no share with the fragment's identifier, X and U1.
        case unknownFragment
        /// The patient did not sign this fragment for these keys.
        case invalidSignature
        /// The proof does not show that the committed key made E1 and V1.
        case invalidProof
    }

    /// Checks the fragment against the capsule and what the chain says of the grant. About 0.4 milliseconds.
    ///
    /// - Throws: What does not hold.
    public func verify(
        for capsule: Capsule, of delegation: PublishedDelegation, keys: DelegationKeys
    ) throws(Rejection) -> VerifiedCapsuleFragment {
        guard let share = delegation.share(id), share.commitment == commitment, delegation.precursor == precursor else {
            throw .unknownFragment
        }
        return try verify(for: capsule, keys: keys, profile: .rustUmbral)
    }

    /// What does not need the published data.
    package func verify(
        for capsule: Capsule, keys: DelegationKeys, profile: UmbralProfile
    ) throws(Rejection) -> VerifiedCapsuleFragment {
        guard capsule.isConsistent(in: profile) else { throw .inconsistentCapsule }
        let digest = FragmentStatement(id: id, commitment: commitment, precursor: precursor)
            .digest(delegating: keys.delegating, receiving: keys.receiving)
        guard keys.verifying.isValid(signatureForReceiver, forDigest: digest) else { throw .invalidSignature }
        guard let h = challenge(for: capsule, profile: profile) else { throw .invalidProof }
        let proofs = [(capsule.e, e1, e2), (capsule.v, v1, v2), (profile.pointU, commitment, u2)]
        for (base, image, mask) in proofs {
            guard base.multiplied(by: z) == mask.adding(image.multiplied(by: h)) else { throw .invalidProof }
        }
        return VerifiedCapsuleFragment(fragment: self, capsule: capsule, keys: keys)
    }

    private func challenge(for capsule: Capsule, profile: UmbralProfile) -> Scalar? {
        var hash = UmbralHash("CFRAG_VERIFICATION", profile: profile)
        for point in [capsule.e, e1, e2, capsule.v, v1, v2, profile.pointU, commitment, u2] { hash.update(point) }
        return hash.scalar()
    }
}

extension CapsuleFragment: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        self = try CapsuleFragment(parsing: reader.readBytes(exactly: Self.length))
    }

    public func encode(to writer: inout CBORWriter) { writer.write(bytes: bytes) }
}

/// A capsule fragment that was held against its capsule and the chain.
public struct VerifiedCapsuleFragment: Sendable {
    /// The fragment.
    public let fragment: CapsuleFragment
    /// The capsule that it re-encrypts.
    public let capsule: Capsule
    /// The keys that its signature names.
    public let keys: DelegationKeys
}

extension KeyFragment {
    /// Re-encrypts a capsule with a fresh mask. The mask is never derived from the request: two proofs with one mask
    /// give the key away.
    func reEncapsulate(_ capsule: Capsule) -> CapsuleFragment {
        while true {
            let made = reEncapsulate(capsule, mask: .random(), profile: .rustUmbral)
            if let made { return made }
        }
    }

    package func reEncapsulate(_ capsule: Capsule, mask: SecretScalar, profile: UmbralProfile) -> CapsuleFragment? {
        let e1 = capsule.e.multiplied(by: key)
        let v1 = capsule.v.multiplied(by: key)
        let e2 = capsule.e.multiplied(by: mask)
        let v2 = capsule.v.multiplied(by: mask)
        let u2 = profile.pointU.multiplied(by: mask)
        var hash = UmbralHash("CFRAG_VERIFICATION", profile: profile)
        for point in [capsule.e, e1, e2, capsule.v, v1, v2, profile.pointU, commitment, u2] { hash.update(point) }
        guard let h = hash.scalar(), let z = mask.adding(key.multiplied(by: h)) else { return nil }
        return CapsuleFragment(e1: e1, v1: v1, e2: e2, v2: v2, u2: u2, z: z.published, of: self)
    }
}
