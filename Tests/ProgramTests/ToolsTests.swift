import ChildProcess
import Foundation
import Testing

@Suite("Tools: what they say before they do anything")
struct ToolsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func run(_ tool: String, _ arguments: String...) throws -> (code: Int32, output: String) {
        try run(tool, arguments)
    }

    private func run(_ tool: String, _ arguments: [String]) throws -> (code: Int32, output: String) {
        let finished = try ChildProcess.run(Self.root.appending(path: tool).path, arguments)
        return (finished.code, finished.text)
    }

    @Test(arguments: ["Tools/demo", "Tools/Fuzz/run"]) func `help says how to call it`(tool: String) throws {
        for option in ["--help", "-h"] {
            let (code, output) = try run(tool, option)
            #expect(code == 0 && output.contains(tool), "\(output)")
        }
    }

    @Test(arguments: ["Tools/demo", "Tools/Fuzz/run", "Tools/bench"])
    func `an option that there is not is a usage error`(tool: String) throws {
        let (code, output) = try run(tool, "--nonsense")
        #expect(code == 64 && output.contains(tool), "\(output)")
    }

    @Test func `a story that there is not, and programs that are not there, are usage errors`() throws {
        for arguments in [["--story", "bedtime"], ["--bin", "/nowhere"], ["--bin"], ["--story"]] {
            let (code, output) = try run("Tools/demo", arguments)
            #expect(code == 64 && output.contains("demo:"), "\(output)")
        }
    }

    @Test func `a file that is not there is named`() throws {
        for arguments in [["/nowhere/scan", "--keep"], ["--keep", "/nowhere/scan"]] {
            let (code, output) = try run("Tools/demo", arguments[0], arguments[1])
            #expect(code == 64 && output.contains("/nowhere/scan is no file"))
        }
    }
}
