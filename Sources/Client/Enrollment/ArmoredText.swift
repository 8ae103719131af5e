public import Codec
internal import Foundation

/// A value as one line of text that people paste: `careledger-<kind>:` and base64.
public protocol ArmoredText: CBORCodable {
    /// What stands before the colon, behind `careledger-`.
    static var kind: String { get }
}

extension ArmoredText {
    private static var prefix: String { "careledger-\(kind):" }

    /// The line.
    public var text: String { Self.prefix + Data(encoded).base64EncodedString() }

    /// Reads a line; blanks around it do not matter.
    public init?(text: String) {
        let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard line.hasPrefix(Self.prefix), let data = Data(base64Encoded: String(line.dropFirst(Self.prefix.count))),
            let value = try? Self(decoding: Array(data))
        else { return nil }
        self = value
    }
}

extension StaffCard: ArmoredText {
    /// What its line begins with.
    public static var kind: String { "staff" }
}
