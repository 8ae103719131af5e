internal import Client
internal import Codec
internal import Cryptography
internal import Foundation
internal import Ledger

/// The second factors of an organisation's staff: `<home>/factors/<staff>.cbor`, each sealed to the gateway's own X-Wing key
/// and replaced whole, synced, before anybody acts on it.
///
/// The gateway and the commands that enrol, unlock and remove may run at one time: whoever reads a factor to write it again
/// does so ``exclusively(_:)``, or an old state could come back over a newer one, and a used code count again.
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

    /// Does something while no other process changes a factor; waits for whoever does.
    func exclusively<Value>(_ work: () throws(HomeFailure) -> Value) throws(HomeFailure) -> Value {
        let lock = try HomeFiles.Lock(waitingFor: directory + "/lock")
        defer { lock.release() }
        return try work()
    }

    /// - Returns: Nothing where there is none.
    /// - Throws: Why it cannot be read. A damaged factor is none of the member's doing and must be looked at: were it taken
    ///   for none, a lock-out would be gone with it.
    func factor(of staff: StaffID) throws(HomeFailure) -> SecondFactor? {
        let sealed: [UInt8]
        do { sealed = try HomeFiles.readPrivate(path(staff)) } catch {
            if case .missing = error { return nil }
            throw error
        }
        let secret: SecretBytes
        do { secret = try HybridSeal.open(sealed, with: keys.sealing, context: context(staff)) } catch {
            throw .malformed(path(staff), "it was sealed to another gateway's key, or altered")
        }
        var bytes = secret.copy()
        defer { bytes.erase() }
        let factor: SecondFactor
        do { factor = try SecondFactor(decoding: bytes) } catch { throw .malformed(path(staff), "\(error)") }
        guard factor.staff == staff else { throw .malformed(path(staff), "it is somebody else's") }
        return factor
    }

    func keep(_ factor: SecondFactor) throws(HomeFailure) {
        var bytes = factor.encoded
        let secret = SecretBytes(copying: bytes)
        bytes.erase()
        let sealed: [UInt8]
        do {
            sealed = try HybridSeal.seal(secret, to: keys.sealing.publicKey, context: context(factor.staff))
        } catch { throw .malformed(path(factor.staff), "it cannot be sealed: \(error)") }
        try HomeFiles.replace(path(factor.staff), sealed)
    }

    /// - Returns: Whether there was one.
    func remove(_ staff: StaffID) throws(HomeFailure) -> Bool {
        guard HomeFiles.exists(path(staff)) else { return false }
        HomeFiles.remove(path(staff))
        guard !HomeFiles.exists(path(staff)) else { throw .unwritable(path(staff), "it cannot be removed") }
        return true
    }

    /// Whose factors there are, ascending.
    func staff() throws(HomeFailure) -> [StaffID] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: directory) } catch {
            throw .malformed(directory, error.localizedDescription)
        }
        return names.compactMap { $0.hasSuffix(".cbor") ? StaffID(hex: String($0.dropLast(5))) : nil }.sorted()
    }

    private func path(_ staff: StaffID) -> String { "\(directory)/\(staff).cbor" }

    private func context(_ staff: StaffID) -> SealContext { SealContext(Self.domain, chain.bytes, staff.bytes) }
}
