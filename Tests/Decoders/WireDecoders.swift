import API
import ChainStorage
import Codec
import Consensus
import Cryptography
import HTTPTypes
import Ledger
import P2P
import Replication

/// What crosses the wire between validators, and between clients and nodes.
extension Decoder {
    static let peers: [Decoder] = [
        Decoder("consensus-message", messages),
        Decoder("consensus-evidence", [evidence].compactMap { $0 }) {
            _ = $0.isValid(chain: Seeds.chain.digest, validators: validatorSet)
        },
        Decoder(
            "journal-record",
            [
                .vote(votes[0]), .certificate(certificate), .certified(proposal.epoch, proposal.view, true),
                .lost(proposal.epoch), .abstains(proposal.epoch, through: proposal.view), .block([1, 2, 3]),
                .epochStart(proposal.epoch, certificate, validatorSet), .epochStart(proposal.epoch, nil, validatorSet),
            ] as [Journal.Record]),
        Decoder(
            "backup-record",
            [
                .begin(Seeds.chain, header.height, header.hash), .file(path: "node.json", [1, 2]),
                .entries(.state, [DatabaseEntry(key: [1], value: []), DatabaseEntry(key: [2], value: [3])]),
                .content(Seeds.content(1), [1]), .end(records: 4, checksum: Seeds.digest(1)), .abandoned("full"),
            ] as [BackupRecord]),
        Decoder("packet", packets),
        Decoder("peer-frame", samples: PeerBytes.sampleFrames, reencode: PeerBytes.reencodeFrame),
        Decoder("peer-greeting", samples: [PeerBytes.sampleGreeting], reencode: PeerBytes.reencodeGreeting),
    ]

    private static let messages: [Message] = [
        .propose(Propose(vote: votes[0], justification: Justification([certificate, certificate]))), .vote(votes[1]),
        .certificate(certificate),
        .status(
            Status(epoch: proposal.epoch, view: proposal.view, finalized: proposal.parentView, height: header.height)),
        .rejoin(nonce: 7),
        .standing(Standing(nonce: 7, epoch: proposal.epoch, view: proposal.view, entry: certificate)),
    ]

    private static let evidence: Evidence? = {
        let other = Statement.nullify(epoch: proposal.epoch, view: proposal.view)
        let signature = Seeds.signing(1).sign(digest: other.digest(chain: Seeds.chain.digest))
        return Evidence(votes[0], Vote(statement: other, signer: votes[0].signer, signature: signature))
    }()

    private static let packets: [Packet] = [
        .consensus(messages[0], block), .consensus(messages[1], nil), .transactions([transaction]),
        .blockRequest(header.hash), .block(block), .rangeRequest(from: header.height),
        .range([block], headers: [header], certificate), .join(.offerRequest), .join(.offer(header.height)),
        .join(.blocksRequest(from: Height(rawValue: 1), through: header.height)),
        .join(
            .blocks(
                JoinBlocks(
                    items: [JoinBlocks.Item(block: block, receipts: [receipt])], headers: [header],
                    certificate: certificate, validators: boundary.validators))),
        .join(.chunkRequest(header.height, NibblePath().appending(3).appending(15))),
        .join(
            .chunk(
                header.height, NibblePath().appending(3),
                StateChunk(
                    siblings: [.zero, Seeds.digest(4)],
                    leaves: [StateChunk.Leaf(key: StateKey(Seeds.digest(5)), value: [1, 2, 3])]))),
    ]

