internal import ChainStorage
internal import Cryptography
internal import Foundation

/// What goes into a backup beyond what every one has.
public struct BackupOptions: Hashable, Sendable {
    /// This node's share of the sealed documents, which other nodes keep too.
    public var content = false
    /// The key files. Whoever has them can sign in this validator's name.
    public var keys = false

    /// A backup of blocks, state, custody, settings and evidence alone.
    public init(content: Bool = false, keys: Bool = false) {
        self.content = content
        self.keys = keys
    }
}

/// Reads a home as the records of a backup. Holds about a mebibyte of it at a time.
///
/// The journal is not among them, ever: it says what this validator said up to some moment, and one that goes on from there
/// says other things than it said after. A home without it rejoins as one that has lost it.
struct BackupReader {
    let home: NodeHome
    let cut: StoreCut
    let options: BackupOptions

    /// Gives every record but the last, in order.
    ///
    /// - Throws: What `sink` throws, or that the home cannot be read.
    func read(_ sink: (BackupRecord) throws -> Void) throws {
        try sink(.begin(cut.tip.chain, cut.tip.height, cut.tip.hash))
        for path in home.smallFiles(keys: options.keys) {
            try sink(.file(path: path, try Files.read("\(home.path)/\(path)")))
        }
        while let record = try cut.next() { try sink(record) }
        if options.content { try home.eachContent { try sink(.content($0, $1)) } }
    }
}

extension NodeHome {
    /// The directory of the keys, within the home.
    static let keyFiles = ["keys/consensus.key", "keys/sealing.key", "keys/tls.crt", "keys/tls.key"]

    /// The small files of a backup by their paths within the home, those that are there.
    fileprivate func smallFiles(keys: Bool) -> [String] {
        let manager = FileManager.default
        let evidence = (try? manager.contentsOfDirectory(atPath: evidenceDirectory)) ?? []
        let all =
            ["genesis.cbor", "node.json"] + (keys ? Self.keyFiles : []) + evidence.sorted().map { "evidence/\($0)" }
        return all.filter { Self.isBackedUp($0) && manager.fileExists(atPath: "\(path)/\($0)") }
    }

    /// Whether a small file of this path within a home is one of those that backups hold. Nothing else is written where a
    /// backup says.
    static func isBackedUp(_ file: String) -> Bool {
        if file == "genesis.cbor" || file == "node.json" || keyFiles.contains(file) { return true }
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "evidence", parts[1].hasSuffix(".cbor") else { return false }
        return Digest(hex: String(parts[1].dropLast(".cbor".count))) != nil
    }

    /// Gives each piece of content that is what its name says. What is damaged is left out: other nodes have it, and a
    /// home that lacks it fetches it.
    fileprivate func eachContent(_ body: (ContentID, [UInt8]) throws -> Void) throws {
        for shard in UInt8.min...UInt8.max {
            let directory = "\(contentDirectory)/\([shard].hex)"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            for name in names.sorted() {
                guard let id = ContentID(name), let bytes = try? Files.read("\(directory)/\(name)"), id.names(bytes)
                else { continue }
                try body(id, bytes)
            }
        }
    }
}
