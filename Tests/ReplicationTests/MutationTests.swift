import Simulation
import Testing

@Suite("Simulation: rules that are broken on purpose")
struct MutationTests {
    /// Those that take no more than a few runs; `simulate mutations` hunts all.
    private static let quick = MutationCatalog.all.filter { $0.options.isCalm }

    @Test(arguments: quick.map(\.name))
    func `a check that is left out is noticed`(name: String) throws {
        let mutation = try #require(MutationCatalog.all.first { $0.name == name })
        #expect(mutation.hunt(limit: 6) != nil, "\(mutation.rule)")
    }

    @Test(arguments: [
        "finalize_after_nullify", "lose_votes", "no_bundle", "send_before_persist", "small_quorum",
    ])
    func `a broken rule of consensus is noticed`(name: String) throws {
        let mutation = try #require(MutationCatalog.all.first { $0.name == name })
        #expect(mutation.hunt(limit: 12) != nil, "\(mutation.rule)")
    }
}
