internal import Codec
internal import Consensus
internal import Cryptography
internal import Ledger

// What people see of an answer. It names things and proves nothing: proofs are in the CBOR form alone.

extension Health: JSONRepresentable {
    /// `{"ok"}`.
    public var json: JSONValue { ["ok": .bool(ok)] }
}

extension NodeStatus: JSONRepresentable {
    /// An object with each of the items.
    public var json: JSONValue {
        [
            "validator": .text(validator), "ready": .bool(ready), "chain": .text(chain),
            "height": .number(height.rawValue), "time": .text(time), "view": .number(view), "epoch": .number(epoch),
            "missingVotes": .array(missingVotes.map { .text($0) }), "missingBodies": .number(UInt64(missingBodies)),
            "peers": .array(
                peers.map {
                    [
                        "validator": .text($0.validator), "connected": .bool($0.connected),
                        "height": .number($0.height.rawValue),
                    ]
                }), "waitingTransactions": .number(UInt64(waitingTransactions)), "version": .string(version),
            "reasons": .array(reasons.map { .string($0) }), "rules": rules.json,
        ]
    }
}

extension NodeStatus.Rules {
    fileprivate var json: JSONValue {
        [
            "version": .number(version.rawValue), "supported": .number(supported.rawValue),
            "upcoming": upcoming.map {
                ["version": .number($0.version.rawValue), "height": .number($0.height.rawValue)]
            } ?? .null, "warning": warning.map { .string($0) } ?? .null,
        ]
    }
}

extension BlockHeader {
    fileprivate var json: JSONValue {
        [
            "hash": .text(hash), "height": .number(height.rawValue), "epoch": .number(epoch), "time": .text(time),
            "parent": .text(parent), "proposer": .number(UInt64(proposer)), "ancestryRoot": .text(ancestryRoot),
            "transactionsRoot": .text(transactionsRoot), "receiptsRoot": .text(receiptsRoot),
            "stateRoot": .text(stateRoot), "validators": .text(validatorsHash),
            "nextValidators": .text(nextValidatorsHash),
        ]
    }
}

extension FinalityProof: JSONRepresentable {
    /// The header, at which height and view it was decided, and by how many.
    public var json: JSONValue {
        [
            "block": header.json,
            "decided": certificate.map {
                [
                    "height": .number(certifiedHeader.height.rawValue), "view": .number($0.view.rawValue),
                    "signers": .array($0.signers.map { .number(UInt64($0.rawValue)) }),
                ]
            } ?? .null,
        ]
    }

    fileprivate var position: JSONValue {
        ["height": .number(header.height.rawValue), "hash": .text(header.hash), "time": .text(header.time)]
    }
}

extension Transaction {
    fileprivate func json(_ receipt: Receipt?) -> JSONValue {
        let outcomes = receipt?.outcomes ?? []
        return [
            "transaction": .text(id), "signers": .array(signers.map { .text(DIDKey($0)) }),
            "validUntil": .number(body.validUntil.rawValue),
            "operations": .array(
                operations.enumerated().map { index, operation in
                    [
                        "operation": .string("\(operation.code)"),
                        "outcome": outcomes.indices.contains(index) ? .text(outcomes[index]) : .null,
                    ]
                }),
        ]
    }
}

extension TransactionProof: JSONRepresentable {
    /// The block's place, who signed, and what came of each operation.
    public var json: JSONValue { ["block": finality.position, "transaction": transaction.json(receipt)] }
}

extension SubmissionReply: JSONRepresentable {
    /// The transaction's id, and where it is final.
    public var json: JSONValue {
        ["transaction": .text(transaction), "final": proof?.json ?? .null]
    }
}

extension BlockReply: JSONRepresentable {
    /// The block and its transactions in order.
    public var json: JSONValue {
        [
            "block": finality.position,
            "transactions": .array(zip(transactions, receipts).map { $0.json($1) }),
        ]
    }
}

extension StateReply: JSONRepresentable {
    /// Each record as FORMATS.md lays it out, bytes in hexadecimal; `null` where the state is proved to have none.
    ///
    /// - Throws: `internal-failure` where a proof does not hold or a leaf is none.
    public var json: JSONValue {
        get throws(Problem) {
            var records: [JSONValue] = []
            for leaf in leaves {
                let (record, entries) = try contents(of: leaf)
                records.append([
                    "kind": .string("\(leaf.kind)"), "id": .string(leaf.id.hex), "record": record,
                    "historyEntries": entries,
                ])
            }
            return ["block": finality.position, "records": .array(records)]
        }
    }

    private func contents(of leaf: ProvedLeaf) throws(Problem) -> (record: JSONValue, entries: JSONValue) {
        let value: [UInt8]?
        do { value = try leaf.proof.verify(root: finality.header.stateRoot, key: leaf.key) } catch {
            throw Problem(.internalFailure, "The proof of a \(leaf.kind) does not hold.")
        }
        guard let value else { return (.null, .null) }
        guard case .array(let items) = try? CBORValue(decoding: value), items.count == 3 else {
            throw Problem(.internalFailure, "The leaf of a \(leaf.kind) is damaged.")
        }
        return (JSONValue(items[0]), JSONValue(items[1]))
    }
}

extension HistoryReply: JSONRepresentable {
    /// The entries of this page, oldest first.
    public var json: JSONValue {
        [
            "block": finality.position, "subject": .text(subject), "from": .number(from),
            "entries": .array(
                entries.map {
                    [
                        "height": .number($0.height.rawValue), "time": .text($0.time),
                        "transaction": .text($0.transaction), "operation": .number(UInt64($0.operation)),
                        "outcome": .text($0.outcome),
                    ]
                }),
        ]
    }
}

extension EvidenceReply: JSONRepresentable {
    /// The history's page, and the transactions that its entries are about.
    public var json: JSONValue {
        ["history": history.json, "transactions": .array(transactions.map(\.json))]
    }
}

extension FragmentReply: JSONRepresentable {
    /// Who answered, for which documents; what is sealed is for programs.
    public var json: JSONValue {
        ["validator": .text(validator), "documents": .array(fragments.map { .text($0.document) })]
    }
}

extension DepositReply: JSONRepresentable {
    /// The grant and the validator.
    public var json: JSONValue { ["grant": .text(grant), "validator": .text(validator)] }
}

extension ContentList: JSONRepresentable {
    /// The ids.
    public var json: JSONValue { .array(ids.map { .text($0) }) }
}

extension UploadReply: JSONRepresentable {
    /// The id, and how many nodes have it of how many that must.
    public var json: JSONValue {
        ["id": .text(id), "copies": .number(UInt64(copies)), "required": .number(UInt64(required))]
    }
}

extension JSONValue {
    /// A CBOR item for people, where nothing better is known of it: bytes in hexadecimal, tags left out.
    init(_ item: CBORValue) {
        switch item {
        case .unsigned(let value): self = .number(value)
        case .negative(let value): self = .integer(-1 - Int64(clamping: value))
        case .bytes(let bytes): self = .string(bytes.hex)
        case .text(let text): self = .string(text)
        case .array(let items): self = .array(items.map { JSONValue($0) })
        case .map(let pairs):
            self = .object(pairs.map { Member(JSONValue($0.key).name, JSONValue($0.value)) })
        case .tagged(_, let item): self = JSONValue(item)
        case .simple(20): self = .bool(false)
        case .simple(21): self = .bool(true)
        case .simple: self = .null
        }
    }

    private var name: String { if case .string(let text) = self { text } else { text } }
}
