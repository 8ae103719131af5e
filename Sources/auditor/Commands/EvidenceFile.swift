import API
import Client
import Codec
import Foundation
import Terminal

/// Evidence on disk.
enum EvidenceFile {
    static func write(_ bytes: [UInt8], to path: String) throws {
        guard bytes.count <= Evidence.maximumBytes else {
            throw ProgramFailure("the evidence is larger than \(Evidence.maximumBytes) bytes, which nothing reads")
        }
        try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    }

    /// Judges what a file says.
    static func judge(_ evidence: Evidence, _ trust: TrustAnchor, named path: String) throws -> AccessAudit {
        do { return try AccessAudit(evidence, trust: trust) } catch {
            throw ProgramFailure("\(path) proves nothing: \(error)", code: .notVerified)
        }
    }

    static func read(_ path: String) throws -> Evidence {
        let bytes = try bytes(path)
        do { return try Evidence(decoding: bytes) } catch {
            throw ProgramFailure("\(path) is no evidence file: \(error)", code: .notVerified)
        }
    }

    /// Reads what a report of controls was made of.
    static func readControls(_ path: String) throws -> ControlEvidence {
        let bytes = try bytes(path)
        do { return try ControlEvidence(decoding: bytes) } catch {
            throw ProgramFailure("\(path) is no evidence of controls: \(error)", code: .notVerified)
        }
    }

    /// A file's bytes, no more than evidence may have.
    static func bytes(_ path: String) throws -> [UInt8] {
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
        guard let size else { throw ProgramFailure("\(path) cannot be read") }
        guard size <= Evidence.maximumBytes else {
            throw ProgramFailure("\(path) is larger than evidence can be", code: .notVerified)
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ProgramFailure("\(path) cannot be read")
        }
        return Array(data)
    }
}
