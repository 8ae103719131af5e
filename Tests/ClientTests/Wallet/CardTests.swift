import Client
import Codec
import Cryptography
import Ledger
import Testing

@Suite("Wallet: cards and vouchers")
struct CardTests {
    private static let reader = Subject.organization(WalletCast.hospital)

    private func sealed(to reader: Subject = reader) throws -> SealedCard {
        try SealedCard(
            ScopeCard(WalletCast.scope), to: WalletCast.sealing("hospital").publicKey, of: reader,
            on: WalletCast.chain)
    }

    @Test func `a scope card opens for its reader and holds what authors need`() throws {
        let card = try sealed().open(with: WalletCast.sealing("hospital"), on: WalletCast.chain)
        #expect(ScopeID(card.scope) == WalletCast.scope.id)
        #expect(card.epoch == 0)
        #expect(card.delegatingKey == WalletCast.scope.delegating.publicKey)
        #expect(card.secret == WalletCast.scope.secret)
    }

    @Test func `a scope card opens for nobody else, on no other chain and for no other reader`() throws {
        let card = try sealed()
        #expect(throws: WalletFailure.cardDoesNotOpen) {
            try card.open(with: WalletCast.sealing("stranger"), on: WalletCast.chain)
        }
        #expect(throws: WalletFailure.cardDoesNotOpen) {
            try card.open(with: WalletCast.sealing("hospital"), on: ChainID(.zero))
        }
        let passedOn = try ScopeCard(WalletCast.scope).seal(
            to: WalletCast.sealing("hospital").publicKey, of: .staff(WalletCast.clinician), on: WalletCast.chain)
        #expect(throws: WalletFailure.cardDoesNotOpen) {
            try ScopeCard(
                opening: passedOn, of: WalletCast.scope.id, with: WalletCast.sealing("hospital"), as: Self.reader,
                on: WalletCast.chain)
        }
    }

    @Test func `what people paste reads back, with blanks around it, and nothing else does`() throws {
        let card = try sealed()
        #expect(SealedCard(text: "  \(card.text)\n") == card)
        let staff = StaffCard(WalletCast.staff)
        #expect(StaffCard(text: staff.text) == staff)
        #expect(StaffCard(text: card.text) == nil)
        #expect(StaffCard(text: String(staff.text.dropLast(8))) == nil)
        #expect(StaffCard(text: "") == nil)
    }

    @Test func `a box keeps the newest card of a scope`() throws {
        try WalletCast.withHome { home in
            let box = CardBox(home)
            #expect(throws: HomeFailure.self) { try box.card(of: WalletCast.scope.id) }
            try box.keep(try sealed(to: .staff(WalletCast.clinician)))
            let newest = try sealed()
            try box.keep(newest)
            #expect(try box.card(of: WalletCast.scope.id) == newest)
        }
    }

    @Test func `a voucher is signed by the hospital and for one chain`() throws {
        let keys = [WalletCast.signing("h1"), WalletCast.signing("h2")]
        let voucher = Voucher(
            of: WalletCast.hospital, expires: Timestamp(rawValue: 5), endorsedBy: keys, on: WalletCast.chain)
        #expect(Voucher(text: voucher.text) == voucher)
        #expect(voucher.enrollment.endorsements.map(\.key) == keys.map(\.publicKey).sorted())
        let other = Voucher(
            of: WalletCast.hospital, expires: Timestamp(rawValue: 5), endorsedBy: keys, on: WalletCast.chain)
        #expect(voucher.enrollment.code != other.enrollment.code)
    }

    @Test func `clinicians need the organisation's signature unless it says otherwise`() {
        func registration(_ role: Role, _ cosigned: Bool? = nil) -> RegisterStaff {
            StaffCard(WalletCast.staff).registration(
                at: WalletCast.hospital, as: role, pseudonym: "Clinician 1", number: "12345", salt: [1, 2],
                expires: Timestamp(rawValue: 5), needsCosignature: cosigned)
        }
        #expect(registration(.clinician).needsCosignature)
        #expect(!registration(.clinician, false).needsCosignature)
        #expect(!registration(.service).needsCosignature)
        #expect(registration(.service, true).needsCosignature)
        #expect(registration(.clinician).registrationHash == StaffCard.registrationHash("12345", salt: [1, 2]))
        #expect(
            StaffCard.registrationHash("12345", salt: [1, 3]) != StaffCard.registrationHash("12345", salt: [1, 2]))
    }
}
