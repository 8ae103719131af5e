public import Codec
public import Ledger

/// What the state of a final block says about some keys: `[finality, [leaf…]]`.
///
/// Which leaves an endpoint answers with is fixed by ``Request/leaves(in:)`` and the endpoint's description.
public struct StateReply: Hashable, Sendable {
    /// The most leaves of an answer.
    public static let maximumLeaves = 2 * Genesis.maximumMembers + 1

    /// One key with its proof: `[kind, id, proof]`.
    public struct ProvedLeaf: Hashable, Sendable {
        /// What the leaf holds.
        public let kind: StateKind
        /// The identifier's bytes.
        public let id: [UInt8]
        /// What stands under the key, or that nothing does.
        public let proof: StateProof

        /// A leaf with its proof.
        public init(kind: StateKind, id: [UInt8], proof: StateProof) {
            self.kind = kind
            self.id = id
            self.proof = proof
        }

        /// Where it stands.
        public var key: StateKey { StateKey(kind, id) }
    }

    /// The block whose state it is.
    public let finality: FinalityProof
    /// The leaves.
    public let leaves: [ProvedLeaf]

    /// An answer.
    public init(finality: FinalityProof, leaves: [ProvedLeaf]) {
        self.finality = finality
        self.leaves = leaves
    }

    /// Checks that the block is final and every leaf proved.
    public func verify(_ trust: TrustAnchor) throws(ProofFailure) -> VerifiedState {
        try finality.verify(trust)
        return try verifyLeaves()
    }

    /// Checks all but that the block is final.
    package func verifyLeaves() throws(ProofFailure) -> VerifiedState {
        var values: [StateKey: [UInt8]?] = [:]
        for leaf in leaves {
            do {
                let value = try leaf.proof.verify(root: finality.header.stateRoot, key: leaf.key)
                values.updateValue(value, forKey: leaf.key)
            } catch { throw .state(error) }
        }
        return VerifiedState(header: finality.header, values: values)
    }
}

/// Some leaves of a final block's state, all proved.
public struct VerifiedState: Sendable {
    /// The block.
    public let header: BlockHeader
    private let values: [StateKey: [UInt8]?]

    init(header: BlockHeader, values: [StateKey: [UInt8]?]) {
        self.header = header
        self.values = values
    }

    /// A record with the head of its history; nothing when the state has none.
    ///
    /// - Throws: ``ProofFailure/missingLeaf`` when the answer does not say.
    public func leaf<Record: StateRecord>(
        _ id: Record.ID, as type: Record.Type = Record.self
    ) throws(ProofFailure) -> Leaf<Record>? {
        guard let value = values[Record.key(id)] else { throw .missingLeaf }
        guard let value else { return nil }
        do { return try Leaf(decoding: value) } catch { throw .malformedLeaf(error) }
    }

    /// A record; nothing when the state has none.
    public func record<Record: StateRecord>(
        _ id: Record.ID, as type: Record.Type = Record.self
    ) throws(ProofFailure) -> Record? {
        try leaf(id, as: Record.self)?.record
    }
}

extension StateReply: CBORCodable {
    /// Reads both items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        finality = try reader.read()
        leaves = try reader.readArray(max: Self.maximumLeaves)
    }

    /// Appends both items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(finality)
        writer.write(array: leaves)
    }
}

extension StateReply.ProvedLeaf: CBORCodable {
    private static let maximumIDLength = 128

    /// Reads the three items.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        guard let kind = StateKind(rawValue: UInt8(try reader.readInt(max: 255))) else { throw .invalid(field: "kind") }
        self.kind = kind
        id = try reader.readBytes(max: Self.maximumIDLength)
        proof = try reader.read()
    }

    /// Appends the three items.
    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(UInt64(kind.rawValue))
        writer.write(bytes: id)
        writer.write(proof)
    }
}
