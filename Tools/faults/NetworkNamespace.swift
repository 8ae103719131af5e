import Foundation
import Glibc

/// A network of its own with one interface, whose packets this process carries: what a machine with one cable is.
///
/// It has no name and nobody has to remove it: the kernel does when the last process in it has ended.
final class NetworkNamespace {
    /// Packets, whole, one a read or write.
    let interface: Int32
    private let descriptor: Int32

    /// Makes a network with the address `prefix.host` and a loopback.
    init(prefix: [UInt8], host: UInt8) throws {
        let own = try Self.current()
        defer { close(own) }
        try check(Calls.unshare(Calls.network), "a network namespace (does this run as root?)")
        do {
            defer { Calls.enter(own) }
            interface = try Self.tunnel(prefix + [host])
            descriptor = try Self.current()
        }
    }

    /// Gives this process's own network an interface, too.
    ///
    /// The whole process has to be in a network of its own before it has threads: a thread stays where it was made, and a
    /// program that one starts outside would send its packets to whoever has these addresses out there.
    static func joinMachines(prefix: [UInt8], host: UInt8) throws -> Int32 {
        let routes = try String(contentsOfFile: "/proc/self/net/route", encoding: .utf8)
        guard routes.split(separator: "\n").count <= 1 else {
            throw SystemFailure(description: "this network leads elsewhere: Network/faults starts this in an empty one")
        }
        return try tunnel(prefix + [host])
    }

    /// Does something in the network, without leaving the thread: a process that it starts lives there.
    func inside<Value>(_ body: () throws -> Value) throws -> Value {
        let own = try Self.current()
        defer { close(own) }
        Calls.enter(descriptor)
        defer { Calls.enter(own) }
        return try body()
    }

    deinit {
        close(interface)
        close(descriptor)
    }

    private static func current() throws -> Int32 {
        try check(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), "the present network namespace")
    }

    /// Makes an interface in the present thread's network, gives it an address in a /24 and switches it on.
    private static func tunnel(_ address: [UInt8]) throws -> Int32 {
        let tunnel = try check(open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK), "/dev/net/tun")
        try configure(tunnel, Calls.makeInterface, name: "ledger", value: [0x01, 0x10])  // IFF_TUN | IFF_NO_PI
        let control = try check(socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0), "a socket")
        defer { close(control) }
        let family = withUnsafeBytes(of: UInt16(AF_INET)) { Array($0) }
        try configure(control, Calls.setAddress, name: "ledger", value: family + [0, 0] + address)
        try configure(control, Calls.setMask, name: "ledger", value: family + [0, 0, 255, 255, 255, 0])
        for name in ["ledger", "lo"] {
            try configure(control, Calls.setFlags, name: name, value: [0x41, 0])  // IFF_UP | IFF_RUNNING
        }
        return tunnel
    }

    /// One of the calls that take a `struct ifreq`: 16 bytes of name, 24 of value.
    private static func configure(_ descriptor: Int32, _ call: UInt, name: String, value: [UInt8]) throws {
        var request = [UInt8](repeating: 0, count: 40)
        request.replaceSubrange(0..<name.utf8.count, with: Array(name.utf8))
        request.replaceSubrange(16..<16 + value.count, with: value)
        let result = request.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { ioctl(descriptor, call, $0) } ?? -1
        }
        try check(result, "the interface \(name)")
    }
}

/// A call of the operating system that failed.
struct SystemFailure: Error, CustomStringConvertible {
    let description: String
}

/// Passes a result that is no failure through.
@discardableResult
func check(_ result: Int32, _ what: String) throws -> Int32 {
    guard result >= 0 else { throw SystemFailure(description: "\(what): \(String(cString: strerror(errno)))") }
    return result
}

/// Linux calls that the C library's module does not show to Swift.
private enum Calls {
    static let network: Int32 = 0x4000_0000  // CLONE_NEWNET
    static let makeInterface: UInt = 0x4004_54ca  // TUNSETIFF
    static let setFlags: UInt = 0x8914
    static let setAddress: UInt = 0x8916
    static let setMask: UInt = 0x891c

    static func unshare(_ flags: Int32) -> Int32 {
        typealias Function = @convention(c) (Int32) -> Int32
        return unsafeBitCast(dlsym(nil, "unshare"), to: Function.self)(flags)
    }

    /// Moves the present thread; it has been there before, so that it cannot fail.
    static func enter(_ namespace: Int32) {
        typealias Function = @convention(c) (Int32, Int32) -> Int32
        let result = unsafeBitCast(dlsym(nil, "setns"), to: Function.self)(namespace, network)
        precondition(result == 0, "a thread may enter a network that its process made")
    }
}
