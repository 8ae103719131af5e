/// Payment card numbers, which must not stand in clear text on a chain that forgets nothing (PCI DSS 3.4).
public enum PaymentData {
    private static let lengths = 13...19
    /// How many spaces or hyphens in a row still separate groups of one number.
    private static let maximumSeparators = 3

    /// Whether a text holds a number of 13 to 19 digits with a valid check digit (Luhn, ISO/IEC 7812-1).
    ///
    /// Digits may be grouped by spaces, hyphens, dots and the like. Digits that stand together belong together: 20 of them
    /// are no card number, whatever they begin with. Costs a step a digit for each group.
    public static func isIn(_ text: String) -> Bool {
        for number in numbers(in: text) {
            // Any consecutive groups may be the number.
            for first in number.indices {
                var digits: [Int] = []
                for group in number[first...] {
                    digits += group
                    if digits.count > lengths.upperBound { break }
                    if lengths.contains(digits.count), isValid(digits) { return true }
                }
            }
        }
        return false
    }

    /// Every second digit from the right is doubled; the sum of all digits ends in 0.
    private static func isValid(_ digits: [Int]) -> Bool {
        let sum = digits.reversed().enumerated().reduce(0) { sum, place in
            let value = place.offset.isMultiple(of: 2) ? place.element : place.element * 2
            return sum + (value > 9 ? value - 9 : value)
        }
        return sum.isMultiple(of: 10)
    }

    /// The groups of digits that separators alone part, as lists.
    private static func numbers(in text: String) -> [[[Int]]] {
        var numbers: [[[Int]]] = []
        var groups: [[Int]] = []
        var group: [Int] = []
        var separators = 0
        func endGroup() {
            if !group.isEmpty { groups.append(group) }
            group = []
        }
        func endNumber() {
            endGroup()
            if !groups.isEmpty { numbers.append(groups) }
            groups = []
        }
        for scalar in text.unicodeScalars {
            if let digit = digit(scalar) {
                group.append(digit)
                separators = 0
            } else if isSeparator(scalar), separators < maximumSeparators {
                endGroup()
                separators += 1
            } else {
                endNumber()
                separators = 0
            }
        }
        endNumber()
        return numbers
    }

    /// ASCII digits and those that look or read like them; a fixed list, because every node must decide alike whatever
    /// version of Unicode it knows.
    private static func digit(_ scalar: Unicode.Scalar) -> Int? {
        for zero: UInt32 in [0x30, 0x660, 0x6f0, 0x966, 0xff10] where (zero...zero + 9).contains(scalar.value) {
            return Int(scalar.value - zero)
        }
        return nil
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20, 0x09, 0x2c, 0x2d, 0x2e, 0x2f, 0x5f, 0xa0, 0x2000...0x2015, 0x202f, 0x2212, 0x3000: true
        default: false
        }
    }
}

extension Operation {
    /// Whether a clear text of it holds a payment card number.
    var holdsPaymentData: Bool { content.clearTexts.contains { PaymentData.isIn($0) } }
}
