internal import Glibc

/// Ports of the loopback interface that nobody listens on just now, for networks that are made and gone.
public enum FreePorts {
    /// Below the ports that the system gives to outgoing connections: one of those could take a port between two starts.
    private static let range: ClosedRange<UInt16> = 10_240...32_000
    private static let attempts = 4096

    /// - Returns: `count` different ports; somebody else may take one before it is used.
    public static func find(_ count: Int) -> [Int] {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        var ports: [Int] = []
        for _ in 0..<attempts where ports.count < count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { break }
            descriptors.append(descriptor)
            let port = UInt16.random(in: range)
            if bind(descriptor, to: port) { ports.append(Int(port)) }
        }
        precondition(ports.count == count, "the loopback interface has free ports")
        return ports
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
