import ChainStorage
import Codec
import Consensus
import Cryptography
import Ledger

/// A consortium of one hospital and four validators that makes blocks out of staff who come and go.
final class Hospital {
    static let start = Timestamp(rawValue: 1_700_000_000_000)
    let validators: [SigningKey]
    let genesis: Genesis
    private let administrator = key("administrator")
    private let organization: OrganizationID
    private var employed: [StaffID] = []
    private var registered = 0

    init(name: String = "Hospital") throws {
        validators = (0..<4).map { Self.key("validator \($0)") }
        let entry = Genesis.Organization(
            name: name, signingKeys: [administrator.publicKey], threshold: 1,
            receivingKey: Self.key("receiving").publicKey, sealingKey: Self.sealing, roles: [.clinician])
        organization = entry.id
        genesis = try Genesis(
            name: "Consortium", time: Self.start, parameters: Genesis.Parameters(), organizations: [entry],
            validators: validators.enumerated().map { index, key in
                Genesis.Validator(
                    organization: entry.id, consensusKey: key.publicKey, certificate: [1], sealingKey: Self.sealing,
                    peerAddress: "v\(index).example:1", apiURL: "https://v\(index).example:2")
            }, auditors: [])
    }

    /// The next block over `store`: three arrivals, and departures from the second block on; every fifth block is empty.
    ///
    /// - Parameter extra: What it changes besides, which no operation asked for.
    func block(over store: LedgerStore, alsoChanging extra: [StateChange] = []) throws -> FinalizedBlock {
        let tip = store.tip
        let height = tip.height.next
        let parent = try store.blocks.header(at: tip.height)
        let time = (parent?.time ?? Self.start).advanced(byMilliseconds: 1000)
        let transactions = height.rawValue % 5 == 0 ? [] : transactions(at: height, time: time)
        var execution = try Transition.execute(
            transactions, at: BlockContext(height: height, time: time), over: store)
        execution.changes = (execution.changes + extra).sorted { $0.key < $1.key }
        let update = StateTree.update(execution.changes, to: store.state.root, version: height, in: store)
        let header = BlockHeader(
            chain: genesis.chain, height: height, epoch: 0, time: time, parent: tip.hash,
            ancestryRoot: tip.ancestry.root, transactionsRoot: Block.transactionsRoot(of: transactions),
            receiptsRoot: Block.receiptsRoot(of: execution.receipts), stateRoot: update.root.hash,
            validatorsHash: genesis.validatorSet.hash, nextValidatorsHash: genesis.validatorSet.hash,
            proposer: Int(height.rawValue % 4))
        // Every third block becomes final as an ancestor.
        let certificate = height.rawValue % 3 == 0 ? nil : try finalization(of: header)
        return FinalizedBlock(
            block: Block(header: header, transactions: transactions), certificate: certificate, execution: execution,
            update: update)
    }

    /// Appends `count` blocks.
    func grow(_ store: LedgerStore, by count: Int) throws {
        for _ in 0..<count { store.commit([try block(over: store)]) }
    }

    private func transactions(at height: Height, time: Timestamp) -> [Transaction] {
        (0..<2).map { number in
            var operations: [Operation] = []
            if employed.count > 3 { operations.append(.endStaff(EndStaff(staff: employed.removeFirst()))) }
            for _ in 0...number {
                registered += 1
                let arrival = RegisterStaff(
                    organization: organization, role: .clinician, pseudonym: "member \(registered)",
                    registrationHash: .sha256(Array("\(registered)".utf8)),
                    deviceKey: Self.key("device \(registered)").publicKey,
                    receivingKey: Self.key("receiving \(registered)").publicKey, sealingKey: Self.sealing,
                    expires: time.advanced(byMilliseconds: 10_000_000), needsCosignature: true)
                operations.append(.registerStaff(arrival))
                employed.append(arrival.staff)
            }
            let nonce = Array(Digest.sha256(Array("\(height) \(number)".utf8)).bytes.prefix(16))
            let body = TransactionBody(
                chain: genesis.chain, nonce: nonce, validUntil: Height(rawValue: height.rawValue + 10),
                operations: operations)
            return Transaction(body, signedBy: [administrator])
        }
    }

    private func finalization(of header: BlockHeader) throws -> Certificate {
        let reference = BlockReference(
            hash: header.hash.digest, parent: header.parent.digest, height: header.height)
        let view = View(rawValue: header.height.rawValue)
        guard
            let proposal = Proposal(
                epoch: Epoch(rawValue: 0), view: view, parentView: View(rawValue: header.height.rawValue - 1),
                block: reference)
        else { preconditionFailure("a view comes after the one before") }
        let statement = Statement.finalize(proposal)
        let digest = statement.digest(chain: genesis.chain.digest)
        let votes = validators.indices.filter { $0 != Int(header.height.rawValue % 4) }.map {
            Vote(
                statement: statement, signer: ValidatorIndex(rawValue: $0),
                signature: validators[$0].sign(digest: digest))
        }
        return Certificate(statement: statement, votes: votes)
    }

    private static func key(_ name: String) -> SigningKey {
        guard let key = SigningKey(SecretBytes(copying: Digest.sha256(Array(name.utf8)).bytes)) else {
            preconditionFailure("almost every hash is a key")
        }
        return key
    }

    private static let sealing: SealingPublicKey = {
        guard let key = SealingPublicKey([UInt8](repeating: 0, count: SealingPublicKey.length)) else {
            preconditionFailure("zeros have the shape of a sealing key")
        }
        return key
    }()
}
