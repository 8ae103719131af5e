import Codec
import Cryptography
import Ledger

extension Decoder {
    static let ledger: [Decoder] = [
        Decoder("operation", operations),
        Decoder("transaction", samples: [transaction.bytes]) { bytes in
            guard let transaction = try? Transaction(decoding: bytes) else { return nil }
            _ = transaction.verifySignatures()
            // Not the kept bytes, which would be equal whatever they are.
            guard let envelope = try? COSESign(decoding: transaction.bytes, maximumPayload: Transaction.maximumBytes),
                envelope.payload == transaction.body.encoded
            else { return [] }
            return envelope.encoded
        },
        Decoder("block-header", [header]) { _ = $0.hash },
        Decoder("block", [block]),
        Decoder("receipt", [Receipt(transaction: transaction.id, outcomes: [.applied])]),
        Decoder("history-entry", [entry]) { _ = $0.digest },
        Decoder("genesis", [genesis].compactMap { $0 }) { _ = ($0.chain, $0.validatorSet.hash) },
        Decoder("enrollment-voucher", [voucher]),
        Decoder("document-record", samples: [documentRecord]) { bytes in
            (try? DocumentRecord(decoding: bytes))?.encoded
        },
        Decoder("state-proof", samples: stateProofs) { bytes in
            guard let proof = try? StateProof(decoding: bytes) else { return nil }
            _ = try? proof.verify(root: .zero, key: StateKey(.zero))
            return proof.encoded
        },
    ]

    private static let organization = OrganizationID(Seeds.digest(10))
    private static let staff = StaffID(Seeds.digest(11))
    private static let scope = ScopeID(Seeds.key(12))
    private static let grant = GrantID(Seeds.digest(13))
    private static let validators = (0..<3).map { ValidatorID(Seeds.digest(20 + $0)) }

    private static let voucher = {
        var voucher = EnrollmentVoucher(
            organization: organization, code: [UInt8](repeating: 1, count: EnrollmentVoucher.codeLength),
            expires: Seeds.time)
        voucher.endorse(with: Seeds.signing(1), on: Seeds.chain)
        return voucher
    }()

    private static let terms = DocumentTerms(
        scope: scope, epoch: 0, organization: organization, staff: staff, manifest: Seeds.content(1), paddedSize: 1024,
        capsule: Seeds.capsule, keyCommitment: Seeds.digest(14), replaces: DocumentID(Seeds.digest(15)),
        metadata: Seeds.content(2))

