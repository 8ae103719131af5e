/// Accounts for every byte of a closed LevelDB directory, without opening the database, which would already change it.
///
/// `CURRENT` names the manifest; the manifest's records say which tables and logs there are, how long, and are
/// checksummed like those of a log; tables and logs are read whole. `LOG`, a text for people, holds no data, and `LOCK` is
/// empty.
struct DatabaseFilesCheck {
    private let directory: String

    init(directory: String) { self.directory = directory }

    func check() throws(IntegrityFinding) {
        let current = try contents("CURRENT")
        guard let manifest = Self.manifestName(current), File.exists(path(manifest)) else {
            throw .file(path: path("CURRENT"), offset: 0, problem: "it does not name the manifest")
        }
        var log = LogFileCheck(path: path(manifest), bytes: try contents(manifest))
        let version = try version(of: try log.records(), in: manifest)
        for (number, size) in version.tables.sorted(by: { $0.key < $1.key }) {
            let name = Self.fileName(number, "ldb")
            let bytes = try contents(name)
            guard bytes.count == size else {
                throw .file(path: path(name), offset: min(bytes.count, size), problem: "the table has another length")
            }
            try TableFileCheck(path: path(name), bytes: bytes).check()
        }
        try checkOthers(than: version)
    }

    /// Logs, and what is not part of the database any more or was not yet when the process ended: that may be unfinished.
    private func checkOthers(than version: Version) throws(IntegrityFinding) {
        let names = try names()
        let firstLog = Self.fileName(version.log, "log")
        guard names.contains(firstLog) else { throw .missingFile(path: path(firstLog)) }
        let known = Set(version.tables.keys.map { Self.fileName($0, "ldb") })
        for name in names where !known.contains(name) {
            if name.hasSuffix(".log") {
                var log = LogFileCheck(path: path(name), bytes: try contents(name))
                _ = try log.records()
            } else if name.hasSuffix(".ldb") {
                let table = TableFileCheck(path: path(name), bytes: try contents(name))
                if table.isFinished { try table.check() }
            }
        }
    }

    // MARK: The manifest

    /// Which files make up the database: the tables with their lengths, and the first log that is not in a table yet.
    private struct Version {
        var tables: [Int: Int] = [:]
        var log = 0

        /// Applies one record (LevelDB's `VersionEdit`). Returns whether it could be read.
        mutating func apply(_ record: [UInt8]) -> Bool {
            var fields = VarintReader(record[...])
            while !fields.rest.isEmpty {
                switch fields.varint() {
                case 1: guard fields.string() != nil else { return false }
                case 2:
                    guard let number = fields.varint() else { return false }
                    log = number
                case 3, 4, 9: guard fields.varint() != nil else { return false }
                case 5: guard fields.varint() != nil, fields.string() != nil else { return false }
                case 6:
                    guard fields.varint() != nil, let number = fields.varint() else { return false }
                    tables[number] = nil
                case 7:
                    guard fields.varint() != nil, let number = fields.varint(), let size = fields.varint(),
                        fields.string() != nil, fields.string() != nil
                    else { return false }
                    tables[number] = size
                default: return false
                }
            }
            return true
        }
    }

    private func version(of records: [[UInt8]], in manifest: String) throws(IntegrityFinding) -> Version {
        var version = Version()
        for record in records where !version.apply(record) {
            throw .file(path: path(manifest), offset: 0, problem: "a record of the manifest cannot be read")
        }
        return version
    }

    // MARK: Files

    private static func manifestName(_ current: [UInt8]) -> String? {
        let name = String(decoding: current.dropLast(), as: UTF8.self)
        guard current.last == UInt8(ascii: "\n"), name.hasPrefix("MANIFEST-"), !name.contains("/") else { return nil }
        return name
    }

    private static func fileName(_ number: Int, _ suffix: String) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".\(suffix)"
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }

    private func contents(_ name: String) throws(IntegrityFinding) -> [UInt8] {
        do throws(FileFailure) { return try File.contents(of: path(name)) } catch {
            throw .missingFile(path: path(name))
        }
    }

    private func names() throws(IntegrityFinding) -> [String] {
        do throws(FileFailure) { return try File.names(in: directory) } catch { throw .missingFile(path: directory) }
    }
}
