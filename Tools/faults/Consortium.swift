import Client
import Cryptography
import Foundation
import Glibc
import Ledger

/// Hospitals whose validators run on machines of their own, and this process, which is on the same network and is
/// everybody else.
final class Consortium {
    static let subnet: [UInt8] = [10, 77, 0]
    static let ownHost = 254
    static let passphrase = "devnet"
    /// What the first validator's disk holds; the others' homes are on the machine's own.
    private static let diskBytes = 1 << 30

    let directory: String
    let programs: String
    let genesis: Genesis
    let machines: [Machine]
    let network: Switch
    let hospitals: [OrganizationKeys]
    let auditor: SigningKey

    /// Makes homes, networks and cables.
    init(count: Int, directory: String, programs: String, seed: UInt64) throws {
        self.directory = directory
        self.programs = programs
        let own = try NetworkNamespace.joinMachines(prefix: Self.subnet, host: UInt8(Self.ownHost))
        let prefix = Self.subnet.map { "\($0)" }.joined(separator: ".")
        try Tool(programs + "/careledger-validator").run([
            "devnet", "--validators", "\(count)", "--home", directory, "--subnet", prefix, "--prepare-only",
        ])
        try Self.giveDisk(directory + "/validator-0")
        genesis = try WalletHome.loadGenesis(at: directory + "/genesis.cbor")
        let library = try FaultyLibrary(in: directory)
        let networks = try (0..<count).map {
            try NetworkNamespace(prefix: Self.subnet, host: UInt8($0 + 1))
        }
        network = Switch(networks.map(\.interface) + [own], seed: seed)
        let nodes = NodeAddress.all(in: genesis)
        machines = try networks.enumerated().map { index, network in
            try Machine(
                index, program: programs + "/careledger-validator", directory: directory, node: nodes[index],
                network: network, library: library)
        }
        hospitals = try (0..<count).map { index in
            guard case .organization(let keys) = try Self.identity("\(directory)/organizations/hospital-\(index)")
            else {
                throw SystemFailure(description: "hospital-\(index) is no organisation")
            }
            return keys
        }
        guard case .auditor(let keys) = try Self.identity(directory + "/auditor") else {
            throw SystemFailure(description: "the auditor is none")
        }
        auditor = keys.signing
    }

    /// How many validators may be faulty.
    var tolerated: Int { (machines.count - 1) / 3 }

    /// Lets the first validator's disk be full, to the last few pages.
    func fillDisk() throws {
        var figures = statvfs()
        try check(statvfs(machines[0].home, &figures), "the disk's figures")
        let used = (Int(figures.f_blocks) - Int(figures.f_bfree)) * Int(figures.f_frsize)
        try Self.mount(machines[0].home, bytes: used + 65_536, flags: UInt(MS_REMOUNT))
    }

    /// Makes room on the first validator's disk again.
    func freeDisk() throws {
        try Self.mount(machines[0].home, bytes: Self.diskBytes, flags: UInt(MS_REMOUNT))
    }

    /// Puts a home on a file system of its own. It is gone with this process's mount namespace.
    private static func giveDisk(_ home: String) throws {
        let made = home + ".made"
        try check(rename(home, made), home)
        try check(mkdir(home, 0o700), home)
        try mount(home, bytes: diskBytes, flags: 0)
        try Tool("/bin/cp").run(["-a", made + "/.", home])
        try FileManager.default.removeItem(atPath: made)
    }

    private static func mount(_ path: String, bytes: Int, flags: UInt) throws {
        try check(Glibc.mount("careledger", path, "tmpfs", flags, "size=\(bytes),mode=700"), "a disk for \(path)")
    }

    private static func identity(_ home: String) throws -> Identity {
        try Keystore.open(WalletHome(path: home), password: SecretBytes(copying: passphrase.utf8)).identity
    }
}
