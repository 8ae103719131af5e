internal import Cryptography
internal import Foundation
internal import Ledger

/// What is wrong with JSON that a person wrote.
public struct DescriptionFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The field, for instance `organizations[1].receivingKey`.
    public let field: String
    /// What should stand there.
    public let expected: String

    /// - Parameter expected: In the form "a whole number".
    public init(_ field: String, _ expected: String) {
        self.field = field
        self.expected = expected
    }

    /// One sentence.
    public var description: String { "\(field): expected \(expected)" }
}

/// A JSON object whose fields are read by name and kind; what nobody reads is refused by ``finish()``.
final class JSONFields {
    private let object: [String: Any]
    private let prefix: String
    private var read: Set<String> = []

    init(_ json: [UInt8]) throws(DescriptionFailure) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(json)) as? [String: Any] else {
            throw DescriptionFailure("the file", "a JSON object")
        }
        self.object = object
        prefix = ""
    }

    private init(_ object: [String: Any], prefix: String) {
        self.object = object
        self.prefix = prefix
    }

    func path(_ field: String) -> String { prefix + field }

    func finish() throws(DescriptionFailure) {
        if let unknown = object.keys.filter({ !read.contains($0) }).min() {
            throw DescriptionFailure(path(unknown), "no such field")
        }
    }

    // MARK: Kinds

    func text(_ field: String) throws(DescriptionFailure) -> String {
        guard let text = value(field) as? String else { throw DescriptionFailure(path(field), "text") }
        return text
    }

    func textIfPresent(_ field: String) throws(DescriptionFailure) -> String? {
        object[field] == nil ? nil : try text(field)
    }

    func texts(_ field: String) throws(DescriptionFailure) -> [String] {
        guard let texts = value(field) as? [String] else { throw DescriptionFailure(path(field), "a list of texts") }
        return texts
    }

    func integerIfPresent(_ field: String) throws(DescriptionFailure) -> UInt64? {
        guard let value = value(field) else { return nil }
        // A boolean is a number too, of the type of C's char.
        guard let number = value as? NSNumber, String(cString: number.objCType) != "c",
            let integer = UInt64(exactly: number.doubleValue)
        else { throw DescriptionFailure(path(field), "a whole number") }
        return integer
    }

    func integerIfPresent(_ field: String, in range: ClosedRange<Int>) throws(DescriptionFailure) -> Int? {
        guard let integer = try integerIfPresent(field) else { return nil }
        guard integer <= UInt64(range.upperBound), range.contains(Int(integer)) else {
            throw DescriptionFailure(path(field), "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return Int(integer)
    }

    func time(_ field: String) throws(DescriptionFailure) -> Timestamp {
        guard let date = try? Date(try text(field), strategy: .iso8601), date.timeIntervalSince1970 >= 0 else {
            throw DescriptionFailure(path(field), "a time such as 2026-01-31T00:00:00Z")
        }
        return Timestamp(rawValue: UInt64(date.timeIntervalSince1970 * 1000))
    }

    func base64(_ field: String) throws(DescriptionFailure) -> [UInt8] {
        guard let data = Data(base64Encoded: try text(field)) else { throw DescriptionFailure(path(field), "base 64") }
        return Array(data)
    }

    func sealingKey(_ field: String) throws(DescriptionFailure) -> SealingPublicKey {
        guard let key = SealingPublicKey(try base64(field)) else {
            throw DescriptionFailure(path(field), "an X-Wing public key of 1 216 bytes in base 64")
        }
        return key
    }

    func publicKey(_ field: String) throws(DescriptionFailure) -> PublicKey {
        try Self.publicKey(try text(field), path(field))
    }

    func publicKeys(_ field: String) throws(DescriptionFailure) -> [PublicKey] {
        try texts(field).map { (text) throws(DescriptionFailure) in try Self.publicKey(text, path(field)) }
    }

    func objectIfPresent(_ field: String) throws(DescriptionFailure) -> JSONFields? {
        guard let value = value(field) else { return nil }
        guard let object = value as? [String: Any] else { throw DescriptionFailure(path(field), "an object") }
        return JSONFields(object, prefix: path(field) + ".")
    }

    /// Reads a list of objects, none when the field is missing.
    func objects<T>(
        _ field: String, _ make: (JSONFields) throws(DescriptionFailure) -> T
    ) throws(DescriptionFailure) -> [T] {
        guard let value = value(field) else { return [] }
        guard let objects = value as? [[String: Any]] else {
            throw DescriptionFailure(path(field), "a list of objects")
        }
        var made: [T] = []
        for (index, object) in objects.enumerated() {
            made.append(try make(JSONFields(object, prefix: "\(path(field))[\(index)].")))
        }
        return made
    }

    private func value(_ field: String) -> Any? {
        read.insert(field)
        return object[field]
    }

    /// A key as hexadecimal digits or as a `did:key`.
    private static func publicKey(_ text: String, _ path: String) throws(DescriptionFailure) -> PublicKey {
        if let did = DIDKey(text) { return did.key }
        guard let bytes = [UInt8](hex: text), let key = PublicKey(bytes) else {
            throw DescriptionFailure(path, "a secp256k1 key: did:key:zQ3s… or 66 hexadecimal digits")
        }
        return key
    }
}
