import Cryptography
import Foundation

/// A file that has no name and is gone when nobody uses it.
final class ScratchFile: Sendable {
    private let descriptor: Int32

    init(in directory: String) throws {
        var template = Array((directory + "/careledger-XXXXXX").utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Failure(errno) }
        unlink(template)
    }

    deinit { close(descriptor) }

    /// Why the disk did not do it.
    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ code: Int32) { description = String(cString: strerror(code)) }
    }

    /// Appends so many bytes that do not repeat within a mebibyte.
    func fill(_ size: UInt64) throws {
        let pattern = SystemRandom.bytes(1 << 20)
        var left = size
        while left > 0 {
            let count = min(left, UInt64(pattern.count))
            try write(pattern.prefix(Int(count)))
            left -= count
        }
    }

    /// Waits until everything is on the disk.
    func sync() throws { guard fdatasync(descriptor) == 0 else { throw Failure(errno) } }

    /// Goes back to the beginning.
    func rewind() throws { guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw Failure(errno) } }

    /// Appends bytes.
    func write(_ bytes: some ContiguousBytes) throws {
        try bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
                guard count > 0 else { throw Failure(errno) }
                offset += count
            }
        }
    }

    /// Writes bytes where they belong.
    func write(_ bytes: ArraySlice<UInt8>, at offset: UInt64) throws {
        try bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let count = pwrite(
                    descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written,
                    off_t(offset) + off_t(written))
                guard count > 0 else { throw Failure(errno) }
                written += count
            }
        }
    }

    /// Reads what comes next; 0 bytes at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        guard count >= 0 else { throw Failure(errno) }
        return count
    }

    /// Reads a range that is there.
    func read(at offset: UInt64, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let part = pread(
                    descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset) + off_t(filled))
                guard part > 0 else { throw Failure(errno) }
                filled += part
            }
        }
    }
}
