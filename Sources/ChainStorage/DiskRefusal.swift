#if canImport(Glibc)
    internal import Glibc
#endif

/// How a process ends when the disk no longer keeps what it is given, or gives back what it was not given.
///
/// Nobody knows then what is on the disk, so nothing more may be said that rests on it: the process ends at once, other
/// threads included, with one sentence for the operator and exit code 1. What was final before is on the disk; after a
/// repair the next start goes on from there.
public enum DiskRefusal {
    /// Ends the process.
    ///
    /// - Parameters:
    ///   - action: What was tried: `write to`, `sync`, `read`.
    ///   - reason: What the system or the database library says.
    public static func end(_ action: String, _ path: String, _ reason: String) -> Never {
        let program = CommandLine.arguments.first.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        let line =
            "\(program ?? "careledger"): cannot \(action) \(path): \(reason); it ends here, for a disk that "
            + "failed is not asked again: make room or repair it, then start again (nothing final is lost)\n"
        let bytes = Array(line.utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
        _exit(1)
    }

    /// Ends the process for the reason that `errno` holds.
    static func end(_ action: String, _ path: String) -> Never {
        end(action, path, String(cString: strerror(errno)))
    }
}
