internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#endif

/// What the system calls a failure.
public enum SystemError {
    /// The words for an `errno`.
    public static func sentence(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// The file and the system's words for what Foundation says about it.
    static func sentence(_ error: CocoaError) -> String {
        let reason = (error.underlying as? POSIXError).map { sentence($0.code.rawValue) } ?? error.localizedDescription
        return "\(error.filePath ?? error.url?.path ?? "a file") cannot be read or written: \(reason)"
    }
}
