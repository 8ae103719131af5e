import Codec
import Cryptography
import Gateway
import Ledger
import Testing

@Suite("Gateway: second factors")
struct SecondFactorTests {
    private static let staff = StaffID(.sha256([1]))
    private static let device = KeyID(SigningKey.random().publicKey)
    private static let now: UInt64 = 1_790_000_000

    /// A factor, and what the authenticator app that was given its URI shows.
    private static func enrolled() throws -> (SecondFactor, recovery: [String], app: OneTimePassword) {
        let (factor, codes) = SecondFactor.make(for: staff, deviceKey: device)
        let uri = factor.enrollmentURI(issuer: "North Hospital")
        #expect(uri.hasPrefix("otpauth://totp/North%20Hospital:"))
        #expect(uri.hasSuffix("&issuer=North%20Hospital&algorithm=SHA1&digits=6&period=30"))
        let secret = try #require(uri.firstMatch(of: /secret=([A-Z2-7]+)/)?.1)
        return (factor, codes, OneTimePassword(secret: SecretBytes(copying: try decode(String(secret)))))
    }

    /// As an app reads it.
    private static func decode(_ text: String) throws -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        let bits = try text.map { try #require(alphabet.firstIndex(of: $0)) }
            .flatMap { value in (0..<5).reversed().map { UInt8(value >> $0 & 1) } }
        return stride(from: 0, to: bits.count / 8 * 8, by: 8).map { start in
            bits[start..<(start + 8)].reduce(0) { $0 << 1 | $1 }
        }
    }

    private static func code(_ app: OneTimePassword, at seconds: UInt64) -> String {
        app.code(at: OneTimePassword.step(at: seconds))
    }

    @Test func `a code counts once, and so does every earlier one after it`() throws {
        var (factor, _, app) = try Self.enrolled()
        let earlier = Self.code(app, at: Self.now - 30)
        #expect(factor.check(Self.code(app, at: Self.now), at: Self.now) == .accepted)
        #expect(factor.check(Self.code(app, at: Self.now), at: Self.now) == .used)
        #expect(factor.check(earlier, at: Self.now) == .used)
        #expect(factor.check(Self.code(app, at: Self.now + 30), at: Self.now + 30) == .accepted)
    }

    @Test func `clocks may differ by one step and no more`() throws {
        for (offset, verdict) in [(30, .accepted), (60, .wrong(left: 4))] as [(UInt64, SecondFactor.Verdict)] {
            for code in [Self.now - offset, Self.now + offset] {
                var (factor, _, app) = try Self.enrolled()
                #expect(factor.check(Self.code(app, at: code), at: Self.now) == verdict)
            }
        }
    }

    @Test func `the fifth wrong code in a row locks for a quarter of an hour, the right code too`() throws {
        var (factor, _, app) = try Self.enrolled()
        for left in (1...4).reversed() { #expect(factor.check("nonsense", at: Self.now) == .wrong(left: left)) }
        let until = Self.now + SecondFactor.lockSeconds
        #expect(factor.check("nonsense", at: Self.now) == .locked(until: until))
        #expect(factor.check(Self.code(app, at: until - 1), at: until - 1) == .locked(until: until))
        #expect(factor.check(Self.code(app, at: until), at: until) == .accepted)
    }

    @Test func `a right code forgets the wrong ones before it`() throws {
        var (factor, _, app) = try Self.enrolled()
        for _ in 0..<4 { _ = factor.check("nonsense", at: Self.now) }
        #expect(factor.check(Self.code(app, at: Self.now), at: Self.now) == .accepted)
        #expect(factor.check("nonsense", at: Self.now) == .wrong(left: 4))
    }

    @Test func `ten recovery codes, each once, kept as hashes alone`() throws {
        var (factor, codes, _) = try Self.enrolled()
        #expect(Set(codes).count == 10 && factor.recoveryCodesLeft == 10)
        let bytes = factor.encoded
        for code in codes { #expect(bytes.firstRange(of: Array(code.utf8)) == nil) }
        #expect(factor.check(codes[3].uppercased(), at: Self.now) == .accepted)
        #expect(factor.check(codes[3], at: Self.now) == .wrong(left: 4))
        #expect(factor.recoveryCodesLeft == 9)
        var other = SecondFactor.make(for: StaffID(.sha256([2])), deviceKey: Self.device).factor
        #expect(other.check(codes[4], at: Self.now) == .wrong(left: 4))
    }

    @Test func `a second device's key is kept with the factor, and a factor without one is as it was`() throws {
        let second = KeyID(SigningKey.random().publicKey)
        let factor = SecondFactor.make(for: Self.staff, deviceKey: Self.device, secondDevice: second).factor
        #expect(try SecondFactor(decoding: factor.encoded).secondDevice == second)
        #expect(factor.encoded.prefix(2) == [0x89, 2])
        let without = try Self.enrolled().0
        #expect(try SecondFactor(decoding: without.encoded).secondDevice == nil)
        #expect(without.encoded.prefix(2) == [0x88, 1])
        #expect(throws: DecodingFailure.self) {
            try SecondFactor(decoding: [0x88, 2] + Array(without.encoded.dropFirst(2)))
        }
    }

    @Test func `a factor decodes to itself and goes on where it was`() throws {
        var (factor, _, app) = try Self.enrolled()
        _ = factor.check(Self.code(app, at: Self.now), at: Self.now)
        for _ in 0..<3 { _ = factor.check("nonsense", at: Self.now) }
        var restored = try SecondFactor(decoding: factor.encoded)
        #expect(restored.encoded == factor.encoded)
        #expect(restored.check(Self.code(app, at: Self.now), at: Self.now) == .used)
        #expect(restored.check("nonsense", at: Self.now) == .locked(until: Self.now + SecondFactor.lockSeconds))
        for count in stride(from: 0, to: factor.encoded.count, by: 5) {
            #expect(throws: DecodingFailure.self) { try SecondFactor(decoding: Array(factor.encoded[..<count])) }
        }
    }
}
