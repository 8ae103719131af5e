import Codec
import Cryptography
import Ledger

/// One value of each type, the same in every run.
enum Samples {
    static func operations() throws -> [Operation] {
        let chain = try Cast.genesis().chain
        let document = Story.document("sample", replaces: DocumentID(Seeded.digest("old")))
        let grant = Story.grant("sample", from: Cast.start)
        return [
            .openScope(Cast.scope.opening(sponsor: Cast.southID, voucher: Voucher.valid(on: chain))),
            .authorizeAuthor(Story.authorization(of: Cast.scope)),
            .withdrawAuthor(WithdrawAuthor(scope: Cast.scope.id, organization: Cast.northID)),
            .registerStaff(Cast.reader.registration),
            .endStaff(EndStaff(staff: Cast.reader.id)),
            .commitDocument(document),
            .grantConsent(grant),
            Story.acknowledgement(of: grant, by: 0),
            .revokeConsent(RevokeConsent(grant: grant.grant)),
            .requestAccess(Story.request(grant.grant, [document.document], expires: 77)),
            .recordService(RecordService(validator: Cast.validators[0], count: 300, root: Seeded.digest("root"))),
            .rotateScope(Story.rotation(of: Cast.scope)),
            .closeScope(CloseScope(scope: Cast.scope.id)),
            .eraseDocument(
                EraseDocument(document: document.document, basis: .unlawful, officer: Cast.officer.id)),
            .confirmErasure(
                ConfirmErasure(validator: Cast.validators[2], subject: .document(document.document), kept: 3)),
            .shareDocument(Story.share("sample share", of: document.document)),
            .restrictScope(
                RestrictScope(
                    scope: Cast.scope.id, restriction: .documents(grant.grant, from: Cast.start, until: nil))),
        ] + emergencyOperations(grant.grant, document.document) + governanceOperations(on: chain)
            + recoveryOperations(grant.grant, document.document) + resharingOperations(grant)
    }

    private static func governanceOperations(on chain: ChainID) -> [Operation] {
        [
            .proposeChange(
                ProposeChange(
                    organization: Cast.northID,
                    change: .replaceValidator(Cast.validators[1], Governance.candidate("sample", on: chain)),
                    expires: Cast.start.advanced(byMilliseconds: 1000))),
            .approveChange(
                ApproveChange(change: ChangeID(Seeded.digest("change")), organization: Cast.southID)),
            .reportEvidence(Governance.evidence(on: chain)),
        ]
    }

    private static func resharingOperations(_ grant: GrantConsent) -> [Operation] {
        let points = [grant.delegation.shares[1].commitment, Story.point("sample 1"), Story.point("sample 2")]
        guard let commitments = ResharingCommitments(points) else { preconditionFailure("three points are a few") }
        return [
            .reshareGrant(
                ReshareGrant(
                    grant: grant.grant, round: 300, set: Seeded.digest("set"), dealer: Cast.validators[1],
                    commitments: commitments)),
            .answerResharing(
                AnswerResharing(
                    grant: grant.grant, round: 300, validator: Cast.validators[2], failed: Cast.validators[1])),
        ]
    }

    private static func recoveryOperations(_ grant: GrantID, _ document: DocumentID) -> [Operation] {
        [
            .appointGuardians(Story.appointment), .proposeOwner(Story.proposal),
            .vetoOwner(VetoOwner(scope: Cast.scope.id)), .confirmOwner(ConfirmOwner(scope: Cast.scope.id)),
            .recoverDocuments(
                RecoverDocuments(
                    grant: grant, documents: [document], replyKeyDigest: Seeded.digest("reply key"),
                    expires: Height(rawValue: 77))),
            .postMessage(.letter(Story.answer("sample", to: Story.letter("before"), by: Story.writer))),
        ]
    }

    private static func emergencyOperations(_ grant: GrantID, _ document: DocumentID) -> [Operation] {
        let emergency = DeclareEmergency(
            grant: grant, staff: Cast.author.id, second: Cast.nurse.id, documents: [document], reason: 300,
            replyKeyDigest: Seeded.digest("reply key"), expires: Height(rawValue: 77), isDrill: true)
        let freeze = Freeze(target: .key(Cast.scope.id.key), officer: Cast.officer.id, reason: 70_000)
        let notice = PublishNotice(
            organization: Cast.northID, officer: Cast.officer.id, cause: .emergency(emergency.access),
            scope: Cast.scope.id, contents: Story.contents(at: Cast.start), text: Seeded.content("sealed text"))
        return [
            .declareEmergency(emergency), .reviewEmergency(Story.review(emergency)), .freeze(freeze),
            .unfreeze(Unfreeze(target: .validator(Cast.validators[0]), reason: 1)), .publishNotice(notice),
            .setPolicy(Story.policy(cosigners: [Cast.scope.id.key])),
            .stateNames(Story.names(of: [emergency.access, AccessID(Seeded.digest("access"))])),
        ]
    }

    /// A transaction of the first operations that there were: its lock outlives those that are added.
    static func transaction() throws -> Transaction {
        let body = TransactionBody(
            chain: try Cast.genesis().chain, nonce: Array(0..<16), validUntil: Height(rawValue: 1000),
            operations: Array(try operations().prefix(11)))
        return Transaction(body, signedBy: [Cast.scope.key, Cast.author.device])
    }

    static func header() throws -> BlockHeader {
        var header = BlockHeader.genesis(try Cast.genesis(), stateRoot: Seeded.digest("state"))
        header.height = Height(rawValue: 70_000)
        header.proposer = 3
        return header
    }

    static let entry = HistoryEntry(
        height: Height(rawValue: 12), time: Cast.start, transaction: TransactionID(Seeded.digest("transaction")),
        operation: 3, outcome: .refused(.notGrantee))

    static let receipt = Receipt(
        transaction: TransactionID(Seeded.digest("transaction")), outcomes: [.applied, .refused(.capsuleUsed)])
}
