/// The part of structured fields (RFC 8941) that message signatures need: dictionaries whose members are byte sequences
/// or inner lists of strings, both with parameters.
enum StructuredField {
    /// An item without parameters.
    enum Item: Hashable {
        case integer(Int64)
        case string(String)
        case token(String)
        case bytes([UInt8])
        case boolean(Bool)
    }

    /// A name with its value.
    struct Parameter: Hashable {
        let name: String
        let value: Item
    }

    /// An item of an inner list with its parameters.
    struct ParameterizedItem: Hashable {
        let item: Item
        let parameters: [Parameter]
    }

    /// What a member of a dictionary is.
    enum MemberValue: Hashable {
        case item(Item)
        case list([ParameterizedItem])
    }

    /// A member of a dictionary.
    struct Member: Hashable {
        let name: String
        let value: MemberValue
        let parameters: [Parameter]
    }

    /// The longest field and the most members, items and parameters that are followed.
    static let maximumLength = 4096
    static let maximumCount = 32

    /// Reads a dictionary. Nothing when it is malformed, too long, or names a member or a parameter twice (RFC 8941 lets
    /// the last one win; what two readers might read differently we do not read).
    static func dictionary(_ text: String) -> [Member]? {
        guard text.utf8.count <= maximumLength else { return nil }
        var parser = Parser(rest: Array(text.utf8)[...])
        return parser.dictionary()
    }

    /// Writes a string item; nothing when it has a character that a string cannot hold.
    static func write(_ string: String) -> String? {
        guard string.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
        return "\"" + string.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Writes an item.
    static func write(_ item: Item) -> String? {
        switch item {
        case .integer(let value): "\(value)"
        case .string(let value): write(value)
        case .token(let value): value
        case .bytes(let value): ":" + Base64.encode(value) + ":"
        case .boolean(let value): value ? "?1" : "?0"
        }
    }
}

extension StructuredField {
    fileprivate struct Parser {
        var rest: ArraySlice<UInt8>

        mutating func dictionary() -> [Member]? {
            var members: [Member] = []
            skip { $0 == 0x20 }
            while true {
                guard members.count < maximumCount, let name = key(), take("="), let member = member(name),
                    !members.contains(where: { $0.name == name })
                else { return nil }
                members.append(member)
                skip { $0 == 0x20 || $0 == 0x09 }
                if rest.isEmpty { return members }
                guard take(",") else { return nil }
                skip { $0 == 0x20 || $0 == 0x09 }
            }
        }

        private mutating func member(_ name: String) -> Member? {
            let value: MemberValue
            if rest.first == UInt8(ascii: "(") {
                guard let list = innerList() else { return nil }
                value = .list(list)
            } else {
                guard let item = item() else { return nil }
                value = .item(item)
            }
            guard let parameters = parameters() else { return nil }
            return Member(name: name, value: value, parameters: parameters)
        }

        private mutating func innerList() -> [ParameterizedItem]? {
            guard take("(") else { return nil }
            var items: [ParameterizedItem] = []
            while true {
                skip { $0 == 0x20 }
                if take(")") { return items }
                guard items.count < maximumCount, let item = item(), let parameters = parameters() else { return nil }
                items.append(ParameterizedItem(item: item, parameters: parameters))
                guard rest.first == 0x20 || rest.first == UInt8(ascii: ")") else { return nil }
            }
        }

        private mutating func parameters() -> [Parameter]? {
            var parameters: [Parameter] = []
            while take(";") {
                skip { $0 == 0x20 }
                guard parameters.count < maximumCount, let name = key(),
                    !parameters.contains(where: { $0.name == name })
                else { return nil }
                var value = Item.boolean(true)
                if take("=") {
                    guard let item = item() else { return nil }
                    value = item
                }
                parameters.append(Parameter(name: name, value: value))
            }
            return parameters
        }

        private mutating func item() -> Item? {
            guard let first = rest.first else { return nil }
            switch first {
            case UInt8(ascii: "\""): return string()
            case UInt8(ascii: ":"): return bytes()
            case UInt8(ascii: "?"): return boolean()
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return integer()
            default: return token()
            }
        }

        private mutating func key() -> String? {
            guard let first = rest.first, Self.isLowercase(first) || first == UInt8(ascii: "*") else { return nil }
            return takeText {
                Self.isLowercase($0) || Self.isDigit($0) || "_-.*".utf8.contains($0)
            }
        }

        private mutating func string() -> Item? {
            guard take("\"") else { return nil }
            var text: [UInt8] = []
            while let character = rest.popFirst() {
                switch character {
                case UInt8(ascii: "\""): return .string(String(decoding: text, as: UTF8.self))
                case UInt8(ascii: "\\"):
                    guard let escaped = rest.popFirst(), escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\")
                    else { return nil }
                    text.append(escaped)
                case 0x20...0x7e: text.append(character)
                default: return nil
                }
            }
            return nil
        }

        private mutating func bytes() -> Item? {
            guard take(":") else { return nil }
            let text = takeText { $0 != UInt8(ascii: ":") }
            guard take(":"), let bytes = Base64.decode(text) else { return nil }
            return .bytes(bytes)
        }

        private mutating func boolean() -> Item? {
            guard take("?") else { return nil }
            if take("1") { return .boolean(true) }
            return take("0") ? .boolean(false) : nil
        }

        private mutating func integer() -> Item? {
            let negative = take("-")
            let digits = takeText(where: Self.isDigit)
            guard (1...15).contains(digits.utf8.count), let value = Int64(digits) else { return nil }
            return .integer(negative ? -value : value)
        }

        private mutating func token() -> Item? {
            guard let first = rest.first, Self.isLetter(first) || first == UInt8(ascii: "*") else { return nil }
            return .token(
                takeText { Self.isLetter($0) || Self.isDigit($0) || "!#$%&'*+-.^_`|~:/".utf8.contains($0) })
        }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        private mutating func takeText(where isPart: (UInt8) -> Bool) -> String {
            let part = rest.prefix(while: isPart)
            rest = rest.dropFirst(part.count)
            return String(decoding: part, as: UTF8.self)
        }

        private mutating func skip(while isSkipped: (UInt8) -> Bool) { rest = rest.drop(while: isSkipped) }

        private static func isLowercase(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
        private static func isLetter(_ byte: UInt8) -> Bool { isLowercase(byte | 0x20) }
        private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    }
}
