internal import Codec

/// Bytes that are overwritten when nobody holds them any more.
///
/// The memory is never copied by the language: there is one buffer, and whoever holds the object shares it. Equality
/// takes the same time for all contents of one length; the description says only how many bytes there are.
public final class SecretBytes: @unchecked Sendable {
    // Safe to share: the buffer is filled in the initializer and never written again.
    private let buffer: UnsafeMutableRawBufferPointer

    /// Allocates `count` zeroed bytes, lets `fill` write them and keeps the result.
    public init<Failure: Error>(
        count: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        buffer = .allocate(byteCount: count, alignment: 16)
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        try fill(buffer)
    }

    /// Takes a copy of `bytes`; the caller's own copy is the caller's to erase.
    public convenience init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count) { (buffer: UnsafeMutableRawBufferPointer) in
            buffer.copyBytes(from: bytes)
        }
    }

    /// Fresh random bytes.
    public static func random(count: Int) -> SecretBytes {
        SecretBytes(count: count) { (buffer: UnsafeMutableRawBufferPointer) in OpenSSL.fillRandom(buffer) }
    }

    deinit {
        OpenSSL.cleanse(buffer)
        buffer.deallocate()
    }

    /// How many bytes there are.
    public var count: Int { buffer.count }

    /// Lends the bytes for the duration of `body`.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(buffer))
    }

    /// A copy in ordinary memory, for interfaces that take nothing else; the caller erases it.
    public func copy() -> [UInt8] { Array(buffer) }
}

extension SecretBytes: Equatable {
    public static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        left.withUnsafeBytes { left in right.withUnsafeBytes { OpenSSL.isEqualConstantTime(left, $0) } }
    }
}

extension SecretBytes: CustomStringConvertible {
    public var description: String { "\(count) secret bytes" }
}

extension SecretBytes: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension [UInt8] {
    /// Overwrites an array that held a secret. The array must be uniquely referenced, or the copy is what is erased.
    public mutating func erase() {
        withUnsafeMutableBytes { OpenSSL.cleanse($0) }
        removeAll()
    }
}

/// Random bytes that need not be kept secret: nonces, salts, identifiers.
public enum SystemRandom {
    /// - Returns: `count` random bytes.
    public static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { OpenSSL.fillRandom($0) }
        return bytes
    }
}
