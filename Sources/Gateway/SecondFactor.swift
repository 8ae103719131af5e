public import Codec
internal import Cryptography
public import Ledger

/// A member of staff's second factor: what the gateway remembers of it, and what a code comes to.
///
/// It reads no clock: whoever asks says what time it is. The state after a verdict has to be on disk before anybody acts on
/// the verdict, or a code could be used twice.
public struct SecondFactor: Sendable {
    /// Wrong codes in a row after which nothing is accepted for a while.
    public static let maximumFailures = 5
    /// For how many seconds.
    public static let lockSeconds: UInt64 = 15 * 60
    /// Bytes of a secret.
    public static let secretLength = 20
    /// How many recovery codes there are.
    public static let recoveryCodes = 10
    private static let recoveryDomain = Domain("gateway-recovery-code")
    /// With a second device the second, else the first.
    private var version: UInt64 { secondDevice == nil ? 1 : 2 }

    /// What a code comes to.
    public enum Verdict: Hashable, Sendable {
        /// The code was right, and is used up.
        case accepted
        /// The code was wrong; so many more, and the factor is locked.
        case wrong(left: Int)
        /// The code, or a later one, was used before.
        case used
        /// Nothing is accepted until then, in seconds since 1970.
        case locked(until: UInt64)
    }

    /// Whose.
    public let staff: StaffID
    /// Their device, which must have signed as well.
    public let deviceKey: KeyID
    /// The key of a second device of theirs, whose signature stands for a code; nothing where they have none.
    public let secondDevice: KeyID?
    private let secret: SecretBytes
    private var lastStep: UInt64
    private var failures: Int
    private var lockedUntil: UInt64
    private var recovery: [Digest]

    /// A new factor.
    ///
    /// - Returns: With it the recovery codes, which exist nowhere else: the factor keeps their hashes.
    public static func make(
        for staff: StaffID, deviceKey: KeyID, secondDevice: KeyID? = nil
    ) -> (factor: SecondFactor, recoveryCodes: [String]) {
        let codes = (0..<recoveryCodes).map { _ in Base32.encode(SystemRandom.bytes(10)) }
        let factor = SecondFactor(
            staff: staff, deviceKey: deviceKey, secondDevice: secondDevice, secret: .random(count: secretLength),
            lastStep: 0, failures: 0,
            lockedUntil: 0, recovery: codes.map { hash($0, of: staff) }.sorted())
        return (factor, codes)
    }

    private init(
        staff: StaffID, deviceKey: KeyID, secondDevice: KeyID?, secret: SecretBytes, lastStep: UInt64, failures: Int,
        lockedUntil: UInt64,
        recovery: [Digest]
    ) {
        self.staff = staff
        self.deviceKey = deviceKey
        self.secondDevice = secondDevice
        self.secret = secret
        self.lastStep = lastStep
        self.failures = failures
        self.lockedUntil = lockedUntil
        self.recovery = recovery
    }

    /// What an authenticator app takes, as a QR code or by hand. It holds the secret: show it once.
    public func enrollmentURI(issuer: String) -> String {
        var bytes = secret.copy()
        defer { bytes.erase() }
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
        let name = issuer.utf8.reduce(into: "") { text, byte in
            let hex = String(byte, radix: 16, uppercase: true)
            text += allowed.contains(byte) ? String(UnicodeScalar(byte)) : "%" + (hex.count == 1 ? "0" + hex : hex)
        }
        return "otpauth://totp/\(name):\(staff.description.prefix(16))?secret=\(Base32.encode(bytes).uppercased())"
            + "&issuer=\(name)&algorithm=SHA1&digits=6&period=\(OneTimePassword.period)"
    }

    /// How many recovery codes are left.
    public var recoveryCodesLeft: Int { recovery.count }

    /// When a lock ends, in seconds since 1970; nothing when there is none.
    public func lock(at seconds: UInt64) -> UInt64? { lockedUntil > seconds ? lockedUntil : nil }

    /// Ends a lock.
    public mutating func unlock() {
        lockedUntil = 0
        failures = 0
    }

    /// Judges a code: that of the step now, of the one before or of the one after, or a recovery code.
    public mutating func check(_ code: String, at seconds: UInt64) -> Verdict {
        if let until = lock(at: seconds) { return .locked(until: until) }
        let now = OneTimePassword.step(at: seconds)
        let password = OneTimePassword(secret: secret)
        let candidates = (now == 0 ? 0 : now - 1)...(now + 1)
        // Compared as hashes, so that how long it takes tells nothing.
        let given = Self.hash(code, of: staff)
        if let step = candidates.last(where: { Self.hash(password.code(at: $0), of: staff) == given }) {
            guard step > lastStep else { return fail(with: .used, at: seconds) }
            lastStep = step
            failures = 0
            return .accepted
        }
        if let index = recovery.firstIndex(of: Self.hash(code.lowercased(), of: staff)) {
            recovery.remove(at: index)
            failures = 0
            return .accepted
        }
        return fail(with: .wrong(left: Self.maximumFailures - failures - 1), at: seconds)
    }

    private mutating func fail(with verdict: Verdict, at seconds: UInt64) -> Verdict {
        failures += 1
        guard failures >= Self.maximumFailures else { return verdict }
        failures = 0
        lockedUntil = seconds + Self.lockSeconds
        return .locked(until: lockedUntil)
    }

    private static func hash(_ code: String, of staff: StaffID) -> Digest {
        var writer = CBORWriter()
        writer.beginArray(2)
        writer.write(staff)
        writer.write(text: code)
        return .hash(writer.bytes, in: recoveryDomain)
    }
}

extension SecondFactor: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: 9)
        guard count >= 8, try reader.readUnsigned() == UInt64(count - 7) else { throw .invalid(field: "version") }
        staff = try reader.read()
        deviceKey = try reader.read()
        secret = SecretBytes(copying: try reader.readBytes(exactly: Self.secretLength))
        lastStep = try reader.readUnsigned()
        failures = try reader.readInt(max: Self.maximumFailures)
        lockedUntil = try reader.readUnsigned()
        recovery = try reader.readArray(max: Self.recoveryCodes)
        secondDevice = count == 9 ? try reader.read() : nil
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(secondDevice == nil ? 8 : 9)
        writer.write(version)
        writer.write(staff)
        writer.write(deviceKey)
        var copy = secret.copy()
        writer.write(bytes: copy)
        copy.erase()
        writer.write(lastStep)
        writer.write(UInt64(failures))
        writer.write(lockedUntil)
        writer.write(array: recovery)
        if let secondDevice { writer.write(secondDevice) }
    }
}
