internal import Cryptography
internal import Foundation

/// Beside the content, who kept how much when everything was last found to be where it is to be: 32 bytes, and their hash.
struct PlacementMark {
    private static let length = 32

    private let file: URL

    /// - Parameter directory: Where the content is.
    init(in directory: String) { file = URL(filePath: directory + "/placed") }

    /// The file, for those who look after it.
    var path: String { file.path }

    /// What was settled; nothing when nothing was, or the file is damaged.
    var settled: Digest? {
        guard let bytes = try? Data(contentsOf: file), bytes.count == 2 * Self.length else { return nil }
        guard let settled = Digest(bytes.prefix(Self.length)), Data(sealed(settled)) == bytes else { return nil }
        return settled
    }

    /// Whether the file is there and says nothing that can be believed.
    var isDamaged: Bool { FileManager.default.fileExists(atPath: path) && settled == nil }

    /// Settles. That it cannot be written costs one more pass after the next start, and nothing else.
    func settle(_ arrangement: Digest) { try? Data(sealed(arrangement)).write(to: file, options: .atomic) }

    private func sealed(_ arrangement: Digest) -> [UInt8] { arrangement.bytes + Digest.sha256(arrangement.bytes).bytes }
}
