import Codec
import Cryptography
import Ledger
import Testing

/// One hash for each format. A test that fails here means that old chains cannot be read: give the format a new version
/// and describe it in Network/FORMATS.md.
@Suite("Ledger: formats are locked")
struct FormatLockTests {
    @Test func `operations`() throws {
        for operation in try Samples.operations() {
            #expect(
                Digest.sha256(operation.encoded).hex.prefix(16) == Self.operations[operation.code] ?? "",
                "\(operation.code)")
        }
    }

    private static let operations: [Operation.Code: String] = [
        .openScope: "bb155f33b694ff5c",
        .authorizeAuthor: "050737cc6fd15ee4",
        .withdrawAuthor: "2cd8997f3dc83210",
        .registerStaff: "e03efa64dc25022b",
        .endStaff: "d81182fc94796641",
        .commitDocument: "1dedfae9a1b15303",
        .grantConsent: "3c59a155a7a6b63f",
        .acknowledgeGrant: "ede1f4f3d40c219e",
        .revokeConsent: "f624761d44c8207c",
        .requestAccess: "b8e1106a8e95ed30",
        .recordService: "92a5959eb0b20e81",
        .rotateScope: "80bc0e851c0943a1",
        .closeScope: "63930a8ac65b93c1",
        .eraseDocument: "b964c8544d054ae3",
        .confirmErasure: "29848a11fbbdfba2",
        .restrictScope: "d3ea7e723c627b65",
        .shareDocument: "ee28fad4db84126e",
        .declareEmergency: "6042f25fc525ebb9",
        .reviewEmergency: "d822dbecc8768096",
        .freeze: "e8932723fc0477f6",
        .unfreeze: "3b25c0ba45cd7ac6",
        .publishNotice: "a5a5e8b0cf3a3c07",
        .setPolicy: "67d75e2b4bea4fda",
        .proposeChange: "805dc53ee0bc31fe",
        .approveChange: "4d2b2cba6608462b",
        .reportEvidence: "53c8882cc4a78cbb",
        .appointGuardians: "eec2f366294e0f15",
        .proposeOwner: "017d12ecfc4a8cf4",
        .vetoOwner: "c98bf29703ea8c08",
        .confirmOwner: "dc6baac91f92cd8f",
        .recoverDocuments: "ff6aca0abccc3380",
        .stateNames: "be40e35bb5e4c7e2",
        .postMessage: "0639bba7fcf08216",
        .reshareGrant: "d31963c8581f59f2",
        .answerResharing: "f0f73f72a17485ac",
    ]

    @Test func `transaction, block, receipt, history, genesis`() throws {
        let transaction = try Samples.transaction()
        let block = Block(header: try Samples.header(), transactions: [transaction])
        #expect(try Block(decoding: block.encoded) == block)
        #expect(try Receipt(decoding: Samples.receipt.encoded) == Samples.receipt)
        #expect(try HistoryEntry(decoding: Samples.entry.encoded) == Samples.entry)
        var head = HistoryHead.empty
        head.append(Samples.entry)
        expect(transaction.bytes, "6214605298c68724", "transaction")
        expect(transaction.id.bytes, "712dff1d99a5c9f3", "transaction id")
        expect(transaction.digest.bytes, "ee2abbcfc797d48d", "transaction digest")
        expect(block.encoded, "7d22b15f8d990bf8", "block")
        expect(block.header.hash.bytes, "090cb2deacf79d6c", "block hash")
        expect(Samples.receipt.encoded, "8c71a2efb2ee0112", "receipt")
        expect(Samples.entry.encoded, "fc9f6f113acd4420", "history entry")
        expect(head.digest.bytes, "bd39bef5a0386889", "history head")
        expect(try Cast.genesis().encoded, "fbda623e7871d4c1", "genesis")
        expect(try Cast.genesis().validatorSet.hash.bytes, "e0798ff8a30ee8d1", "validators hash")
    }

    @Test func `changes`() throws {
        let chain = try Cast.genesis().chain
        let candidate = Governance.candidate("sample", on: chain)
        let auditor = Genesis.Auditor(name: "A", key: Cast.auditorKey.publicKey, expires: Cast.start)
        let changes: [(Change, String)] = [
            (.admitOrganization(Cast.north.entry()), "f03747afa1845772"),
            (.expelOrganization(Cast.southID), "37f292adf471ef58"),
            (.addValidator(candidate), "33b6583b8f9b6072"), (.removeValidator(Cast.validators[2]), "81f8838e8619873a"),
            (.replaceValidator(Cast.validators[2], candidate), "375824522035131f"),
            (.appointAuditor(auditor), "f70359103a0f9f6d"),
            (.dismissAuditor(auditor.id), "c6682ccf040e2b1b"),
            (.setParameter(.maximumBlockBytes, 1 << 20), "017840a0fb02d4ff"),
            (
                .activateVersion(
                    ProtocolActivation(version: ProtocolVersion(rawValue: 2), height: Height(rawValue: 5000))),
                "7c46a4e173655e24"
            ),
        ]
        for (change, lock) in changes {
            expect(change.encoded, lock, "\(change)")
            #expect(try Change(decoding: change.encoded) == change)
        }
    }

    @Test func `leaves of governance`() throws {
        let ledger = TestLedger(try Cast.genesis())
        let open = try Governance.propose(.setParameter(.accessWindow, 7), in: ledger)
        let evidence = Governance.evidence(on: ledger.chain)
        try ledger.run(.reportEvidence(evidence), by: [Cast.stranger])
        let activation = ProtocolActivation(version: ProtocolVersion(rawValue: 2), height: Height(rawValue: 5000))
        try Governance.decide(.activateVersion(activation), in: ledger)
        let leaves: [(StateKey, String, String)] = [
            (ConsortiumRecord.key(.only), "39e75f95a8313f8c", "consortium"),
            (ChangeRecord.key(open.id), "9e4d164d199f63e9", "change"),
            (DocketRecord.key(.only), "0d0e428a499a1ef9", "docket"),
            (ProtocolRecord.key(.only), "f76887dd3dde4ee8", "protocol version"),
            (
                StateKey(.evidence, [0x83, 0x58, 0x20] + Cast.validators[3].bytes + [0, 7]), "009b280f58b890bb",
                "evidence"
            ),
        ]
        for (key, lock, name) in leaves {
            expect(key.digest.bytes + (try #require(ledger.value(key), "\(name)")), lock, name)
        }
    }

    @Test func `state leaves`() throws {
        let story = try Story()
        let request = story.request()
        try story.ledger.run(.requestAccess(request), by: Story.readers)
        let leaves: [(StateKey, String, String)] = [
            (ParametersRecord.key(.only), "b7ab76894f33ad94", "parameters"),
            (ValidatorSetRecord.key(.only), "573cb8e2c11b3b72", "validator set"),
            (OrganizationRecord.key(Cast.southID), "25ffa8545ba2ce1e", "organization"),
            (StaffRecord.key(Cast.reader.id), "ddea534a5ddda6ee", "staff"),
            (ScopeRecord.key(Cast.scope.id), "43d1a7888a1143d0", "scope"),
            (DocumentRecord.key(story.document.document), "4dbf1f559ca1a31b", "document"),
            (GrantRecord.key(story.grant.grant), "a2bda39a55c3db23", "grant"),
            (GrantFragmentsRecord.key(story.grant.grant), "e99a06dea6223c0c", "grant fragments"),
            (ValidatorRecord.key(Cast.validators[1]), "bb8548a7aaae83d3", "validator"),
            (ValidatorCardRecord.key(Cast.validators[1]), "b4c3219bb4f0246e", "validator card"),
            (KeyHolder.key(Cast.scope.id.key), "6a383fd9599b9ca9", "key holder"),
            (SealingKeyRecord.key(.scope(Cast.scope.id)), "88ed730ab3cb7155", "sealing key"),
            (
                AuthorRecord.key(AuthorRecord.ID(scope: Cast.scope.id, organization: Cast.northID)), "337c74cee37fda78",
                "author"
            ),
            (
                StandingRecord.key(StandingRecord.ID(scope: Cast.scope.id, grantee: .staff(Cast.reader.id))),
                "4ed44af64439f091", "standing"
            ),
            (AccessRecord.key(request.access), "45ee160715b7b73a", "access"),
        ]
        for (key, lock, name) in leaves {
            expect(key.digest.bytes + (try #require(story.ledger.value(key), "\(name)")), lock, name)
        }
    }

    @Test func `state leaves of scopes over time, erasure, restrictions and shares`() throws {
        let story = try Story()
        let share = Story.share("share", of: story.document.document)
        let patient = [Cast.scope.key, Cast.otherScope.key]
        try story.ledger.run(
            .restrictScope(RestrictScope(scope: Cast.scope.id, restriction: .never(Cast.southID))),
            .restrictScope(
                RestrictScope(
                    scope: Cast.scope.id, restriction: .documents(story.grant.grant, from: Cast.start, until: nil))),
            .shareDocument(share), .rotateScope(Story.rotation(of: Cast.scope)),
            .eraseDocument(EraseDocument(document: story.document.document)),
            .closeScope(CloseScope(scope: Cast.scope.id)), by: patient)
        let confirmation = ConfirmErasure(
            validator: Cast.validators[0], subject: .document(story.document.document), kept: 2)
        try story.ledger.run(.confirmErasure(confirmation), by: [Cast.validatorKeys[0]])
        let leaves: [(StateKey, String, String)] = [
            (ScopeRecord.key(Cast.scope.id), "464d599ef077ee82", "closed scope"),
            (DocumentRecord.key(story.document.document), "259c8fd375972bc5", "tombstone"),
            (ScopeEpochsRecord.key(Cast.scope.id), "278aad09c97dfa59", "scope epochs"),
            (ErasureRecord.key(.document(story.document.document)), "fd206ebcc8728f15", "erasure"),
            (DenialRecord.key(.init(scope: Cast.scope.id, organization: Cast.southID)), "3e88b2967f5e01a5", "denial"),
            (GrantWindowRecord.key(story.grant.grant), "f542372ce1e64dbc", "grant window"),
            (SharedDocumentRecord.key(share.document), "2860f5a180def287", "shared document"),
        ]
        for (key, lock, name) in leaves {
            expect(key.digest.bytes + (try #require(story.ledger.value(key), "\(name)")), lock, name)
        }
    }

    @Test func `state leaves of guardians and recovery`() throws {
        let story = try Story()
        let grant = try story.prepareRecovery()
        try story.proposeOwner()
        let recovery = story.recovery(under: grant.grant)
        try story.ledger.run(.recoverDocuments(recovery), by: [Cast.scope.key])
        let other = try Story()
        try other.replaceOwner()
        let leaves: [(StateKey, TestLedger, String, String)] = [
            (GrantRecord.key(grant.grant), story.ledger, "103dd71f2a438994", "recovery grant"),
            (GuardianshipRecord.key(Cast.scope.id), story.ledger, "bf4997a6695db35c", "guardianship"),
            (OwnerProposalRecord.key(Cast.scope.id), story.ledger, "28e29302d23715e2", "owner proposal"),
            (RecoveryAccessRecord.key(recovery.access), story.ledger, "78c6e7a3e7ed27d6", "recovery access"),
            (ScopeOwnersRecord.key(Cast.scope.id), other.ledger, "d1fd3f6146f82bd2", "scope owners"),
        ]
        for (key, ledger, lock, name) in leaves {
            expect(key.digest.bytes + (try #require(ledger.value(key), "\(name)")), lock, name)
        }
    }

    @Test func `state leaf of a statement of names`() throws {
        let story = try Story()
        let access = try story.northernRequest()
        try story.ledger.run(.stateNames(Story.names(of: [access], same: [access])), by: [Cast.officer.device])
        let key = NameStatementRecord.key(access)
        expect(key.digest.bytes + (try #require(story.ledger.value(key))), "3e9d1ace283cfcb3", "name statement")
    }

    @Test func `messages, receipts and their leaves`() throws {
        let story = try Story()
        let first = Story.letter("first")
        let second = Story.answer("second", to: first, by: Story.writer)
        try story.write(first, second)
        try story.ledger.run(Story.receipt(of: second), by: [Cast.scope.key])
        try story.ledger.run(
            story.opening(first), Story.receipt(of: first, by: Story.recipient), by: Story.readers)
        expect(Operation.postMessage(.letter(first)).encoded, "9308eb0db1cd9605", "first message")
        expect(first.terms.boundMessage, "fe089746f191b308", "bound message")
        expect(Story.receipt(of: second).encoded, "a71993ae2e0fb85c", "patient's receipt")
        let leaves: [(StateKey, String, String)] = [
            (ThreadRecord.key(first.ownThread), "1e010134843c1e93", "thread"),
            (MessageRecord.key(second.document), "3e14c88bb5164b04", "message"),
            (DocumentRecord.key(first.document), "1008d962636ca014", "patient's message"),
            (DocumentRecord.key(second.document), "c7e1ede1b73b955b", "clinician's message"),
        ]
        for (key, lock, name) in leaves {
            expect(key.digest.bytes + (try #require(story.ledger.value(key), "\(name)")), lock, name)
        }
    }

    @Test func `state leaves of resharing`() throws {
        let story = try Story()
        try story.acknowledgeAll()
        _ = try story.answerable()
        try story.answer(Cast.validators[3], failed: Cast.validators[1])
        try story.deal([0, 2, 3], round: 2)
        let settled = story.ledger.value(ResharingRecord.key(story.grant.grant))
        for validator in [Cast.validators[3], Story.newcomerID, Cast.validators[0]] {
            try story.answer(validator, round: 2)
        }
        let grant = story.grant.grant
        let leaves: [([UInt8]?, StateKey, String, String)] = [
            (settled, ResharingRecord.key(grant), "bf17bf57e9625569", "settled round"),
            (
                story.ledger.value(ResharingRecord.key(grant)), ResharingRecord.key(grant), "d2512537b5692617",
                "round that serves"
            ),
            (
                story.ledger.value(GenerationRecord.key(grant)), GenerationRecord.key(grant), "d64afebc10e26a45",
                "generation"
            ),
            (
                story.ledger.value(GrantFragmentsRecord.key(grant)), GrantFragmentsRecord.key(grant),
                "020627f08147866c", "fragments"
            ),
            (story.ledger.value(GrantRecord.key(grant)), GrantRecord.key(grant), "74c5686bf0705c7f", "reshared grant"),
        ]
        for (value, key, lock, name) in leaves {
            expect(key.digest.bytes + (try #require(value, "\(name)")), lock, name)
        }
    }

    private func expect(_ bytes: [UInt8], _ lock: String, _ name: String) {
        #expect(Digest.sha256(bytes).hex.prefix(16) == lock, "\(name)")
    }
}
