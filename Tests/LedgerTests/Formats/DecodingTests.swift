import Codec
import Cryptography
import Ledger
import Testing

@Suite("Ledger: bounds of what is decoded")
struct DecodingTests {
    private static let body = TransactionBody(
        chain: ChainID(Seeded.digest("chain")), nonce: [UInt8](repeating: 1, count: 16),
        validUntil: Height(rawValue: 9), operations: [.revokeConsent(RevokeConsent(grant: GrantID(.zero)))])

    private func payload(
        version: UInt64 = 1, nonce: Int = 16, operations: Int = 1, operation: [UInt8]? = nil
    ) -> [UInt8] {
        var writer = CBORWriter()
        writer.beginArray(5)
        writer.write(version)
        writer.write(Self.body.chain)
        writer.write(bytes: [UInt8](repeating: 1, count: nonce))
        writer.write(Self.body.validUntil)
        writer.beginArray(operations)
        for _ in 0..<operations { writer.write(encoded: operation ?? Self.body.operations[0].encoded) }
        return writer.bytes
    }

    private func decode(_ payload: [UInt8], signers: Int = 1) throws -> Transaction {
        var envelope = COSESign(payload: payload)
        for index in 0..<signers { envelope.sign(with: Seeded.signing("signer \(index)"), for: Transaction.domain) }
        return try Transaction(decoding: envelope.encoded)
    }

    @Test func `what is within the bounds decodes`() throws {
        #expect(try decode(payload(), signers: 8).body == Self.body)
        #expect(try decode(payload(operations: 1024)).operations.count == 1024)
    }

    @Test func `one above each bound does not`() {
        #expect(throws: DecodingFailure.self) { try decode(payload(version: 2)) }
        #expect(throws: DecodingFailure.self) { try decode(payload(nonce: 15)) }
        #expect(throws: DecodingFailure.self) { try decode(payload(nonce: 17)) }
        #expect(throws: DecodingFailure.invalid(field: "operations")) { try decode(payload(operations: 0)) }
        #expect(throws: DecodingFailure.self) { try decode(payload(operations: 1025)) }
        #expect(throws: DecodingFailure.trailingBytes(count: 1)) { try decode(payload() + [0]) }
        #expect(throws: DecodingFailure.self) { try decode(payload(), signers: 0) }
    }

    @Test func `operations that do not exist, or have a field more or less, are refused`() {
        for code in [0, 12, 24, 255] {
            var writer = CBORWriter()
            writer.beginArray(2)
            writer.write(UInt64(code))
            writer.write(GrantID(.zero))
            #expect(throws: DecodingFailure.invalid(field: "operation")) {
                try decode(payload(operation: writer.bytes))
            }
        }
        for count in [1, 3] {
            var writer = CBORWriter()
            writer.beginArray(count)
            writer.write(UInt64(Operation.Code.revokeConsent.rawValue))
            for _ in 1..<count { writer.write(GrantID(.zero)) }
            #expect(throws: DecodingFailure.invalid(field: "operation")) {
                try decode(payload(operation: writer.bytes))
            }
        }
    }

    @Test func `more than 256 KiB are refused before they are read`() {
        let bytes = [UInt8](repeating: 0, count: Transaction.maximumBytes + 1)
        #expect(throws: DecodingFailure.tooLong(limit: 262_144, offset: 0)) { try Transaction(decoding: bytes) }
    }

    @Test func `sets are ascending and without repeats`() throws {
        let story = Story.request(GrantID(.zero), [DocumentID(Seeded.digest("a"))], expires: 5)
        let document = DocumentID(Seeded.digest("a")).encoded
        let encoded = Operation.requestAccess(story).encoded
        let start = try #require((0..<encoded.count).first { encoded[$0...].starts(with: document) })
        // [document] becomes [document, document].
        let twice =
            Array(encoded[..<(start - 1)]) + [0x82] + document + document + Array(encoded[(start + document.count)...])
        #expect(throws: DecodingFailure.invalid(field: "documents")) { try Operation(decoding: twice) }
    }

    @Test(arguments: Operation.Code.allCases)
    func `an operation decodes to itself, and no byte of it can be left out or added`(_ code: Operation.Code) throws {
        let operation = try #require(try Samples.operations().first { $0.code == code })
        let bytes = operation.encoded
        #expect(try Operation(decoding: bytes) == operation)
        #expect(throws: DecodingFailure.trailingBytes(count: 1)) { try Operation(decoding: bytes + [0]) }
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: DecodingFailure.self) { try Operation(decoding: Array(bytes[..<count])) }
        }
    }

    @Test func `any one changed byte gives a failure or another value, never a crash`() throws {
        for operation in try Samples.operations() {
            let bytes = operation.encoded
            for index in stride(from: 0, to: bytes.count, by: 3) {
                var changed = bytes
                changed[index] ^= 0x41
                if let decoded = try? Operation(decoding: changed) {
                    #expect(decoded != operation)
                    #expect(decoded.encoded == changed)
                }
            }
        }
    }
}
