public import ArgumentParser
public import Cryptography

extension AgeRecipient: ExpressibleByArgument {
    /// `age1…`, as age-keygen prints it.
    public init?(argument: String) { self.init(argument) }
}
