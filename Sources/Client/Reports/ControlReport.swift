public import API
public import Codec
public import Cryptography
public import Ledger

/// What a report of controls is made of: `[version, chain, [evidence…], members, observer, observations]`, an evidence for
/// each organisation.
public struct ControlEvidence: Hashable, Sendable {
    /// The version of the format.
    public static let version: UInt64 = 1

    /// The chain.
    public let chain: ChainID
    /// Of each organisation, with its staff.
    public let organizations: [Evidence]
    /// Who belonged to the consortium when the histories were asked for: the leaf of its members, proved.
    public let members: StateReply
    /// Whose key it is that signed the observations: the leaf of its holder, proved.
    public let observer: StateReply
    /// What was seen of running nodes.
    public let observations: ControlObservations

    package init(
        chain: ChainID, organizations: [Evidence], members: StateReply, observer: StateReply,
        observations: ControlObservations
    ) {
        self.chain = chain
        self.organizations = organizations
        self.members = members
        self.observer = observer
        self.observations = observations
    }
}

extension ControlEvidence: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 6)
        guard try reader.readUnsigned() == Self.version else { throw .invalid(field: "control evidence version") }
        chain = try reader.read()
        organizations = try reader.readArray(max: 2 * Genesis.maximumMembers)
        members = try reader.read()
        observer = try reader.read()
        observations = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(6)
        writer.write(Self.version)
        writer.write(chain)
        writer.write(array: organizations)
        writer.write(members)
        writer.write(observer)
        writer.write(observations)
    }
}

/// Each control that HIPAA's and the GDPR's security rules ask for, the mechanism, the command that proves it, and what
/// was just measured of it.
public struct ControlReport: Hashable, Sendable {
    /// One control.
    public struct Row: Hashable, Sendable {
        /// The control.
        public let control: Control
        /// What its checks found; empty where nothing can be measured.
        public let measurements: [ControlMeasurement]

        /// Whether everything measured is as it should be; nothing where nothing can be measured.
        public var holds: Bool? { measurements.isEmpty ? nil : measurements.allSatisfy(\.holds) }
    }

    /// One for each control.
    public let rows: [Row]
    /// The oldest block that the histories and the list of members are proved at.
    public let height: Height
    /// When running nodes were looked at, by the clock of whoever signed.
    public let time: Timestamp
    /// Who looked.
    public let observer: PublicKey
    /// Whether the observer was an auditor of the consortium.
    public let isAppointed: Bool

    /// Judges the evidence.
    ///
    /// - Throws: ``ProofFailure`` when anything in it does not hold.
    public init(_ evidence: ControlEvidence, genesis: Genesis) throws(ProofFailure) {
        let trust = TrustAnchor(genesis)
        let observations = evidence.observations
        guard evidence.chain == trust.chain, observations.chain == trust.chain else { throw .wrongChain }
        guard observations.isValid else { throw .invalidSignature }
        var audits: [AccessAudit] = []
        for organization in evidence.organizations { audits.append(try AccessAudit(organization, trust: trust)) }
        let subjects = audits.map(\.history.subject)
        let heights = audits.map(\.history.header.height) + [evidence.members.finality.header.height]
        guard let height = heights.min(), Set(subjects).count == subjects.count,
            subjects.allSatisfy({ $0.kind == .organization })
        else { throw .wrongSubject }
        let (members, holder) = try Self.members(evidence, trust)
        // Nobody is left out whose history could say something else.
        let expected = Set(genesis.organizations.map(\.id)).union(members.organizations)
        guard expected.allSatisfy({ subjects.contains(.organization($0)) }) else { throw .missingLeaf }
        let found = HistoryMeasurements(audits: audits).all + observations.measurements
        rows = Control.all.map { control in
            Row(
                control: control, measurements: control.checks.compactMap { check in found.first { $0.check == check } }
            )
        }
        self.height = height
        time = observations.time
        observer = observations.key
        if case .auditor(let id)? = holder {
            isAppointed = members.auditors.contains(id)
        } else {
            isAppointed = false
        }
    }

    /// Who belonged to the consortium, and who holds the observer's key; nothing where it is nobody's or not said.
    private static func members(
        _ evidence: ControlEvidence, _ genesis: TrustAnchor
    ) throws(ProofFailure) -> (members: ConsortiumRecord, holder: KeyHolder?) {
        // Each piece of evidence has been judged with its own boundaries; the longest list of them knows every epoch.
        var trust = genesis
        for boundary in evidence.organizations.map(\.boundaries).max(by: { $0.count < $1.count }) ?? [] {
            try trust.follow(boundary)
        }
        guard let members = try evidence.members.verify(trust).record(.only, as: ConsortiumRecord.self) else {
            throw .missingLeaf
        }
        let key = KeyID(evidence.observations.key)
        let observer = try evidence.observer.verify(trust)
        guard evidence.observer.leaves.contains(where: { $0.key == KeyHolder.key(key) }) else { return (members, nil) }
        return (members, try observer.record(key, as: KeyHolder.self))
    }
}
