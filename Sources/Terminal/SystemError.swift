#if canImport(Glibc)
    internal import Glibc
#endif

/// What the system calls a failure.
public enum SystemError {
    /// The words for an `errno`.
    public static func sentence(_ code: Int32) -> String { String(cString: strerror(code)) }
}
