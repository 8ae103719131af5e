public import ArgumentParser
public import Ledger

extension ErasureBasis: ExpressibleByArgument {
    /// The name of a legal basis.
    public init?(argument: String) { self.init(name: argument) }

    /// The names.
    public static var allValueStrings: [String] { allCases.map(\.name) }
}