    private static let operations: [Operation] =
        [
            .openScope(
                OpenScope(
                    scope: Seeds.key(12), delegatingKey: Seeds.delegating.publicKey, epoch: 0,
                    sealingKey: Seeds.sealing,
                    sponsor: organization, voucher: voucher)),
            .authorizeAuthor(
                AuthorizeAuthor(scope: scope, epoch: 0, organization: organization, card: Seeds.content(3))),
            .withdrawAuthor(WithdrawAuthor(scope: scope, organization: organization)),
            .registerStaff(
                RegisterStaff(
                    organization: organization, role: .clinician, pseudonym: "Nora", registrationHash: Seeds.digest(16),
                    deviceKey: Seeds.key(17), receivingKey: Seeds.key(18), sealingKey: Seeds.sealing,
                    expires: Seeds.time,
                    needsCosignature: true)),
            .endStaff(EndStaff(staff: staff)),
            .commitDocument(CommitDocument(terms) { Seeds.signing(19).sign($0, in: Domain("seed")) }),
            .grantConsent(
                GrantConsent(
                    scope: scope, epoch: 0, grantee: .staff(staff), receivingKey: Seeds.receiving.publicKey,
                    delegation: Seeds.delegation.published, validators: validators, purposes: [.treatment],
                    roles: [.clinician], notBefore: Seeds.time, notAfter: Seeds.time, documentsPerDay: 5,
                    flags: .emergency, card: Seeds.content(4))),
            .acknowledgeGrant(AcknowledgeGrant(grant: grant, validator: validators[0])),
            .revokeConsent(RevokeConsent(grant: grant)),
            .answerResharing(
                AnswerResharing(grant: grant, round: 2, validator: validators[0], failed: validators[1])),
            .requestAccess(
                RequestAccess(
                    grant: grant, staff: staff,
                    documents: [DocumentID(Seeds.digest(30)), DocumentID(Seeds.digest(31))],
                    purpose: .treatment, reason: 1, replyKeyDigest: Seeds.digest(32), expires: Height(rawValue: 100))),
            .recordService(RecordService(validator: validators[0], count: 2, root: Seeds.digest(33))),
            .rotateScope(
                RotateScope(scope: scope, epoch: 1, delegatingKey: Seeds.key(34), sealingKey: Seeds.sealing)),
            .closeScope(CloseScope(scope: scope)),
            .eraseDocument(
                EraseDocument(document: DocumentID(Seeds.digest(35)), basis: .misfiled, officer: staff)),
            .confirmErasure(ConfirmErasure(validator: validators[1], subject: .grant(grant), kept: 2)),
            .restrictScope(RestrictScope(scope: scope, restriction: .never(organization), isInForce: false)),
            .shareDocument(
                ShareDocument(
                    ShareTerms(
                        source: DocumentID(Seeds.digest(36)), scope: scope, epoch: 0, capsule: Seeds.capsule,
                        wrappedKey: WrappedDocumentKey(
                            DocumentKey(SecretBytes(copying: Seeds.digest(37).bytes)),
                            keySeed: SecretBytes(copying: Seeds.digest(38).bytes),
                            scopeSecret: SecretBytes(copying: Seeds.digest(39).bytes), capsule: Seeds.capsule,
                            scope: Seeds.key(12)), metadata: Seeds.content(5))
                ) { Seeds.signing(20).sign($0, in: Domain("seed")) }),
            .restrictScope(
                RestrictScope(scope: scope, restriction: .documents(grant, from: Seeds.time, until: Seeds.time))),
            .declareEmergency(
                DeclareEmergency(
                    grant: grant, staff: staff, second: StaffID(Seeds.digest(17)),
                    documents: [DocumentID(Seeds.digest(30))],
                    reason: 1, replyKeyDigest: Seeds.digest(32), expires: Height(rawValue: 100))),
            .reviewEmergency(
                ReviewEmergency(emergency: AccessID(Seeds.digest(18)), officer: staff, isJustified: true, reason: 2)),
            .freeze(Freeze(target: .staff(staff), officer: nil, reason: 1)),
            .unfreeze(Unfreeze(target: .organization(organization), reason: 1)),
            .setPolicy(
                SetPolicy(
                    organization: organization,
                    roles: [
                        RolePolicy(
                            role: .service, permitted: [.commitDocument], purposes: [.treatment],
                            kinds: [.record, .message])
                    ],
                    cosigners: [KeyID(Seeds.key(35))])),
            .stateNames(
                StateNames(
                    organization: organization, officer: staff, keyCommitment: Seeds.digest(44),
                    pairs: [nameTags(of: AccessID(Seeds.digest(18))), nameTags(of: AccessID(Seeds.digest(19)))])),
            .publishNotice(
                PublishNotice(
                    organization: organization, officer: staff, cause: .incident(IncidentID(Seeds.digest(34))),
                    scope: scope,
                    contents: NoticeContents(
                        occurredFrom: Seeds.time, occurredTo: Seeds.time, discovered: Seeds.time, nature: [.integrity],
                        information: [.imaging], consequences: [.noneLikely], measures: [.keyFrozen],
                        advice: [.nothingNeeded], contacts: [.email], people: 3, records: 4, delay: .other),
                    text: Seeds.content(5))),
        ] + governance + recovery + messages + resharing

    private static let messages: [Operation] = {
        let letter = Letter(
            MessageTerms(
                scope: scope, author: MessageAuthor(organization: organization, staff: staff),
                thread: ThreadID(Seeds.digest(60)), epoch: 1, number: 2, previous: DocumentID(Seeds.digest(61)),
                manifest: Seeds.content(6), paddedSize: 1024, capsule: Seeds.capsule, keyCommitment: Seeds.digest(62),
                metadata: Seeds.content(7))
        ) { Seeds.signing(21).sign($0, in: Domain("seed")) }
        return [
            .postMessage(.letter(letter)),
            .postMessage(.receipt(MessageReceipt(scope: scope, reader: nil, message: DocumentID(Seeds.digest(63))))),
        ]
    }()

    private static func nameTags(of access: AccessID) -> StateNames.Pair {
        let key = SecretBytes(copying: Seeds.digest(44).bytes)
        return StateNames.Pair(
            access: access, patient: NameTag("meier", in: access, under: key),
            staff: NameTag("lang", in: access, under: key))
    }

    private static let resharing: [Operation] = {
        guard let commitments = ResharingCommitments(Seeds.delegation.published.coefficients) else {
            preconditionFailure("two points are a few")
        }
        return [
            .reshareGrant(
                ReshareGrant(
                    grant: grant, round: 1, set: Seeds.digest(45), dealer: validators[0], commitments: commitments))
        ]
    }()

    private static let recovery: [Operation] = {
        let scope = ScopeID(Seeds.key(12))
        let appointment = AppointGuardians(
            scope: scope, guardians: [Seeds.key(40), Seeds.key(41)], threshold: 2, delay: 86_400_000)
        guard let appointment else { preconditionFailure("two of two is a threshold") }
        return [
            .appointGuardians(appointment), .appointGuardians(AppointGuardians(nobodyOf: scope)),
            .proposeOwner(ProposeOwner(scope: scope, owner: Seeds.key(42))), .vetoOwner(VetoOwner(scope: scope)),
            .confirmOwner(ConfirmOwner(scope: scope)),
            .recoverDocuments(
                RecoverDocuments(
                    grant: GrantID(Seeds.digest(43)), documents: [DocumentID(Seeds.digest(30))],
                    replyKeyDigest: Seeds.digest(32), expires: Height(rawValue: 100))),
        ]
    }()

