internal import Client
internal import Codec
internal import Cryptography
internal import Foundation
internal import Ledger

/// The second factors of an organisation's staff: `<home>/factors/<staff>.cbor`, each sealed to the gateway's own X-Wing key
/// and replaced whole, synced, before anybody acts on it.
struct FactorStore: Sendable {
    private static let domain = Domain("gateway-factor")

    private let directory: String
    private let chain: ChainID
    private let keys: OrganizationKeys

    init(home: WalletHome, chain: ChainID, keys: OrganizationKeys) throws(HomeFailure) {
        directory = home.path + "/factors"
        self.chain = chain
        self.keys = keys
        try HomeFiles.makeDirectory(directory)
    }

    /// - Returns: Nothing where there is none, or the file is damaged or another gateway's.
    func factor(of staff: StaffID) -> SecondFactor? {
        guard let sealed = try? HomeFiles.readPrivate(path(staff)),
            let secret = try? HybridSeal.open(sealed, with: keys.sealing, context: context(staff))
        else { return nil }
        var bytes = secret.copy()
        defer { bytes.erase() }
        guard let factor = try? SecondFactor(decoding: bytes), factor.staff == staff else { return nil }
        return factor
    }

    func keep(_ factor: SecondFactor) throws {
        var bytes = factor.encoded
        let secret = SecretBytes(copying: bytes)
        bytes.erase()
        let sealed = try HybridSeal.seal(secret, to: keys.sealing.publicKey, context: context(factor.staff))
        try HomeFiles.replace(path(factor.staff), sealed)
    }

    func remove(_ staff: StaffID) { HomeFiles.remove(path(staff)) }

    /// Whose factors there are, ascending.
    func staff() -> [StaffID] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.compactMap { $0.hasSuffix(".cbor") ? StaffID(hex: String($0.dropLast(5))) : nil }.sorted()
    }

    private func path(_ staff: StaffID) -> String { "\(directory)/\(staff).cbor" }

    private func context(_ staff: StaffID) -> SealContext { SealContext(Self.domain, chain.bytes, staff.bytes) }
}
