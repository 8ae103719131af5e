import Client
import Codec
import Ledger
import Testing

@Suite("Wallet: a grant in plain words")
struct GrantExplanationTests {
    private static let start = Timestamp(rawValue: 1_795_651_200_000)

    private static func terms(
        _ purposes: [Purpose] = [.treatment], roles: [Role] = [.clinician], from: Timestamp? = nil,
        until: Timestamp? = nil
    ) -> GrantTerms {
        GrantTerms(
            to: .staff(WalletCast.clinician), for: purposes, roles: roles, notBefore: start,
            notAfter: start.advanced(byMilliseconds: 30 * 86_400_000), documentsPerDay: 20, documentsFrom: from,
            documentsUntil: until)
    }

    private static func explanation(
        _ terms: GrantTerms, flags: GrantConsent.Flags = [], standing: GrantExplanation.Standing? = nil
    ) -> GrantExplanation {
        GrantExplanation(
            terms, category: "imaging", reader: .person("Dr Samir", of: "South Hospital"), quorum: 3, validators: 4,
            flags: flags, standing: standing)
    }

    @Test func `it says who, what, for what, by whom, how many, from when, until when, and how it ends`() {
        let text = Self.explanation(Self.terms([.treatment, .research])).text
        for part in [
            "Dr Samir at South Hospital", "“imaging”", "all that is there now", "added later", "to treat you",
            "to do research", "nothing else", "doctors and nurses", "20 files a day", "26 November 2026",
            "26 December 2026", "3 of 4 computers", "take this back", "Nothing is signed yet.",
        ] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test(arguments: Purpose.allCases)
    func `every purpose is explained, at a grade of 8 at most`(_ purpose: Purpose) {
        let explanation = Self.explanation(Self.terms([purpose]))
        #expect(explanation.text.contains("They may use it \(purpose.plain)."))
        #expect(Readability.grade(explanation.sentences) <= 8)
        // Not carried by the other sentences: this one alone is no harder than the ninth year.
        #expect(Readability.grade(["They may use it \(purpose.plain)."]) <= 9, "\(purpose)")
    }

    @Test func `no two purposes have the same words`() {
        #expect(Set(Purpose.allCases.map(\.plain)).count == Purpose.allCases.count)
    }

    @Test func `the longest explanation is no harder`() {
        let flags: GrantConsent.Flags = [.emergency, .recovery]
        for standing: GrantExplanation.Standing? in [
            nil, .inForce, .early, .incomplete(have: 1, need: 3), .over, .revoked, .closed, .denied,
        ] {
            for (from, until) in [(nil, nil), (Self.start, nil), (nil, Self.start), (Self.start, Self.start)] {
                let terms = Self.terms(Purpose.allCases, roles: Role.allCases, from: from, until: until)
                let explanation = Self.explanation(terms, flags: flags, standing: standing)
                #expect(Readability.grade(explanation.sentences) <= 8)
                #expect(explanation.sentences.allSatisfy { Readability.words($0).count <= 20 })
                #expect(explanation.sentences.allSatisfy { $0.hasSuffix(".") })
            }
        }
    }

    @Test func `a window is told by its days`() {
        let text = Self.explanation(Self.terms(from: Self.start, until: nil)).text
        #expect(text.contains("added on 26 November 2026 or later") && text.contains("not read what is older"))
        #expect(!text.contains("all that is there now"))
    }

    @Test func `an organisation is a house with staff`() {
        let explanation = GrantExplanation(
            Self.terms(), category: "x", reader: .house("South Hospital"), quorum: 3, validators: 4)
        #expect(explanation.sentences.first == "You let the staff of South Hospital read your “x” files.")
    }

    @Test func `the measure itself finds hard words hard`() {
        let legal = [
            "Authorisation is hereby conferred upon the aforementioned organisation to retrieve confidential "
                + "documentation pertaining to diagnostic procedures for operational purposes."
        ]
        #expect(Readability.grade(legal) > 16)
        #expect(Readability.grade(["The cat sat on the mat."]) < 2)
        #expect(
            ["treat": 1, "table": 2, "people": 2, "computer": 3, "made": 1, "hospital": 3].allSatisfy {
                Readability.syllables($0.key) == $0.value
            })
    }
}
