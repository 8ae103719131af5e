import Codec

/// Each validator delivers the blocks in order, each once, also across restarts: what was stored stays stored.
struct Delivery {
    private var delivered: [Int: UInt64] = [:]

    /// A finding unless this is the block after the last one.
    mutating func deliver(_ height: Height, by index: Int) -> String? {
        let last = delivered[index] ?? 0
        delivered[index] = height.rawValue
        return height.rawValue == last + 1
            ? nil : "validator \(index) delivers block \(height) after \(last)"
    }

    /// A finding unless a store that opens ends with the last block that was delivered.
    mutating func open(at height: Height, by index: Int) -> String? {
        let last = delivered[index] ?? height.rawValue
        delivered[index] = height.rawValue
        return height.rawValue == last ? nil : "validator \(index) starts at block \(height) and had stored \(last)"
    }

    /// The validator's disk is another one.
    mutating func forget(_ index: Int, to height: Height?) { delivered[index] = height?.rawValue }
}
