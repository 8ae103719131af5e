import ChainStorage
import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// Every subject's history, as a store serves it, is all that happened to it, and leads to the head under the state root.
enum AuditCompleteness {
    static func judge(
        _ store: StoredChain, at index: Int, against histories: [Subject: [HistoryEntry]]
    ) -> String? {
        let root = store.position.header.stateRoot
        for subject in histories.keys.sorted() {
            let expected = histories[subject] ?? []
            guard let entries = try? store.ledger.blocks.history(of: subject, limit: expected.count + 1) else {
                return "validator \(index): the history of \(subject) cannot be read"
            }
            guard entries == expected else { return "validator \(index): the history of \(subject) is not all of it" }
            guard let proof = try? StateTree.proof(of: subject.stateKey, at: store.position.state, in: store),
                let value = try? proof.verify(root: root, key: subject.stateKey),
                let head = head(of: subject, in: value), head.isComplete(entries)
            else { return "validator \(index): the history of \(subject) does not lead to its head" }
        }
        return nil
    }

    private static func head(of subject: Subject, in value: [UInt8]) -> HistoryHead? {
        switch subject {
        case .organization: try? Leaf<OrganizationRecord>(decoding: value).history
        case .staff: try? Leaf<StaffRecord>(decoding: value).history
        case .scope: try? Leaf<ScopeRecord>(decoding: value).history
        case .document: try? Leaf<DocumentRecord>(decoding: value).history
        case .grant: try? Leaf<GrantRecord>(decoding: value).history
        case .validator: try? Leaf<ValidatorRecord>(decoding: value).history
        }
    }
}
