public import API
public import Codec
public import Cryptography
public import Ledger

/// A final head that auditors vouch for: `[1, [boundary…], finality, [[key, time, signature]…]]`, or
/// `[2, [boundary…], finality, [[key, time, signature]…], [appointment…]]` where it shows that who vouches is an auditor.
///
/// That the genesis file names an auditor says nothing of today: the chain may have dismissed them. Their word counts with
/// an appointment that is proved by a state no older than the head. Who vouches for an old head with an equally old proof is
/// not found out by the file alone, as nobody is who vouches for an old head at all: what was decided later stands in a
/// newer head.
///
/// The certificate alone shows that the block is final. A cosignature adds that an independent watcher saw this head and
/// no other at its height, and when: whoever holds the file notices a fork, or that they are shown an old chain.
public struct Checkpoint: Hashable, Sendable {
    /// The version of the format: with appointments the second, without them the first.
    public var version: UInt64 { appointments.isEmpty ? 1 : 2 }
    /// The most bytes of a file.
    public static let maximumBytes = 16 << 20
    /// The most cosignatures.
    public static let maximumCosignatures = 64
    static let domain = Domain("checkpoint")

    /// A watcher's word.
    public struct Cosignature: Hashable, Sendable {
        /// Whose.
        public let key: PublicKey
        /// When they saw the head, by their clock.
        public let time: Timestamp
        fileprivate let signature: Signature
    }

    private static let maximumBoundaries = 65_536

    /// How the validators have changed since the genesis file, up to those who decided on the head.
    public let boundaries: [EpochBoundary]
    /// The head with a certificate of its own.
    public let proof: FinalityProof
    /// Ascending by key, each key once.
    public private(set) var cosignatures: [Cosignature] = []

    /// What shows that cosigners are auditors; ascending by key, each once.
    public private(set) var appointments: [Appointment] = []

    /// A head that nobody vouches for yet.
    public init(_ proof: FinalityProof, boundaries: [EpochBoundary] = []) {
        self.proof = proof
        self.boundaries = boundaries
    }

    /// The head.
    public var header: BlockHeader { proof.header }

    /// Adds a watcher's word, in place of an earlier one of the same key.
    ///
    /// - Parameter appointment: What shows that the key is an auditor's.
    /// - Precondition: There are fewer than 64 others; the appointment is of this key.
    public mutating func cosign(at time: Timestamp, with key: SigningKey, as appointment: Appointment? = nil) {
        precondition(appointment?.key ?? key.publicKey == key.publicKey, "an appointment is of whoever cosigns")
        appointments.removeAll { $0.key == key.publicKey }
        if let appointment { appointments = (appointments + [appointment]).sorted { $0.key < $1.key } }
        cosignatures.removeAll { $0.key == key.publicKey }
        precondition(cosignatures.count < Self.maximumCosignatures, "a checkpoint has at most 64 cosignatures")
        let signature = key.sign(message(at: time), in: Self.domain)
        cosignatures.append(Cosignature(key: key.publicKey, time: time, signature: signature))
        cosignatures.sort { $0.key < $1.key }
    }

    /// Judges the file.
    ///
    /// - Parameters:
    ///   - known: Whose word counts beside that of auditors whose appointment is shown, because the reader trusts them for
    ///     reasons of their own; one of all of them at least must have cosigned.
    ///   - trust: What the certificate is checked against.
    public func verify(_ trust: TrustAnchor, known: Set<PublicKey>) throws(CheckpointRefusal) {
        guard proof.anchor == nil else { throw .notAHead }
        var known = known
        do throws(ProofFailure) {
            var trust = trust
            for boundary in boundaries where boundary.header.epoch >= trust.epoch { try trust.follow(boundary) }
            try proof.verify(trust)
            for appointment in appointments {
                try appointment.verify(trust, since: header.height)
                known.insert(appointment.key)
            }
        } catch { throw .proof(error) }
        for cosignature in cosignatures {
            let message = message(at: cosignature.time)
            guard cosignature.key.isValid(cosignature.signature, for: message, in: Self.domain) else {
                throw .invalidSignature(cosignature.key)
            }
        }
        guard cosignatures.contains(where: { known.contains($0.key) }) else { throw .unknownCosigner }
    }

    private func message(at time: Timestamp) -> [UInt8] {
        var writer = CBORWriter()
        writer.beginArray(4)
        writer.write(header.chain)
        writer.write(header.height)
        writer.write(header.hash)
        writer.write(time)
        return writer.bytes
    }
}

/// Why a checkpoint is not believed.
public enum CheckpointRefusal: Error, Hashable, Sendable {
    /// Its proof is of a block below another.
    case notAHead
    /// The head is not final.
    case proof(ProofFailure)
    /// A key did not sign it.
    case invalidSignature(PublicKey)
    /// Nobody who is known has cosigned it.
    case unknownCosigner
}

extension CheckpointRefusal: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .notAHead: "its proof is of a block below another"
        case .proof(let failure): "\(failure)"
        case .invalidSignature(let key): "\(key) did not sign it"
        case .unknownCosigner:
            "nobody has signed it who is shown to have been an auditor at its head, nor a cosigner that was named"
        }
    }
}

extension Checkpoint: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: 5)
        guard count >= 4, try reader.readUnsigned() == UInt64(count - 3) else {
            throw .invalid(field: "checkpoint version")
        }
        boundaries = try reader.readArray(max: Self.maximumBoundaries)
        proof = try reader.read()
        cosignatures = try reader.readArray(max: Self.maximumCosignatures)
        guard zip(cosignatures, cosignatures.dropFirst()).allSatisfy({ $0.key < $1.key }) else {
            throw .invalid(field: "cosignatures")
        }
        guard count == 5 else { return }
        appointments = try reader.readArray(max: Self.maximumCosignatures)
        let keys = appointments.map(\.key)
        guard !keys.isEmpty, zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }),
            keys.allSatisfy({ key in cosignatures.contains { $0.key == key } })
        else { throw .invalid(field: "appointments") }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(appointments.isEmpty ? 4 : 5)
        writer.write(version)
        writer.write(array: boundaries)
        writer.write(proof)
        writer.write(array: cosignatures)
        if !appointments.isEmpty { writer.write(array: appointments) }
    }
}

extension Checkpoint.Cosignature: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        key = try reader.read()
        time = try reader.read()
        signature = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(key)
        writer.write(time)
        writer.write(signature)
    }
}
