internal import Codec

/// A door for bytes from outside: a decoder, and valid encodings to start from.
///
/// The list is used twice: `Tests/DecoderTests` alters the samples a little on every run of the tests, `Tools/Fuzz` for
/// as long as one likes.
public struct Decoder: Sendable {
    /// Its name, as `Tools/Fuzz` takes it.
    public let name: String
    /// Bytes that it accepts.
    public let samples: [[UInt8]]
    /// Decodes, does with the value what a program does before anything has been verified, and encodes it again; nothing
    /// if the bytes are refused. Must give the bytes themselves: one value, one encoding.
    public let reencode: @Sendable ([UInt8]) -> [UInt8]?
    /// Whether ``reencode`` gives anything back.
    public let givesBack: Bool

    init(
        _ name: String, samples: [[UInt8]], givesBack: Bool = true, reencode: @escaping @Sendable ([UInt8]) -> [UInt8]?
    ) {
        self.givesBack = givesBack
        self.name = name
        self.samples = samples
        self.reencode = reencode
    }

    /// - Parameter use: What a program does with the value before anything has been verified.
    init<Value: CBORCodable & Sendable>(
        _ name: String, _ values: [Value], use: @escaping @Sendable (Value) -> Void = { _ in }
    ) {
        self.init(name, samples: values.map(\.encoded)) { bytes in
            guard let value = try? Value(decoding: bytes) else { return nil }
            use(value)
            return value.encoded
        }
    }

    /// A door that gives nothing back to compare, such as what opens a secret.
    init(_ name: String, opening samples: [[UInt8]], open: @escaping @Sendable ([UInt8]) -> Void) {
        self.init(name, samples: samples, givesBack: false) { bytes in
            open(bytes)
            return nil
        }
    }

    /// A decoder of text, to which bytes that are not UTF-8 do not get.
    init(
        _ name: String, text samples: [String], parse: @escaping @Sendable (String) -> String?
    ) {
        self.init(name, samples: samples.map { Array($0.utf8) }) { bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
            return parse(text).map { Array($0.utf8) }
        }
    }

    /// Every decoder of bytes from outside.
    public static let all =
        core + cryptography + documents + reEncryption + ledger + consensus + peers + api
        + files + gateway
}
