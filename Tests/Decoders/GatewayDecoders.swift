import Codec
import Gateway
import Ledger

/// What a gateway is asked, and what it has kept of a second factor.
extension Decoder {
    static let gateway: [Decoder] = [
        Decoder("cosign-request", [CosignRequest(transaction: transaction, code: "123456")]) {
            _ = $0.transaction.verifySignatures()
        },
        Decoder(
            "second-factor",
            [nil, KeyID(Seeds.key(18))].map {
                SecondFactor.make(
                    for: StaffID(Seeds.digest(11)), deviceKey: KeyID(Seeds.key(17)), secondDevice: $0
                ).factor
            }
        ) { factor in
            var factor = factor
            _ = factor.check("000000", at: 1_790_000_000)
            _ = factor.check(String(repeating: "a", count: 64), at: 1_790_000_000)
        },
    ]
}
