import Client
import Codec
import Foundation
import Terminal

/// Evidence on disk.
enum EvidenceFile {
    static func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    }

    static func read(_ path: String) throws -> Evidence {
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
        guard let size else { throw ProgramFailure("\(path) cannot be read") }
        guard size <= Evidence.maximumBytes else {
            throw ProgramFailure("\(path) is larger than evidence can be", code: .notVerified)
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ProgramFailure("\(path) cannot be read")
        }
        do { return try Evidence(decoding: Array(data)) } catch {
            throw ProgramFailure("\(path) is no evidence file: \(error)", code: .notVerified)
        }
    }
}
