import Client
import Testing

@Suite("Client: family names")
struct FamilyNamesTests {
    @Test(arguments: [
        ("Meier", "MEIER"), ("Núñez", "Nunez"), ("Müller", "Muller"), ("Weiß", "WEISS"), ("O'Brien", "O’Brien"),
        ("Meier-Lang", "Lang"), ("Meier", "Lang Meier"), ("Li", "li"), ("von Trapp", "Trapp"),
    ])
    func `names that people take for the same are the same`(_ one: String, _ other: String) {
        let compared = FamilyNames.compared(one, other)
        #expect(compared.patient == compared.staff)
    }

    @Test(arguments: [
        ("Meier", "Meyer"), ("von Trapp", "von Horn"), ("Lee", "Leeds"), ("Lang", "Langer"),
        ("de la Cruz", "de la Torre"),
    ])
    func `names that only have something in common are not`(_ one: String, _ other: String) {
        let compared = FamilyNames.compared(one, other)
        #expect(compared.patient != compared.staff)
    }
}
