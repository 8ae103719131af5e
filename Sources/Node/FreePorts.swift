internal import Glibc

/// Ports of the loopback interface that nobody listens on just now, for networks that are made and gone.
public enum FreePorts {
    /// - Returns: `count` different ports; somebody else may take one before it is used.
    public static func find(_ count: Int) -> [Int] {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        var ports: [Int] = []
        while ports.count < count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { break }
            descriptors.append(descriptor)
            if let port = bind(descriptor) { ports.append(port) }
        }
        precondition(ports.count == count, "the loopback interface has free ports")
        return ports
    }

    private static func bind(_ descriptor: Int32) -> Int? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard Glibc.bind(descriptor, generic, length) == 0, getsockname(descriptor, generic, &length) == 0
                else { return nil }
                return Int(UInt16(bigEndian: pointer.pointee.sin_port))
            }
        }
    }
}
