internal import Cryptography
internal import Dispatch

#if canImport(Glibc)
    internal import Glibc
#endif

/// The files of a store: `<root>/<2 hex>/<cid>`, and `<root>/incoming` for what is being written.
///
/// Reading may go on in any thread; writing and removing is one thread's business.
final class ContentDirectory: Sendable {
    /// Files written in one round, each of which is open until the round is synced.
    static let maximumRound = 64

    private let root: String
    private let rootDescriptor: Descriptor
    // Held as long as the store is open: the lock goes with the descriptor.
    private let lock: Descriptor

    /// Creates what is missing of the directories and removes what a process left unfinished.
    init(root: String) throws(ContentFailure) {
        self.root = root
        try Self.makeDirectory(root)
        rootDescriptor = try Descriptor(root, flags: O_RDONLY | O_DIRECTORY)
        lock = try Descriptor(root + "/lock", flags: O_RDWR | O_CREAT)
        guard flock(lock.raw, LOCK_EX | LOCK_NB) == 0 else { throw .inUse }
        let incoming = root + "/incoming"
        try Self.makeDirectory(incoming)
        for shard in UInt8.min...UInt8.max { try Self.makeDirectory(root + "/" + [shard].hex) }
        try rootDescriptor.sync()
        for name in try Self.names(in: incoming) { unlink(incoming + "/" + name) }
    }

    // MARK: Reading

    /// - Returns: Nothing if there is no such file.
    func read(_ id: ContentID) throws(ContentFailure) -> Content? {
        guard let file = try Descriptor(existing: path(id), flags: O_RDONLY) else { return nil }
        let size = try file.status().size
        guard size <= Content.maximumLength, let bytes = try file.read(count: size),
            let content = try? Content(bytes, named: id)
        else { throw .damaged(id) }
        return content
    }

    func contains(_ id: ContentID) throws(ContentFailure) -> Bool {
        if access(path(id), F_OK) == 0 { return true }
        guard errno == ENOENT else { throw .system(call: "access", code: errno) }
        return false
    }

    /// Names, sizes and times of a shard's files; what is not a content id is not ours.
    func list(shard: UInt8) throws(ContentFailure) -> [(id: ContentID, status: Descriptor.Status)] {
        let directory = root + "/" + [shard].hex
        var found: [(id: ContentID, status: Descriptor.Status)] = []
        for name in try Self.names(in: directory) {
            guard let id = ContentID(name), id.shard == shard else { continue }
            // It may have gone since.
            guard let status = try Descriptor(existing: directory + "/" + name, flags: O_RDONLY)?.status() else {
                continue
            }
            found.append((id, status))
        }
        return found.sorted { $0.id < $1.id }
    }

    func status(_ id: ContentID) throws(ContentFailure) -> Descriptor.Status? {
        try Descriptor(existing: path(id), flags: O_RDONLY)?.status()
    }

    /// Bytes that may still be written to this file system by who is not its superuser.
    func freeBytes() throws(ContentFailure) -> UInt64 {
        var statistics = statvfs()
        guard fstatvfs(rootDescriptor.raw, &statistics) == 0 else { throw .system(call: "fstatvfs", code: errno) }
        return UInt64(statistics.f_bavail) * UInt64(statistics.f_frsize)
    }

    // MARK: Writing

    /// Writes each content to a temporary name, syncs them together, gives them their names and syncs those.
    ///
    /// - Returns: What became of each, in order.
    func write(_ contents: [Content]) -> [Result<Void, ContentFailure>] {
        precondition(contents.count <= Self.maximumRound, "a round is small enough for open files")
        var results = contents.map { _ in Result<Void, ContentFailure>.success(()) }
        var written: [(index: Int, file: Descriptor)] = []
        for (index, content) in contents.enumerated() {
            do throws(ContentFailure) {
                if try refresh(content) { continue }
                written.append((index, try writeTemporary(content, number: index)))
            } catch { results[index] = .failure(error) }
        }
        sync(written.map(\.file))
        var shards: Set<UInt8> = []
        for (index, _) in written {
            let id = contents[index].id
            if rename(temporaryPath(index), path(id)) == 0 {
                shards.insert(id.shard)
            } else {
                results[index] = .failure(.system(call: "rename", code: errno))
            }
        }
        syncDirectories(shards)
        return results
    }

    /// Removes a file for good.
    func remove(_ id: ContentID) throws(ContentFailure) {
        guard unlink(path(id)) == 0 else { throw .system(call: "unlink", code: errno) }
        syncDirectories([id.shard])
    }

    /// Makes content that is there and intact young again.
    private func refresh(_ content: Content) throws(ContentFailure) -> Bool {
        guard (try? read(content.id)) != nil else { return false }
        guard utimensat(AT_FDCWD, path(content.id), nil, 0) == 0 else { return false }
        return true
    }

    private func writeTemporary(_ content: Content, number: Int) throws(ContentFailure) -> Descriptor {
        let path = temporaryPath(number)
        do throws(ContentFailure) {
            let file = try Descriptor(path, flags: O_WRONLY | O_CREAT | O_TRUNC)
            try file.write(content.bytes)
            return file
        } catch {
            unlink(path)
            if case .system(_, ENOSPC) = error { throw .full }
            if case .system(_, EDQUOT) = error { throw .full }
            throw error
        }
    }

    // A failed sync ends the process: what the kernel has dropped since the last one, nobody can tell. Syncs under way
    // at the same time share the file system's journal commits.

    private func sync(_ files: [Descriptor]) {
        DispatchQueue.concurrentPerform(iterations: files.count) { index in
            if fdatasync(files[index].raw) != 0 { Self.end("incoming") }
        }
    }

    private func syncDirectories(_ shards: Set<UInt8>) {
        let shards = Array(shards)
        DispatchQueue.concurrentPerform(iterations: shards.count) { index in
            let name = [shards[index]].hex
            let directory = try? Descriptor(root + "/" + name, flags: O_RDONLY | O_DIRECTORY)
            guard let directory, fsync(directory.raw) == 0 else { Self.end(name) }
        }
    }

    private static func end(_ name: String) -> Never {
        let line =
            "careledger: cannot sync content/\(name): \(String(cString: strerror(errno))); it ends here, for a disk "
            + "that failed is not asked again: repair it, then start again\n"
        let bytes = Array(line.utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
        _exit(1)
    }

    // MARK: Paths

    func path(_ id: ContentID) -> String { "\(root)/\([id.shard].hex)/\(id)" }

    private func temporaryPath(_ number: Int) -> String { "\(root)/incoming/\(number)" }

    private static func makeDirectory(_ path: String) throws(ContentFailure) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system(call: "mkdir", code: errno) }
    }

    private static func names(in directory: String) throws(ContentFailure) -> [String] {
        guard let stream = opendir(directory) else { throw .system(call: "opendir", code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
