import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: versions of the rules")
struct VersionRuleTests {
    private let ledger: TestLedger

    init() throws { ledger = TestLedger(try Cast.genesis()) }

    private func activation(_ version: UInt64 = 2, in blocks: UInt64) -> ProtocolActivation {
        // The second approval, which decides, stands two blocks above.
        ProtocolActivation(
            version: ProtocolVersion(rawValue: version),
            height: Height(rawValue: ledger.block.height.rawValue + 2 + blocks))
    }

    private func reach(_ height: Height) throws {
        while ledger.block.height < height { try ledger.pass(milliseconds: 10) }
    }

    /// An organisation of its own whose name is North's in capitals.
    private func lookalike(_ name: String) -> Change {
        .admitOrganization(
            Genesis.Organization(
                name: name, signingKeys: [Seeded.signing("\(name) desk").publicKey], threshold: 1,
                receivingKey: Seeded.signing("\(name) receiving").publicKey, sealingKey: Seeded.sealing("lookalike"),
                roles: [.clinician]))
    }

    @Test func `a chain begins with the first version, and says nothing of it`() {
        #expect(ledger.value(ProtocolRecord.key(.only)) == nil)
        #expect(ledger.protocolRecord.version(at: Height(rawValue: 1_000_000)) == .first)
    }

    @Test func `a version counts from its height on, not before`() throws {
        let activation = activation(in: 100)
        #expect(try Governance.decide(.activateVersion(activation), in: ledger) == .applied)
        let record = ledger.protocolRecord
        #expect(record.version(at: Height(rawValue: activation.height.rawValue - 1)) == .first)
        #expect(record.version(at: activation.height) == ProtocolVersion(rawValue: 2))
        #expect(record.upcoming(after: ledger.block.height) == activation)
        #expect(record.upcoming(after: activation.height) == nil)
    }

    @Test func `it takes more than two thirds like every change`() throws {
        let proposal = try Governance.propose(.activateVersion(activation(in: 100)), in: ledger)
        #expect(ledger.value(ProtocolRecord.key(.only)) == nil)
        try ledger.run(Governance.approval(proposal), by: Cast.south.signers)
        #expect(ledger.value(ProtocolRecord.key(.only)) != nil)
    }

    @Test func `the notice is one of 100 to 10 000 000 blocks when it is proposed, and when it is decided`() throws {
        let longest = ProtocolActivation.longestNotice
        for (notice, isPermitted) in [(UInt64(99), false), (100, true), (longest, true), (longest + 1, false)] {
            // The proposal stands in block 1.
            let height = Height(rawValue: 1 + notice)
            let change = Change.activateVersion(
                ProtocolActivation(version: ProtocolVersion(rawValue: 2), height: height))
            let ledger = TestLedger(try Cast.genesis())
            let proposal = Governance.proposal(change, in: ledger)
            let outcome = try ledger.run(.proposeChange(proposal), by: Cast.north.signers)[0]
            #expect(outcome == (isPermitted ? .applied : .refused(.activationOutOfRange)), "\(notice)")
            // A block later the shortest notice is too short.
            guard notice == 100 else { continue }
            #expect(
                try ledger.run(Governance.approval(proposal), by: Cast.south.signers)
                    == [.refused(.activationOutOfRange)])
        }
    }

    @Test func `versions follow on each other`() throws {
        for version in [UInt64(1), 3, 65_535] {
            let change = Change.activateVersion(activation(version, in: 100))
            let outcome = try ledger.run(
                .proposeChange(Governance.proposal(change, in: ledger)), by: Cast.north.signers)[0]
            #expect(outcome == .refused(.versionOutOfOrder), "\(version)")
        }
    }

    @Test func `what is decided and lies ahead is moved or taken back, what counts already is not`() throws {
        try Governance.decide(.activateVersion(activation(in: 100)), in: ledger)
        let later = activation(in: 300)
        #expect(try Governance.decide(.activateVersion(later), in: ledger) == .applied)
        #expect(ledger.protocolRecord.activation == later)
        #expect(try Governance.decide(.activateVersion(activation(1, in: 100)), in: ledger) == .applied)
        #expect(ledger.protocolRecord.version(at: Height(rawValue: 1_000_000)) == .first)
        let last = activation(in: 100)
        try Governance.decide(.activateVersion(last), in: ledger)
        try reach(last.height)
        for version in [UInt64(1), 2] {
            let back = Governance.proposal(.activateVersion(activation(version, in: 100)), in: ledger)
            #expect(
                try ledger.run(.proposeChange(back), by: Cast.north.signers) == [.refused(.versionOutOfOrder)])
        }
    }

    @Test func `names that differ in the case of letters alone are the same from version 2 on, not before`() throws {
        let activation = activation(in: 100)
        try Governance.decide(.activateVersion(activation), in: ledger)
        #expect(try Governance.decide(lookalike("NORTH HOSPITAL"), in: ledger) == .applied)
        // The last block of the first version.
        try reach(Height(rawValue: activation.height.rawValue - 2))
        let proposal = Governance.proposal(lookalike("north hospital"), in: ledger)
        let last = try ledger.run(.proposeChange(proposal), by: Cast.north.signers)
        #expect(last == [.applied] && ledger.block.height.rawValue == activation.height.rawValue - 1)
        // The approval would be the first block of the second: the rules of its own block count.
        let next = Governance.proposal(lookalike("nOrTh HoSpItAl"), in: ledger)
        #expect(
            try ledger.run(
                .proposeChange(next), Governance.approval(proposal), by: Cast.north.signers + Cast.south.signers
            )
            .first == .refused(.nameInUse))
        let other = Governance.proposal(lookalike("north hospitals"), in: ledger)
        #expect(try ledger.run(.proposeChange(other), by: Cast.north.signers) == [.applied])
    }

    @Test func `a version that is none is no change`() {
        func bytes(_ version: UInt64) -> [UInt8] {
            var writer = CBORWriter()
            writer.beginArray(3)
            writer.write(UInt64(9))
            writer.write(version)
            writer.write(UInt64(1000))
            return writer.bytes
        }
        #expect(throws: DecodingFailure.self) { try Change(decoding: bytes(0)) }
        #expect(throws: DecodingFailure.self) { try Change(decoding: bytes(65_536)) }
        #expect(throws: Never.self) { try Change(decoding: bytes(65_535)) }
    }
}
