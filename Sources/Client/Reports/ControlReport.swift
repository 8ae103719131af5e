public import API
public import Codec
public import Cryptography
public import Ledger

/// What a report of controls is made of: `[version, chain, [evidence…], observations]`, an organisation each.
public struct ControlEvidence: Hashable, Sendable {
    /// The version of the format.
    public static let version: UInt64 = 1

    /// The chain.
    public let chain: ChainID
    /// Of each organisation, with its staff.
    public let organizations: [Evidence]
    /// What was seen of running nodes.
    public let observations: ControlObservations

    package init(chain: ChainID, organizations: [Evidence], observations: ControlObservations) {
        self.chain = chain
        self.organizations = organizations
        self.observations = observations
    }
}

extension ControlEvidence: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        guard try reader.readUnsigned() == Self.version else { throw .invalid(field: "control evidence version") }
        chain = try reader.read()
        organizations = try reader.readArray(max: Genesis.maximumMembers)
        observations = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(Self.version)
        writer.write(chain)
        writer.write(array: organizations)
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
    /// The oldest block that the histories are proved at.
    public let height: Height
    /// When running nodes were looked at, by the clock of whoever signed.
    public let time: Timestamp
    /// Who looked.
    public let observer: PublicKey
    /// Whether the observer is an auditor of the genesis file.
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
        guard let height = audits.map(\.history.header.height).min(), Set(subjects).count == subjects.count,
            subjects.allSatisfy({ $0.kind == .organization })
        else { throw .wrongSubject }
        // Nobody is left out whose history could say something else.
        guard genesis.organizations.allSatisfy({ subjects.contains(.organization($0.id)) }) else { throw .missingLeaf }
        let found = HistoryMeasurements(audits: audits).all + observations.measurements
        rows = Control.all.map { control in
            Row(
                control: control, measurements: control.checks.compactMap { check in found.first { $0.check == check } }
            )
        }
        self.height = height
        time = observations.time
        observer = observations.key
        isAppointed = genesis.auditors.contains { $0.key == observations.key }
    }
}
