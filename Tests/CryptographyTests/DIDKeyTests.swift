import Cryptography
import Testing

@Suite("did:key")
struct DIDKeyTests {
    /// The secp256k1 examples of the did:key specification, decoded by an independent program.
    static let examples = [
        (
            "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
            "03874c15c7fda20e539c6e5ba573c139884c351188799f5458b4b41f7924f235cd"
        ),
        (
            "did:key:zQ3shtxV1FrJfhqE1dvxYRcCknWNjHc3c5X1y3ZSoPDi2aur2",
            "03d4b8cf1953bd38ea9f79a51c4fd4be325ff9c103b26db490d121a03201bd5343"
        ),
    ]

    @Test(arguments: examples)
    func `keys are written and read as the specification does`(text: String, hex: String) throws {
        let bytes = try #require([UInt8](hex: hex))
        let key = try #require(PublicKey(bytes))
        #expect(DIDKey(key).description == text)
        #expect(DIDKey(text)?.key == key)
    }

    static let example = examples[0].0

    @Test(arguments: [
        "", "did:key:", "did:key:z", String(example.dropLast()), example + "1", String(example.dropFirst(8)),
        example.replacing("did:key:z", with: "did:key:m"), example.replacing("zQ3s", with: "zQ3t"),
        example.replacing("Bme", with: "B0e"), example.replacing("did:", with: "DID:"),
        example.replacing("z", with: "z1"),
        "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        "did:key:z" + String(repeating: "z", count: 100_000),
    ])
    func `anything else is no key`(text: String) {
        #expect(DIDKey(text) == nil)
    }
}
