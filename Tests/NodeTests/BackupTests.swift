import API
import ChainStorage
import Client
import Codec
import Cryptography
import Foundation
import Ledger
import Node
import Synchronization
import Testing

@Suite("NodeService: backup and restore", .timeLimit(.minutes(10)), .serialized)
struct BackupTests {
    /// Runs transactions through a validator until told to stop; returns the last height.
    private func load(_ consortium: TestConsortium, while isOn: @escaping @Sendable () -> Bool) -> Task<
        Height, any Error
    > {
        Task {
            let client = try consortium.client(of: 0)
            var height = Height.genesis
            var number = 1000
            while isOn() || height == .genesis {
                number += 1
                height = try await client.submit(consortium.registration(number)).finality.header.height
            }
            await client.shutDown()
            return height
        }
    }

    private func mode(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    /// The check wants the databases to itself, and the last request of a node that stopped may hold one a moment longer.
    private func check(_ home: NodeHome) async throws -> HomeCheck.Summary {
        while true {
            do { return try await HomeCheck(home: home).run { _, _ in } } catch DatabaseFailure.inUse {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    @Test
    func `a home backed up under load is whole elsewhere, and its validator rejoins without contradicting itself`()
        async throws
    {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory)
            try await consortium.startAll()
            do { try await backUpAndRestore(consortium, directory) } catch {
                try? await consortium.stopAll()
                throw error
            }
            try await consortium.stopAll()
        }
    }

    private func backUpAndRestore(_ consortium: TestConsortium, _ directory: String) async throws {
        let home = NodeHome(path: "\(directory)/3")
        let isOn = Atomic(true)
        let backups = directory + "/backups"
        try FileManager.default.createDirectory(atPath: backups, withIntermediateDirectories: false)
        let first = try await consortium.withClient(of: 3) { client in
            try await client.submit(consortium.registration(1)).finality.header.height
        }
        let loading = load(consortium) { isOn.load(ordering: .relaxed) }
        let made = try HomeBackup(of: home, BackupOptions(content: true, keys: true)).make(at: backups)
        let second = try HomeBackup(of: home).make(at: directory + "/second.backup")
        isOn.store(false, ordering: .relaxed)
        var last = try await loading.value
        #expect(made.height >= first && second.height >= made.height)
        #expect(made.hasKeys && !second.hasKeys)
        #expect(try mode(of: made.path) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: backups).count == 1)
        // The validator said more after the backup, and then its machine is lost.
        last = try await consortium.withClient(of: 3) { client in
            try await client.submit(consortium.registration(2)).finality.header.height
        }
        try await consortium.stop(3)
        try FileManager.default.moveItem(atPath: home.path, toPath: directory + "/lost")
        let restored = try await HomeRestore(to: home).run(from: made.path, chain: consortium.genesis.chain)
        #expect(restored.hasKeys && restored.height == made.height)
        #expect(!FileManager.default.fileExists(atPath: home.journalFile))
        #expect(try mode(of: home.path + "/keys/consensus.key") == 0o600)
        #expect(try await check(home).ledger.height == made.height)
        try await consortium.start(3)
        try await consortium.wait(for: 3, at: last)
        // Of four three decide: without the first, the restored one's vote is needed.
        try await consortium.stop(0)
        let proof = try await consortium.withClient(of: 3) { try await $0.submit(consortium.registration(3)) }
        #expect(proof.receipt.outcomes == [.applied])
        try await consortium.stop(3)
        _ = try await check(home)
        for index in 0..<4 {
            #expect(!FileManager.default.fileExists(atPath: "\(directory)/\(index)/evidence"), "validator \(index)")
        }
    }

    @Test func `keys alone make a home that rejoins without contradicting itself`() async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory)
            try await consortium.startAll()
            do {
                let home = "\(directory)/3"
                var last = Height.genesis
                last = try await consortium.withClient(of: 0) { client in
                    try await client.submit(consortium.registration(1)).finality.header.height
                }
                try await consortium.stop(3)
                try FileManager.default.moveItem(atPath: home, toPath: directory + "/lost")
                try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: false)
                for name in ["keys", "genesis.cbor", "node.json"] {
                    try FileManager.default.copyItem(atPath: "\(directory)/lost/\(name)", toPath: "\(home)/\(name)")
                }
                try await consortium.start(3)
                try await consortium.wait(for: 3, at: last)
                try await consortium.stop(0)
                let proof = try await consortium.withClient(of: 3) { try await $0.submit(consortium.registration(3)) }
                #expect(proof.receipt.outcomes == [.applied])
            } catch {
                try? await consortium.stopAll()
                throw error
            }
            try await consortium.stopAll()
            for index in 0..<4 {
                #expect(!FileManager.default.fileExists(atPath: "\(directory)/\(index)/evidence"), "validator \(index)")
            }
        }
    }

    /// One validator that has run, its home, and a backup that was made while it was stopped.
    private func withStopped(
        _ body: (_ home: NodeHome, _ backup: String, _ directory: String, Genesis) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let consortium = try TestConsortium(directory: directory, validators: 1)
            try await consortium.start(0)
            _ = try await consortium.withClient(of: 0) { try await $0.submit(consortium.registration(1)) }
            try await consortium.stop(0)
            let home = NodeHome(path: directory + "/0")
            let backup = directory + "/home.backup"
            while true {
                do {
                    _ = try HomeBackup(of: home, BackupOptions(content: true, keys: true)).make(at: backup)
                    break
                } catch DatabaseFailure.inUse { try await Task.sleep(for: .milliseconds(20)) }
            }
            try await body(home, backup, directory, consortium.genesis)
        }
    }

    @Test func `what is not whole, not intact or of another chain is refused, and leaves no home`() async throws {
        try await withStopped { _, backup, directory, genesis in
            let whole = [UInt8](try Data(contentsOf: URL(filePath: backup)))
            #expect(try HomeBackup.read(backup).height.rawValue >= 1)
            let target = NodeHome(path: directory + "/target")
            let bad = directory + "/bad.backup"
            func refused(_ bytes: [UInt8]) async throws {
                try Data(bytes).write(to: URL(filePath: bad))
                await #expect(throws: (any Error).self) { _ = try await HomeRestore(to: target).run(from: bad) }
                for name in ["chain", "state", "custody", "keys", "genesis.cbor", "restoring"] {
                    #expect(!FileManager.default.fileExists(atPath: "\(target.path)/\(name)"), "\(name)")
                }
            }
            for length in [0, 3, 4, 100, whole.count / 2, whole.count - 1] {
                try await refused(Array(whole[..<length]))
            }
            for place in [0, 9, 60, whole.count / 3, whole.count - 20] {
                var bytes = whole
                bytes[place] ^= 1
                try await refused(bytes)
            }
            try await refused(whole + [0])
            let other = ChainID(.sha256([1]))
            await #expect(throws: BackupFailure.otherChain(expected: "\(other)", found: "\(genesis.chain)")) {
                _ = try await HomeRestore(to: target).run(from: backup, chain: other)
            }
            // The right one is taken after all this, and once.
            _ = try await HomeRestore(to: target).run(from: backup, chain: genesis.chain)
            #expect(try await check(target).ledger.height == HomeBackup.read(backup).height)
            await #expect(throws: BackupFailure.exists(target.chainDirectory)) {
                _ = try await HomeRestore(to: target).run(from: backup)
            }
        }
    }

    @Test func `a backup that cannot be finished leaves no file, and none is replaced`() async throws {
        try await withStopped { home, backup, directory, _ in
            let before = try Data(contentsOf: URL(filePath: backup))
            #expect(throws: BackupFailure.exists(backup)) { _ = try HomeBackup(of: home).make(at: backup) }
            #expect(try Data(contentsOf: URL(filePath: backup)) == before)
            // A byte of the blocks is not what was written.
            let names = try FileManager.default.contentsOfDirectory(atPath: home.chainDirectory)
            let files = try names.filter { $0.hasSuffix(".log") || $0.hasSuffix(".ldb") }.map { name in
                let path = "\(home.chainDirectory)/\(name)"
                return (path: path, bytes: try Data(contentsOf: URL(filePath: path)))
            }
            let largest = try #require(files.max { $0.bytes.count < $1.bytes.count })
            let path = largest.path
            var bytes = largest.bytes
            bytes[bytes.count / 2] ^= 0x10
            try bytes.write(to: URL(filePath: path))
            let target = directory + "/target"
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
            #expect(throws: (any Error).self) { _ = try HomeBackup(of: home).make(at: target) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: target).isEmpty)
        }
    }
}
