extension Collection<UInt8> {
    /// Two lower-case hexadecimal digits a byte.
    public var hex: String {
        let digits: StaticString = "0123456789abcdef"
        let table = UnsafeBufferPointer(start: digits.utf8Start, count: 16)
        return String(unsafeUninitializedCapacity: count * 2) { out in
            var index = 0
            for byte in self {
                out[index] = table[Int(byte >> 4)]
                out[index + 1] = table[Int(byte & 15)]
                index += 2
            }
            return index
        }
    }
}

extension [UInt8] {
    /// - Parameter hex: An even number of hexadecimal digits of either case.
    public init?(hex: String) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hex.utf8.count / 2)
        var high: UInt8?
        for character in hex.utf8 {
            let value: UInt8
            switch character {
            case 48...57: value = character - 48
            case 65...70: value = character - 55
            case 97...102: value = character - 87
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        guard high == nil else { return nil }
        self = bytes
    }
}
