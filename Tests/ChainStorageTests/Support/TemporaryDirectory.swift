import Foundation

/// A directory that goes away with the test.
final class TemporaryDirectory {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "careledger-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func create(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
    }

    func copy(_ name: String, to copy: String) throws {
        try FileManager.default.copyItem(atPath: file(name), toPath: file(copy))
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}
