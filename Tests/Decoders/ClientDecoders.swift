import API
import Client
import Codec
import Cryptography
import Ledger

/// What people hand to each other as files and lines of text, and what streams to a client.
extension Decoder {
    static let files: [Decoder] = [
        Decoder("evidence", [evidenceFile, documentEvidence]) { _ = $0.subject },
        Decoder("checkpoint", [checkpoint]) { checkpoint in
            if let trust = genesis.map({ TrustAnchor($0) }) { try? checkpoint.verify(trust, known: [Seeds.key(1)]) }
        },
        Decoder(
            "control-evidence",
            [
                ControlEvidence(
                    chain: Seeds.chain, organizations: [evidenceFile], members: stateReply, observer: stateReply,
                    observations: observations)
            ]),
        Decoder("staff-card", [staffCard]),
        Decoder("voucher", [voucherCard]),
        Decoder("sealed-card", [sealedCard].compactMap { $0 }),
        Decoder("organization-entry", genesis.map { $0.organizations } ?? []) { _ = $0.id },
        Decoder("validator-candidate", [candidate]),
        // The line's base64 has more than one form; what is inside has one.
        Decoder("armored-text", opening: lines.map { Array($0.utf8) }) { bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else { return }
            _ = (StaffCard(text: text), Voucher(text: text), SealedCard(text: text))
            _ = (Genesis.Organization(text: text), ValidatorCandidate(text: text))
        },
        Decoder("server-events", opening: [Array("event: block\ndata: {\"a\":\ndata: 1}\n\nid: 7\n: kept\n\n".utf8)]) {
            var events = ServerEvents()
            _ = try? events.append($0)
            _ = try? events.append(Array("\n\n".utf8))
        },
    ]

    private static let evidenceFile = Evidence(
        chain: Seeds.chain, boundaries: [boundary],
        histories: [[EvidenceReply(history: historyReply, transactions: [transactionProof])]],
        registrations: [transactionProof])

    /// A document's, with the history of its scope.
    private static let documentEvidence = Evidence(
        chain: Seeds.chain,
        histories: [Subject.document(DocumentID(Seeds.digest(30))), .scope(ScopeID(Seeds.key(12)))].map { subject in
            let history = HistoryReply(
                finality: finality, subject: subject, proof: historyReply.proof, from: 0, entries: [])
            return [EvidenceReply(history: history, transactions: [])]
        })

    private static let checkpoint: Checkpoint = {
        var checkpoint = Checkpoint(finality, boundaries: [boundary])
        for number in 1...2 { checkpoint.cosign(at: Seeds.time, with: Seeds.signing(UInt8(number))) }
        return checkpoint
    }()

    private static let observations = ControlObservations(
        chain: Seeds.chain, time: Seeds.time, measurements: [], signedBy: Seeds.signing(1))

    private static let staffKeys = StaffKeys(
        device: Seeds.signing(17), receiving: Seeds.receiving, sealing: Seeds.sealingKey)

    private static let staffCard = StaffCard(staffKeys)

    private static let voucherCard = Voucher(
        of: OrganizationID(Seeds.digest(10)), expires: Seeds.time, endorsedBy: [Seeds.signing(1)], on: Seeds.chain)

    /// As if a card were in it: what is sealed opens for nobody here.
    private static let sealedCard: SealedCard? = {
        var writer = CBORWriter()
        writer.beginArray(4)
        writer.write(1 as UInt64)
        writer.write(ScopeID(Seeds.key(12)))
        writer.write(Subject.organization(OrganizationID(Seeds.digest(10))))
        writer.write(bytes: [UInt8](repeating: 9, count: 1_300))
        return try? SealedCard(decoding: writer.bytes)
    }()

    private static let lines =
        [staffCard.text, voucherCard.text, candidate.text] + [sealedCard].compactMap { $0?.text }
}
