public import Cryptography
internal import Foundation

/// An export as one file that only its recipient opens: a tar archive in a standard age file. `age --decrypt`, then `tar`.
public struct SealedArchive: Sendable {
    private static let readLength = 64 * 1024

    private let recipient: AgeRecipient

    /// For whoever holds the secret half of the recipient.
    public init(to recipient: AgeRecipient) { self.recipient = recipient }

    /// Seals all files below a directory into a file, in the order of their names; needs memory for one chunk.
    ///
    /// - Parameter path: Replaced as a whole, once it is complete.
    /// - Throws: ``RecordFailure`` when a file cannot be read or written; ``Cryptography/SealFailure`` for a recipient that
    ///   cannot carry a secret.
    /// - Returns: How many bytes the file has.
    @discardableResult
    public func seal(directory: String, into path: String) throws -> UInt64 {
        var writer = try AgeWriter(to: recipient)
        let partial = path + ".partial"
        LocalFile.remove(partial)
        let file = try LocalFile(partial, .writing)
        do {
            var offset: UInt64 = 0
            func put(_ bytes: [UInt8]) throws(RecordFailure) {
                try file.write(bytes[...], at: offset)
                offset += UInt64(bytes.count)
            }
            let time = UInt64(max(0, Date.now.timeIntervalSince1970))
            for name in try Self.names(below: directory) {
                let source = try LocalFile(directory + "/" + name, .reading)
                let size = try source.size()
                try put(writer.write(TapeArchive.header(file: name, size: size, time: time)))
                var position: UInt64 = 0
                while position < size {
                    let end = min(size, position + UInt64(Self.readLength))
                    try put(writer.write(try source.read(position..<end)))
                    position = end
                }
                try put(writer.write(TapeArchive.padding(after: size)))
            }
            try put(writer.write(TapeArchive.end))
            try put(writer.finish())
            try file.sync()
            try LocalFile.move(partial, to: path)
            return offset
        } catch {
            LocalFile.remove(partial)
            throw error
        }
    }

    /// The files below a directory, by their paths from it, ascending.
    private static func names(below directory: String) throws -> [String] {
        guard let found = FileManager.default.enumerator(atPath: directory) else { return [] }
        var names: [String] = []
        for case let name as String in found {
            var isDirectory: ObjCBool = false
            let isThere = FileManager.default.fileExists(atPath: directory + "/" + name, isDirectory: &isDirectory)
            if isThere, !isDirectory.boolValue { names.append(name) }
        }
        return names.sorted()
    }
}
