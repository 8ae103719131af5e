internal import Glibc
internal import Synchronization

/// Ports of the loopback interface that nobody listens on just now, for networks that are made and gone.
public enum FreePorts {
    /// Below the ports that the system gives to outgoing connections: one of those could take a port between two starts.
    private static let range = 10_240..<32_256
    /// Each process looks in a stretch of its own first, so that two that look at once do not find the same ports.
    private static let stretch = 128
    /// How many ports this process has looked at: none is given out twice.
    private static let looked = Mutex(0)

    /// - Returns: `count` different ports; another program may take one before it is used.
    public static func find(_ count: Int) -> [Int] {
        var ports: [Int] = []
        for _ in 0..<range.count where ports.count < count {
            let offset = looked.withLock { looked in
                defer { looked += 1 }
                return looked
            }
            let port = range.lowerBound + (Int(getpid()) * stretch + offset) % range.count
            if isFree(port) { ports.append(port) }
        }
        precondition(ports.count == count, "the loopback interface has free ports")
        return ports
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return bind(descriptor, to: UInt16(port))
    }

    private static func bind(_ descriptor: Int32, to port: UInt16) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Glibc.bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
