import Codec
import Cryptography
import Testing

@Suite("Sealed document: metadata")
struct DocumentMetadataTests {
    private let secret = SecretBytes(copying: [UInt8](repeating: 7, count: 32))
    private let capsule = Encapsulation(for: Clinic.publicKey(5)).capsule

    private func metadata(title: String = "MRI of the left knee") throws -> DocumentMetadata {
        try #require(
            DocumentMetadata(title: title, type: "LOINC 36801-9", date: "2026-03-01", mediaType: "application/dicom"))
    }

    private func seal(_ metadata: DocumentMetadata) -> SealedMetadata {
        SealedMetadata(metadata, scopeSecret: secret, capsule: capsule, scope: Clinic.scope)
    }

    @Test func `whoever holds the scope secret reads it`() throws {
        let sealed = try seal(metadata())
        let received = try SealedMetadata(decoding: sealed.encoded)
        #expect(received.open(scopeSecret: secret, capsule: capsule, scope: Clinic.scope) == (try metadata()))
    }

    @Test func `another secret, document or scope does not open it`() throws {
        let sealed = try seal(metadata())
        let other = Encapsulation(for: Clinic.publicKey(5)).capsule
        #expect(sealed.open(scopeSecret: .random(count: 32), capsule: capsule, scope: Clinic.scope) == nil)
        #expect(sealed.open(scopeSecret: secret, capsule: other, scope: Clinic.scope) == nil)
        #expect(sealed.open(scopeSecret: secret, capsule: capsule, scope: Clinic.publicKey(2)) == nil)
    }

    @Test func `any altered byte is noticed`() throws {
        let bytes = try seal(metadata()).encoded
        for position in bytes.indices {
            var altered = bytes
            altered[position] ^= 1
            let sealed = try? SealedMetadata(decoding: altered)
            #expect(sealed?.open(scopeSecret: secret, capsule: capsule, scope: Clinic.scope) == nil)
        }
    }

    @Test func `a short and a longer title give the same size`() throws {
        #expect(
            try seal(metadata(title: "")).encoded.count == seal(metadata(title: "Biopsy, second opinion")).encoded.count
        )
    }

    @Test func `fields up to their bounds are sealed, longer ones are refused`() throws {
        func metadata(_ lengths: [Int]) -> DocumentMetadata? {
            let fields = lengths.map { String(repeating: "x", count: $0) }
            return DocumentMetadata(title: fields[0], type: fields[1], date: fields[2], mediaType: fields[3])
        }
        let bounds = [512, 64, 40, 127]
        let longest = try seal(#require(metadata(bounds)))
        #expect(longest.encoded.count <= SealedMetadata.maximumLength)
        #expect(longest.open(scopeSecret: secret, capsule: capsule, scope: Clinic.scope) == metadata(bounds))
        for field in bounds.indices {
            var lengths = bounds
            lengths[field] += 1
            #expect(metadata(lengths) == nil)
        }
    }
}