    static let api: [Decoder] = [
        Decoder("finality-proof", [finality, FinalityProof(header: header, anchor: nil, certificate: nil)]) {
            if let trust { try? $0.verify(trust) }
        },
        Decoder("transaction-proof", [transactionProof]) { try? $0.verifyInclusion() },
        Decoder("submission-reply", [SubmissionReply(transaction: transaction.id, proof: transactionProof)]),
        Decoder("state-reply", [stateReply]) { _ = try? $0.verifyLeaves() },
        Decoder("history-reply", [historyReply]) { reply in
            _ = try? CompleteHistory(subject: reply.subject, pages: [reply])
        },
        Decoder("evidence-reply", [EvidenceReply(history: historyReply, transactions: [transactionProof])]),
        Decoder("block-reply", [BlockReply(finality: finality, transactions: [transaction], receipts: [receipt])]),
        Decoder("epochs-reply", [EpochsReply(boundaries: [boundary, boundary])]) { reply in
            guard var trust else { return }
            for boundary in reply.boundaries { try? trust.follow(boundary) }
        },
        // A map that others may extend (RFC 9290): what is not known is passed over.
        Decoder("problem", opening: [Problem(.notReady, "Starting.", reason: "start", retryAfter: 2).encoded]) {
            _ = try? Problem(decoding: $0)
        },
        Decoder("content-list", [ContentList([Seeds.content(1), Seeds.content(2)])]),
        Decoder("upload-reply", [UploadReply(id: Seeds.content(1), copies: 2, required: 2)]),
        Decoder("fragment-request", [FragmentRequest(replyKey: Seeds.sealing)]),
        Decoder(
            "fragment-reply",
            [
                FragmentReply(
                    validator: ValidatorID(Seeds.digest(1)),
                    fragments: [.init(document: DocumentID(Seeds.digest(2)), sealed: [1, 2, 3])])
            ]),
        Decoder(
            "deposit-reply", [DepositReply(grant: GrantID(Seeds.digest(13)), validator: ValidatorID(Seeds.digest(1)))]),
        Decoder("health", [Health(ok: true)]),
        Decoder("node-status", [status]),
        Decoder("request-target", opening: targets.map { Array($0.utf8) }) { bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else { return }
            for method in [HTTPRequest.Method.get, .put, .post] { _ = try? Request(method: method, target: text) }
        },
        Decoder("message-signature", opening: [signedFields]) { bytes in
            _ = try? MessageSignature.verify(request(bytes), authorities: [authority], now: 1_790_000_000)
        },
    ]

    private static let status = NodeStatus(
        validator: ValidatorID(Seeds.digest(1)), ready: false, chain: Seeds.chain, height: Height(rawValue: 4),
        time: Seeds.time, view: 9, epoch: 1, missingVotes: [ValidatorID(Seeds.digest(2))], missingBodies: 1,
        peers: [.init(validator: ValidatorID(Seeds.digest(2)), connected: true, height: Height(rawValue: 3))],
        waitingTransactions: 2, version: "1.0", reasons: ["a vote is missing"],
        rules: NodeStatus.Rules(
            version: .first, supported: .latest,
            upcoming: ProtocolActivation(version: .latest, height: Height(rawValue: 500))))

    static let boundary = EpochBoundary(
        header: header, certificate: certificate,
        validators: ValidatorSetRecord(keys: validatorSet.keys.map { KeyID($0) }))

    private static let receipt = Receipt(transaction: transaction.id, outcomes: [.applied])

    static let finality = FinalityProof(
        header: header,
        anchor: .init(
            header: header, inclusion: InclusionProof(index: 1, leafHashes: [Seeds.digest(1), Seeds.digest(2)])),
        certificate: certificate)

    static let transactionProof = TransactionProof(
        finality: finality, transaction: transaction,
        inclusion: InclusionProof(index: 0, leafHashes: [MerkleTree.leafHash(transaction.bytes)]), receipt: receipt,
        receiptInclusion: InclusionProof(index: 0, leafHashes: [MerkleTree.leafHash(receipt.encoded)]))

    private static let absence = StateProof(siblings: [Seeds.digest(50)], end: .nothing)

    static let stateReply = StateReply(
        finality: finality, leaves: [.init(kind: .document, id: Seeds.digest(51).bytes, proof: absence)])

    static let historyReply = HistoryReply(
        finality: finality, subject: .document(DocumentID(Seeds.digest(51))), proof: absence, from: 0, entries: [entry])

    private static let trust = genesis.map { TrustAnchor($0) }

    private static let targets = [
        "/v1/blocks/latest", "/v1/blocks/17", "/v1/transactions?wait=final", "/v1/content/\(Seeds.content(1))",
        "/v1/documents/\(Seeds.digest(1))/history?from=3&limit=5", "/v1/scopes/\(Seeds.key(12).bytes.hex)",
    ]

    private static let authority = "node.example:7002"

    /// The fields that a signature is made of, a line each.
    private static let signedFields: [UInt8] = {
        var head = HTTPRequest(method: .put, scheme: "https", authority: authority, path: targets[3])
        MessageSignature.sign(
            &head, body: Seeds.digest(1), with: Seeds.signing(1), created: 1_790_000_000,
            nonce: [UInt8](repeating: 3, count: 16))
        let lines = fieldNames.map { name in HTTPField.Name(name).flatMap { head.headerFields[$0] } ?? "" }
        return Array(lines.joined(separator: "\n").utf8)
    }()

    private static let fieldNames = ["signature-input", "signature", "content-digest"]

    private static func request(_ bytes: [UInt8]) -> HTTPRequest {
        var head = HTTPRequest(method: .put, scheme: "https", authority: authority, path: targets[3])
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        for (name, line) in zip(fieldNames, lines) {
            if let name = HTTPField.Name(name) { head.headerFields[name] = String(line) }
        }
        return head
    }
}
