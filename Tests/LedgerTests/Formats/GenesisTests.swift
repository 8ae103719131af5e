import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: genesis")
struct GenesisTests {
    @Test func `a genesis decodes to itself, and its hash is the chain`() throws {
        let genesis = try Cast.genesis()
        let decoded = try Genesis(decoding: genesis.encoded)
        #expect(decoded == genesis)
        #expect(decoded.chain == genesis.chain)
        #expect(throws: DecodingFailure.trailingBytes(count: 1)) { try Genesis(decoding: genesis.encoded + [0]) }
    }

    @Test func `the first state knows everybody whom the genesis names`() throws {
        let ledger = TestLedger(try Cast.genesis())
        #expect(ledger.parameters.chain == ledger.chain)
        #expect(ledger.validatorSet.ids == Cast.validators)
        #expect(ledger.validatorSet.quorum == 3)
        #expect(ledger.record(Cast.southID, as: OrganizationRecord.self)?.threshold == 2)
        #expect(ledger.holder(of: KeyID(Cast.auditorKey.publicKey)) != nil)
        #expect(ledger.holder(of: KeyID(Cast.stranger.publicKey)) == nil)
    }

    @Test func `a genesis with something wrong names it`() throws {
        let valid = try Cast.genesis()
        func field(
            name: String? = nil, parameters: Genesis.Parameters? = nil,
            organizations: (inout [Genesis.Organization]) -> Void = { _ in },
            validators: (inout [Genesis.Validator]) -> Void = { _ in }
        ) -> String? {
            var (changedOrganizations, changedValidators) = (valid.organizations, valid.validators)
            organizations(&changedOrganizations)
            validators(&changedValidators)
            do {
                _ = try Genesis(
                    name: name ?? valid.name, time: valid.time, parameters: parameters ?? valid.parameters,
                    organizations: changedOrganizations, validators: changedValidators, auditors: valid.auditors)
                return nil
            } catch { return error.field }
        }
        #expect(field() == nil)
        #expect(field(name: "") == "name")
        #expect(field(name: String(repeating: "x", count: 129)) == "name")
        #expect(field(parameters: Genesis.Parameters(transactionWindow: 0)) == "parameters")
        #expect(field(parameters: Genesis.Parameters(maximumBlockBytes: 262_143)) == "parameters.maximumBlockBytes")
        #expect(field(organizations: { $0 = [] }) == "organizations")
        #expect(field(organizations: { $0.append($0[0]) }) == "organizations")
        #expect(field(validators: { $0 = [] }) == "validators")
        #expect(field(validators: { $0[1].organization = OrganizationID(.zero) }) == "validators[1].organization")
        #expect(field(validators: { $0[2].apiURL = "http://x" }) == "validators[2].apiURL")
        #expect(field(validators: { $0[2].certificate = [] }) == "validators[2].certificate")
        #expect(
            field(validators: { $0[2].certificate = [UInt8](repeating: 0, count: 1025) }) == "validators[2].certificate"
        )
        #expect(field(validators: { $0[3].consensusKey = $0[0].consensusKey }) == "keys")
        #expect(field(validators: { $0[3].peerAddress = $0[0].peerAddress }) == "validators")
        #expect(field(validators: { $0[3].consensusKey = Cast.auditorKey.publicKey }) == "keys")
    }

    @Test func `times print as people write them`() {
        #expect(Timestamp(rawValue: 0).description == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp(rawValue: 951_782_400_001).description == "2000-02-29T00:00:00.001Z")
        #expect(Timestamp(rawValue: 1_790_000_000_000).description == "2026-09-21T14:13:20.000Z")
        #expect(Timestamp.maximum.description == "9999-12-31T23:59:59.999Z")
    }
}
