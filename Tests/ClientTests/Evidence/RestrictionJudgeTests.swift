import Client
import Codec
import Cryptography
import Ledger
import Testing

@Suite("Audits: denials and times of documents")
struct RestrictionJudgeTests {
    private static let scope = WalletCast.scope.id
    private static let grant = GrantID(WalletCast.digest("grant"))

    /// A document whose identifier follows from the name.
    private static func commit(_ name: String) throws -> CommitDocument {
        let capsule = Encapsulation(for: WalletCast.scope.delegating.publicKey).capsule
        let terms = DocumentTerms(
            scope: scope, epoch: 0, organization: WalletCast.hospital, staff: WalletCast.clinician,
            manifest: ContentID(of: Array("manifest \(name)".utf8)), paddedSize: 1024, capsule: capsule,
            keyCommitment: WalletCast.digest("commitment \(name)"), replaces: nil,
            metadata: ContentID(of: Array("metadata \(name)".utf8)))
        return CommitDocument(terms) { WalletCast.signing(name).sign($0, in: Domain("test-binding")) }
    }

    private static func restriction(_ restriction: ScopeRestriction, isInForce: Bool = true) -> Operation {
        .restrictScope(RestrictScope(scope: scope, restriction: restriction, isInForce: isInForce))
    }

    private static func time(_ seconds: UInt64) -> Timestamp { Timestamp(rawValue: seconds * 1000) }

    @Test func `an access by staff of a denied organisation is found, by others or after the denial not`() {
        var judge = RestrictionJudge()
        #expect(judge.findings(opening: [], by: WalletCast.hospital, within: nil).isEmpty)
        judge.follow(Self.restriction(.never(WalletCast.hospital)), at: Self.time(1))
        #expect(judge.findings(opening: [], by: WalletCast.hospital, within: nil).count == 1)
        #expect(judge.findings(opening: [], by: OrganizationID(WalletCast.digest("other")), within: nil).isEmpty)
        // The owner, who is of no organisation, is denied nothing.
        #expect(judge.findings(opening: [], by: nil, within: nil).isEmpty)
        judge.follow(Self.restriction(.never(WalletCast.hospital), isInForce: false), at: Self.time(2))
        #expect(judge.findings(opening: [], by: WalletCast.hospital, within: nil).isEmpty)
    }

    @Test func `an access to a document from outside of the grant's times is found`() throws {
        let (early, late) = (try Self.commit("early"), try Self.commit("late"))
        var judge = RestrictionJudge()
        judge.follow(.commitDocument(early), at: Self.time(10))
        judge.follow(.commitDocument(late), at: Self.time(30))
        func count(_ documents: [DocumentID], from: UInt64?, until: UInt64?) -> Int {
            let window = ScopeRestriction.documents(
                Self.grant, from: from.map(Self.time), until: until.map(Self.time))
            return judge.findings(opening: documents, by: WalletCast.hospital, within: window).count
        }
        #expect(count([early.document], from: 10, until: 10) == 0)
        #expect(count([early.document], from: 11, until: nil) == 1)
        #expect(count([late.document], from: nil, until: 29) == 1)
        #expect(count([early.document, late.document], from: 11, until: nil) == 1)
        #expect(count([late.document], from: 11, until: nil) == 0)
        // Of a document that the history does not hold nothing can be said.
        #expect(count([DocumentID(WalletCast.digest("unknown"))], from: 11, until: nil) == 0)
    }

    @Test func `the window that counts is the last one, and none once it is lifted`() {
        let first = ScopeRestriction.documents(Self.grant, from: Self.time(1), until: nil)
        let second = ScopeRestriction.documents(Self.grant, from: nil, until: Self.time(2))
        #expect(RestrictionJudge.window(after: []) == nil)
        #expect(
            RestrictionJudge.window(after: [Self.restriction(first), Self.restriction(second)]) == second)
        #expect(
            RestrictionJudge.window(after: [Self.restriction(first), Self.restriction(first, isInForce: false)]) == nil)
        #expect(RestrictionJudge.window(after: [Self.restriction(.never(WalletCast.hospital))]) == nil)
    }
}