    private static let governance: [Operation] = {
        var operations: [Operation] = [
            .proposeChange(
                ProposeChange(organization: organization, change: .addValidator(candidate), expires: Seeds.time)),
            .approveChange(ApproveChange(change: ChangeID(Seeds.digest(34)), organization: organization)),
        ]
        if let evidence { operations.append(.reportEvidence(evidence)) }
        return operations
    }()

    static let candidate = ValidatorCandidate(
        Genesis.Validator(
            organization: organization, consensusKey: Seeds.signing(4).publicKey, certificate: [1, 2, 3],
            sealingKey: Seeds.sealing, peerAddress: "b.example:7001", apiURL: "https://b.example:7002"),
        signedBy: Seeds.signing(4), on: Seeds.chain)

    private static let evidence: ReportEvidence? = {
        func signed(_ kind: UInt8, _ body: [UInt8]) -> ReportEvidence.Signed? {
            (try? ConsensusStatement(decoding: [0x82, kind] + body)).map {
                .init($0, Seeds.signing(4).sign($0.bytes, in: Domain("seed")))
            }
        }
        let block: [UInt8] = [0x83, 0x58, 0x20] + Seeds.digest(35).bytes + [0x58, 0x20] + Seeds.digest(36).bytes + [3]
        guard let nullify = signed(2, [0x82, 0, 9]), let finalize = signed(3, [0x84, 0, 9, 8] + block) else {
            return nil
        }
        return ReportEvidence(key: Seeds.key(4), nullify, finalize)
    }()

    static let transaction = Transaction(
        TransactionBody(
            chain: Seeds.chain, nonce: [UInt8](repeating: 4, count: TransactionBody.nonceLength),
            validUntil: Height(rawValue: 900), operations: operations),
        signedBy: [Seeds.signing(1), Seeds.signing(2)])

    static let block = Block(header: header, transactions: [transaction])

    static let header = BlockHeader(
        chain: Seeds.chain, height: Height(rawValue: 300), epoch: 1, time: Seeds.time,
        parent: BlockHash(Seeds.digest(40)), ancestryRoot: Seeds.digest(41),
        transactionsRoot: Block.transactionsRoot(of: [transaction]), receiptsRoot: Seeds.digest(42),
        stateRoot: Seeds.digest(43), validatorsHash: Seeds.digest(44), nextValidatorsHash: Seeds.digest(44), proposer: 2
    )

    static let entry = HistoryEntry(
        height: Height(rawValue: 300), time: Seeds.time, transaction: transaction.id, operation: 3, outcome: .applied)

    static let genesis: Genesis? = {
        let member = Genesis.Organization(
            name: "North", signingKeys: [Seeds.key(1), Seeds.key(2)], threshold: 2, receivingKey: Seeds.key(3),
            sealingKey: Seeds.sealing, roles: [.clinician, .registrar])
        return try? Genesis(
            name: "Seeds", time: Seeds.time, parameters: Genesis.Parameters(), organizations: [member],
            validators: [
                Genesis.Validator(
                    organization: member.id, consensusKey: Seeds.key(4), certificate: [1, 2, 3],
                    sealingKey: Seeds.sealing, peerAddress: "a.example:7001", apiURL: "https://a.example:7002")
            ],
            auditors: [Genesis.Auditor(name: "Ada", key: Seeds.key(5), expires: Seeds.time)])
    }()

    private static let documentRecord: [UInt8] = {
        var writer = CBORWriter()
        writer.beginArray(13)
        writer.write(terms.scope)
        writer.write(terms.epoch)
        writer.write(terms.organization)
        writer.write(terms.staff)
        writer.write(terms.manifest)
        writer.write(terms.paddedSize)
        writer.write(terms.capsule)
        writer.write(terms.keyCommitment)
        writer.writeNull()
        writer.write(optional: terms.replaces)
        writer.write(terms.metadata)
        writer.write(Height(rawValue: 7))
        writer.write(Seeds.time)
        return writer.bytes
    }()

    private static let stateProofs: [[UInt8]] = [
        StateProof(siblings: [Seeds.digest(50), Seeds.digest(51)], end: .nothing),
        StateProof(siblings: [Seeds.digest(50)], end: .value([1, 2, 3])),
        StateProof(siblings: [], end: .other(key: StateKey(Seeds.digest(52)), valueHash: Seeds.digest(53))),
    ].map(\.encoded)
}
