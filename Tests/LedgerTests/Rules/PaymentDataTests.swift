import Cryptography
import Ledger
import Testing

@Suite("Ledger: payment card numbers in clear text")
struct PaymentDataTests {
    /// A number of so many digits whose last digit is the right one.
    private func number(_ length: Int) -> String {
        let digits = (0..<(length - 1)).map { ($0 * 7 + 4) % 10 }
        let sum = digits.reversed().enumerated().reduce(0) { sum, place in
            let value = place.offset.isMultiple(of: 2) ? place.element * 2 : place.element
            return sum + (value > 9 ? value - 9 : value)
        }
        return (digits + [(10 - sum % 10) % 10]).map(String.init).joined()
    }

    @Test(arguments: [(11, false), (12, false), (13, true), (16, true), (19, true), (20, false), (21, false)])
    func `13 to 19 digits are a card number, fewer and more are not`(_ row: (length: Int, found: Bool)) {
        #expect(PaymentData.isIn(number(row.length)) == row.found)
        #expect(PaymentData.isIn("ward \(number(row.length)), north") == row.found)
    }

    @Test(arguments: [13, 16, 19]) func `a wrong check digit makes it no card number`(_ length: Int) {
        let valid = number(length)
        for digit in 0...9 where "\(digit)" != valid.suffix(1) {
            #expect(!PaymentData.isIn(valid.dropLast() + "\(digit)"))
        }
    }

    @Test(arguments: [" ", "-", ".", "/", "_", " - ", "\u{a0}", "\u{2013}"])
    func `separators hide nothing`(_ separator: String) {
        let groups = ["4111", "1111", "1111", "1111"]
        #expect(PaymentData.isIn("Nora" + separator + groups.joined(separator: separator)))
        #expect(PaymentData.isIn(groups.joined().map(String.init).joined(separator: separator)))
        // Groups before and behind that are no part of it.
        #expect(PaymentData.isIn((["77"] + groups + ["5"]).joined(separator: separator)))
    }

    @Test func `digits of other scripts are digits`() {
        #expect(PaymentData.isIn("４１１１１１１１１１１１１１１１"))
        #expect(PaymentData.isIn("٤١١١١١١١١١١١١١١١"))
        #expect(PaymentData.isIn("४१११११११११११११११"))
    }

    @Test func `letters, words and four separators part numbers`() {
        for text in ["", "4111", "41111111a11111111", "4111 1111 and 1111 1111", "41111111    11111111", "clinician 7"]
        {
            #expect(!PaymentData.isIn(text))
        }
    }

    @Test func `test numbers of the card schemes are found`() {
        for text in [
            "4111111111111111", "5555555555554444", "2223003122003222", "6011111111111117", "4222222222222",
            "6304000000000000000",
        ] {
            #expect(PaymentData.isIn(text), "\(text)")
        }
        // 378282246310005 and 30569309025904 have 15 and 14 digits.
        #expect(PaymentData.isIn("3782 822463 10005") && PaymentData.isIn("3056 930902 5904"))
    }

    @Test func `no pseudonym with a card number is registered, and nothing changes`() throws {
        let story = try Story()
        let member = Member("4111-1111-1111-1111", of: Cast.northID)
        let before = story.ledger.contents.values
        #expect(
            try story.ledger.run(.registerStaff(member.registration), by: Cast.north.signers) == [
                .refused(.paymentCardNumber)
            ])
        #expect(story.ledger.contents.values == before)
        let other = Member("4111-1111-1111-1112", of: Cast.northID)
        #expect(try story.ledger.run(.registerStaff(other.registration), by: Cast.north.signers) == [.applied])
    }

    @Test func `no name of a genesis holds one`() throws {
        let valid = try Cast.genesis()
        func field(_ name: String, _ organizations: [Genesis.Organization], _ auditors: [Genesis.Auditor]) -> String? {
            do {
                _ = try Genesis(
                    name: name, time: valid.time, parameters: valid.parameters, organizations: organizations,
                    validators: valid.validators, auditors: auditors)
                return nil
            } catch { return error.field }
        }
        let card = "x 4111 1111 1111 1111"
        var organizations = valid.organizations
        organizations[1].name = card
        var auditors = valid.auditors
        auditors[0].name = card
        #expect(field(card, valid.organizations, valid.auditors) == "name")
        #expect(field(valid.name, organizations, valid.auditors) == "organizations[1].name")
        #expect(field(valid.name, valid.organizations, auditors) == "auditors[0].name")
    }
}
