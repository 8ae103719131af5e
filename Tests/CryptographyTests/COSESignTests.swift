import Codec
import Cryptography
import Testing

@Suite("COSE_Sign")
struct COSESignTests {
    static let domain = Domain("test-transaction")

    static func key(_ number: UInt8) throws -> SigningKey {
        try #require(SigningKey(SecretBytes(copying: [UInt8](repeating: 0, count: 31) + [number])))
    }

    let hospital: SigningKey
    let patient: SigningKey

    init() throws {
        hospital = try Self.key(1)
        patient = try Self.key(2)
    }

    func signed(_ payload: [UInt8] = [1, 2, 3]) -> COSESign {
        var envelope = COSESign(payload: payload)
        envelope.sign(with: patient, for: Self.domain)
        envelope.sign(with: hospital, for: Self.domain)
        return envelope
    }

    @Test func `an envelope decodes to itself and its signatures hold`() throws {
        let envelope = signed()
        let decoded = try COSESign(decoding: envelope.encoded, maximumPayload: 3)
        #expect(decoded == envelope)
        #expect(decoded.isValid(for: Self.domain))
        #expect(decoded.checks(for: Self.domain).map(\.key) == [hospital.publicKey, patient.publicKey].sorted())
    }

    @Test func `the bytes are those of RFC 9052`() throws {
        var envelope = COSESign(payload: [0xaa])
        envelope.sign(with: hospital, for: Self.domain)
        let signature = try #require(envelope.signers.first).signature
        let protected = "a201382e045821" + hospital.publicKey.bytes.hex
        #expect(envelope.encoded.hex == "d8628440a041aa8183" + "5828" + protected + "a05840" + signature.bytes.hex)
        let structure =
            "85695369676e6174757265" + "40" + "5828" + protected + "581e" + Array(Self.domain.fullName.utf8).hex
            + "41aa"
        let digest = Digest.sha256(try #require([UInt8](hex: structure)))
        #expect(hospital.publicKey.isValid(signature, forDigest: digest))
    }

    @Test func `signing order does not show`() {
        var other = COSESign(payload: [1, 2, 3])
        other.sign(with: hospital, for: Self.domain)
        other.sign(with: patient, for: Self.domain)
        other.sign(with: hospital, for: Self.domain)
        #expect(other.encoded == signed().encoded)
    }

    @Test func `an unsigned envelope is not valid and does not decode`() {
        let envelope = COSESign(payload: [1])
        #expect(!envelope.isValid(for: Self.domain))
        #expect(throws: DecodingFailure.invalid(field: "signers")) {
            try COSESign(decoding: envelope.encoded, maximumPayload: 10)
        }
    }

    @Test func `a signature does not hold for another domain`() {
        #expect(!signed().isValid(for: Domain("test-other")))
    }

    @Test func `no changed bit leaves a valid envelope`() throws {
        let bytes = signed().encoded
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            guard let decoded = try? COSESign(decoding: changed, maximumPayload: 100) else { continue }
            #expect(!decoded.isValid(for: Self.domain), "byte \(index)")
        }
    }

    @Test func `a repeated or misplaced signer is refused`() {
        let signers = signed().signers
        for order in [[signers[0], signers[0]], [signers[1], signers[0]]] {
            let bytes = Self.encode(payload: [1], order)
            #expect(throws: DecodingFailure.invalid(field: "order of signers")) {
                try COSESign(decoding: bytes, maximumPayload: 10)
            }
        }
    }

    @Test func `a payload or a number of signers above the bound is refused`() throws {
        let bytes = signed().encoded
        #expect(throws: DecodingFailure.tooLong(limit: 2, offset: 5)) {
            try COSESign(decoding: bytes, maximumPayload: 2)
        }
        var nine = COSESign(payload: [1])
        for number in UInt8(1)...8 { nine.sign(with: try Self.key(number), for: Self.domain) }
        #expect(try COSESign(decoding: nine.encoded, maximumPayload: 10).signers.count == 8)
        var other = COSESign(payload: [1])
        other.sign(with: try Self.key(9), for: Self.domain)
        let tooMany = Self.encode(payload: [1], (nine.signers + other.signers).sorted { $0.key < $1.key })
        #expect(throws: DecodingFailure.tooLong(limit: 8, offset: 7)) {
            try COSESign(decoding: tooMany, maximumPayload: 10)
        }
    }

    @Test func `every signer is told by their own key, however many have signed`() throws {
        let first = signed()
        for number in 0..<9000 {
            let secret = withUnsafeBytes(of: UInt64(number + 1).bigEndian) { Array($0) }
            let key = try #require(SigningKey(SecretBytes(copying: [UInt8](repeating: 0, count: 24) + secret)))
            var envelope = COSESign(payload: [1])
            envelope.sign(with: key, for: Self.domain)
            let decoded = try COSESign(decoding: envelope.encoded, maximumPayload: 1)
            #expect(decoded.signers.map(\.key) == [key.publicKey])
        }
        let again = try COSESign(decoding: first.encoded, maximumPayload: 3)
        #expect(again == first && again.isValid(for: Self.domain))
    }

    @Test func `a signer whose bytes are no point is refused each time`() throws {
        // 5 is no x of a point of the curve.
        let nobody = [UInt8](repeating: 0, count: 31) + [5]
        let hex = signed().encoded.hex.replacing(
            hospital.publicKey.bytes.dropFirst().map { $0 }.hex, with: nobody.hex)
        let bytes = try #require([UInt8](hex: hex))
        for _ in 0..<2 {
            #expect(throws: DecodingFailure.invalid(field: "public key")) {
                try COSESign(decoding: bytes, maximumPayload: 3)
            }
        }
    }

    @Test func `bytes after the envelope are refused`() {
        #expect(throws: DecodingFailure.trailingBytes(count: 1)) {
            try COSESign(decoding: signed().encoded + [0], maximumPayload: 10)
        }
    }

    static func encode(payload: [UInt8], _ signers: [COSESign.Signer]) -> [UInt8] {
        var writer = CBORWriter()
        writer.write(tag: 98)
        writer.beginArray(4)
        writer.write(bytes: [])
        writer.beginMap(0)
        writer.write(bytes: payload)
        writer.beginArray(signers.count)
        for signer in signers {
            writer.beginArray(3)
            writer.write(bytes: [0xa2, 1, 0x38, 0x2e, 4] + signer.key.encoded)
            writer.beginMap(0)
            writer.write(signer.signature)
        }
        return writer.bytes
    }
}
