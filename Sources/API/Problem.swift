public import Codec

/// An answer that says why there is no other: a problem of RFC 9457 as JSON, of RFC 9290 as CBOR.
///
/// A problem never holds content, a key or a person's name, and never tells what is not there from what is not allowed.
public struct Problem: Error, Hashable, Sendable {
    /// Media type of the JSON form.
    public static let jsonType = "application/problem+json"
    /// Media type of the CBOR form.
    public static let cborType = "application/concise-problem-details+cbor"

    /// What went wrong, for programs.
    public let code: Code
    /// What went wrong this time: one sentence.
    public let detail: String
    /// A finer reason, where the code has several: the name of a ledger's refusal, or of a field.
    public let reason: String?
    /// Seconds to wait before trying again.
    public let retryAfter: Int?

    /// - Parameters:
    ///   - detail: One sentence; the code's title when there is nothing to add.
    ///   - retryAfter: Seconds.
    public init(_ code: Code, _ detail: String? = nil, reason: String? = nil, retryAfter: Int? = nil) {
        self.code = code
        self.detail = String(decoding: (detail ?? code.title).utf8.prefix(Self.maximumText), as: UTF8.self)
        self.reason = reason
        self.retryAfter = retryAfter
    }

    /// A body or a part of it that did not decode.
    public init(_ failure: DecodingFailure, in part: String) {
        self.init(.malformedBody, "\(part): \(failure)")
    }

    fileprivate static let maximumText = 1024
}

extension Problem: JSONRepresentable {
    /// The members of RFC 9457, and `code`, `remedy`, and where there is one `reason`.
    public var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("type", .string(code.type)), .init("title", .string(code.title)),
            .init("status", .integer(Int64(code.status))), .init("detail", .string(detail)),
            .init("code", .string(code.rawValue)), .init("remedy", .string(code.remedy)),
        ]
        if let reason { members.append(.init("reason", .string(reason))) }
        if let retryAfter { members.append(.init("retryAfter", .integer(Int64(retryAfter)))) }
        return .object(members)
    }
}

extension Problem: CBORCodable {
    private static let codeKey = "urn:careledger:code"
    private static let reasonKey = "urn:careledger:reason"
    private static let retryKey = "urn:careledger:retry-after"

    /// A map of RFC 9290: title (-1), detail (-2), response code (-4), and our own keys.
    public func encode(to writer: inout CBORWriter) {
        var pairs: [CBORValue.Pair] = [
            .init(.negative(0), .text(code.title)), .init(.negative(1), .text(detail)),
            .init(.negative(3), .unsigned(UInt64(code.status))), .init(.text(Self.codeKey), .text(code.rawValue)),
        ]
        if let reason { pairs.append(.init(.text(Self.reasonKey), .text(reason))) }
        if let retryAfter { pairs.append(.init(.text(Self.retryKey), .unsigned(UInt64(retryAfter)))) }
        CBORValue.map(pairs).encode(to: &writer)
    }

    /// Reads the map; keys that we do not know are passed over, as RFC 9290 section 2 asks.
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard case .map(let pairs) = try CBORValue(from: &reader) else { throw .invalid(field: "problem") }
        var code: Code?
        var detail: String?
        var reason: String?
        var retryAfter: Int?
        for pair in pairs {
            switch (pair.key, pair.value) {
            case (.negative(1), .text(let text)): detail = text
            case (.text(Self.codeKey), .text(let text)): code = Code(rawValue: text)
            case (.text(Self.reasonKey), .text(let text)) where text.utf8.count <= Self.maximumText: reason = text
            case (.text(Self.retryKey), .unsigned(let seconds)): retryAfter = Int(clamping: min(seconds, 86_400))
            default: continue
            }
        }
        guard let code else { throw .invalid(field: "problem code") }
        self.init(code, detail, reason: reason, retryAfter: retryAfter)
    }
}

extension Problem: CustomStringConvertible {
    /// The detail, the reason and the remedy.
    public var description: String {
        [detail, reason.map { "(\($0))" }, code.remedy].compactMap { $0 }.joined(separator: " ")
    }
}
