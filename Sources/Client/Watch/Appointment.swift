internal import API
public import Codec
public import Cryptography
internal import Ledger

/// What shows that a key is an auditor's of the consortium: `[key, members, holder]`.
///
/// The members are what `GET /v1/organizations` answers, cut down to the list of who belongs to the consortium; the holder
/// is what `GET /v1/keys/{key}` answers.
public struct Appointment: Hashable, Sendable {
    /// Whose it is.
    public let key: PublicKey
    private let members: StateReply
    private let holder: StateReply

    init(key: PublicKey, members: StateReply, holder: StateReply) {
        self.key = key
        self.members = StateReply(
            finality: members.finality, leaves: members.leaves.filter { $0.key == ConsortiumRecord.key(.only) })
        self.holder = holder
    }

    /// The block at which it is shown.
    package var height: Height { min(members.finality.header.height, holder.finality.header.height) }

    /// Checks that the key was an auditor's at a block that does not come before `height`: the proof of an appointment that
    /// has ended cannot be shown with a head that came after the end.
    func verify(_ trust: TrustAnchor, since height: Height) throws(ProofFailure) {
        let (members, holder) = (try members.verify(trust), try holder.verify(trust))
        guard self.height >= height else { throw .wrongSubject }
        guard let consortium = try members.record(.only, as: ConsortiumRecord.self),
            case .auditor(let id)? = try holder.record(KeyID(key), as: KeyHolder.self),
            consortium.auditors.contains(id)
        else { throw .wrongSubject }
    }
}

extension LedgerClient {
    /// What shows that a key is an auditor's, also of one that the genesis file names: they may have been dismissed since.
    ///
    /// - Throws: ``ClientFailure/notFound(_:)`` for a key that is no auditor's now.
    public func appointment(of key: SigningKey) async throws(ClientFailure) -> Appointment {
        let publicKey = key.publicKey
        let appointment = Appointment(
            key: publicKey, members: try await reply(to: .listOrganizations, signedBy: key),
            holder: try await reply(to: .readKeyHolder(KeyID(publicKey)), signedBy: key))
        do { try appointment.verify(light.trust, since: .genesis) } catch {
            throw .notFound("an auditor with this key")
        }
        return appointment
    }
}

extension Appointment: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        key = try reader.read()
        members = try reader.read()
        holder = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(key)
        writer.write(members)
        writer.write(holder)
    }
}
