/// Holds a home for this process: two processes cannot share one.
///
/// The system lets go when the process ends, however it ends.
public final class HomeLock: Sendable {
    /// Somebody else holds the home.
    public struct Held: Error, Hashable, Sendable, CustomStringConvertible {
        /// The home.
        public let home: String
        /// The process that holds it, if it said so.
        public let process: String?

        /// The home and the process that holds it.
        public init(home: String, process: String?) {
            self.home = home
            self.process = process
        }

        public var description: String {
            "the home \(home) is in use by \(process.map { "process \($0)" } ?? "another process")"
        }
    }

    // Keeps the lock as long as it is open; nobody reads from it.
    nonisolated(unsafe) private let file: File

    /// Takes the home whose directory is `home`.
    ///
    /// - Throws: ``Held``, or ``FileFailure`` when there is no such directory.
    public init(home: String) throws {
        file = try File(path: "\(home)/lock", creates: true)
        guard file.lock() else {
            let content = String(decoding: try file.read(from: 0, count: 20), as: UTF8.self)
            throw Held(home: home, process: content.isEmpty ? nil : content)
        }
        file.truncate(to: 0)
        file.write(Array("\(Process.identifier)".utf8), at: 0)
    }
}
