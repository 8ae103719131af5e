internal import ChainStorage
public import Codec
internal import Cryptography
internal import Foundation
internal import Ledger

/// Makes a backup of a home, whether a validator runs there or not.
public struct HomeBackup: Sendable {
    /// What a backup holds.
    public struct Summary: Hashable, Sendable {
        /// The file.
        public var path = ""
        /// The chain.
        public var chain = ""
        /// The last block.
        public var height = Height.genesis
        /// Records of the databases.
        public var records = 0
        /// Pieces of sealed content.
        public var contents = 0
        /// Whether the key files are in it.
        public var hasKeys = false
        /// What the end of the file says of all before it, in hex.
        public var checksum = ""
    }

    private let home: NodeHome
    private let options: BackupOptions

    /// A backup of a home.
    public init(of home: NodeHome, _ options: BackupOptions = BackupOptions()) {
        self.home = home
        self.options = options
    }

    /// Writes it. Readable by its owner alone, and under its name only once it is whole and on the disk.
    ///
    /// - Parameter path: A new file, or a directory in which one is named after chain and height.
    /// - Throws: ``BackupFailure``, or that the home cannot be read. Nothing that looks like a backup is left then.
    public func make(at path: String) throws -> Summary {
        var target = BackupTarget(path)
        do {
            let lock = try HomeLock(home: home.path)
            defer { withExtendedLifetime(lock) {} }
            let reader = BackupReader(home: home, cut: try cut(), options: options)
            try reader.read { try target.take($0) }
        } catch is HomeLock.Held {
            let source = try LocalSocket.ask(home, for: options)
            var decoder = try BackupDecoder { try source.read($0) }
            while let record = try decoder.next() { try target.take(record) }
        }
        return try target.finish()
    }

    /// Reads a backup through.
    ///
    /// - Throws: ``BackupFailure`` when anything is wrong with it.
    public static func read(_ path: String) throws -> Summary {
        let source = try ByteSource(path: path)
        var decoder = try BackupDecoder { try source.read($0) }
        var summary = Summary(path: path)
        while let record = try decoder.next() { summary.count(record) }
        summary.checksum = decoder.checksum.hex
        return summary
    }

    /// The databases of a home in which nothing runs.
    private func cut() throws -> StoreCut {
        let manager = FileManager.default
        for directory in [home.chainDirectory, home.stateDirectory] where !manager.fileExists(atPath: directory) {
            throw DatabaseFailure.missing(path: directory)
        }
        return try StoreCut(
            chain: try LevelDB(path: home.chainDirectory), state: try LevelDB(path: home.stateDirectory),
            custody: manager.fileExists(atPath: home.custodyDirectory)
                ? try LevelDB(path: home.custodyDirectory, options: .small) : nil)
    }
}

/// The file that a backup is written to, as its records come.
private struct BackupTarget {
    private var encoder = BackupEncoder()
    private var file: PartialFile?
    private var summary: HomeBackup.Summary

    init(_ path: String) { summary = HomeBackup.Summary(path: path) }

    mutating func take(_ record: BackupRecord) throws {
        if case .begin(let chain, let height, _) = record {
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: summary.path, isDirectory: &isDirectory), isDirectory.boolValue {
                summary.path += "/careledger-\("\(chain)".prefix(8))-\(height).backup"
            }
            file = try PartialFile(becoming: summary.path)
            try file?.write(BackupEncoder.head)
        }
        summary.count(record)
        try file?.write(encoder.frame(record))
    }

    mutating func finish() throws -> HomeBackup.Summary {
        summary.checksum = encoder.checksum.hex
        try file?.write(encoder.end())
        try file?.finish()
        return summary
    }
}

extension HomeBackup.Summary {
    fileprivate mutating func count(_ record: BackupRecord) {
        switch record {
        case .begin(let chain, let height, _): (self.chain, self.height) = ("\(chain)", height)
        case .file(let path, _): hasKeys = hasKeys || NodeHome.keyFiles.contains(path)
        case .entries(_, let entries): records += entries.count
        case .content: contents += 1
        case .end, .abandoned: break
        }
    }
}
