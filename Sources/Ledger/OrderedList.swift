internal import Codec

// A set on the wire is an array in ascending order without repeats: one set, one encoding.
extension CBORReader {
    /// Reads 1 to `limit` items in strictly ascending order.
    mutating func readAscending<Item: CBORDecodable & Comparable>(
        _ type: Item.Type = Item.self, max limit: Int, field: String
    ) throws(DecodingFailure) -> [Item] {
        let items = try readArray(of: type, max: limit)
        guard !items.isEmpty, zip(items, items.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .invalid(field: field)
        }
        return items
    }
}

extension Collection where Element: Comparable & Hashable {
    /// The same elements in ascending order, each once.
    package var ascending: [Element] { Set(self).sorted() }
}
