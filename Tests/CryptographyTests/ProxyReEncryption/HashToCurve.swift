import Cryptography

/// RFC 9380, suite secp256k1_XMD:SHA-256_SSWU_RO_, to derive one constant. Slow, and not for secrets.
func hashToCurve(_ message: [UInt8], tag: [UInt8]) -> Point? {
    let uniform = expandMessage(message, tag: tag, count: 96)
    let points = [uniform[..<48], uniform[48...]].map { mapToCurve(FieldElement(reducing: Array($0))) }
    let parsed = points.compactMap { Point([$0.y.isOdd ? 3 : 2] + $0.x.bytes) }
    return parsed.count == 2 ? Point.sum(parsed) : nil
}

/// RFC 9380 5.3.1.
private func expandMessage(_ message: [UInt8], tag: [UInt8], count: Int) -> [UInt8] {
    let tag = tag + [UInt8(tag.count)]
    let blocks = (count + 31) / 32
    let first = [UInt8](repeating: 0, count: 64) + message + [UInt8(count >> 8), UInt8(count & 255), 0] + tag
    let seed = Digest.sha256(first).bytes
    var previous = Digest.sha256(seed + [1] + tag).bytes
    var output = previous
    for index in 2..<(blocks + 1) {
        previous = Digest.sha256(zip(seed, previous).map { $0 ^ $1 } + [UInt8(index)] + tag).bytes
        output += previous
    }
    return Array(output[..<count])
}

/// RFC 9380 6.6.2 on the curve 3-isogenous to secp256k1, then appendix E.1's map.
private func mapToCurve(_ u: FieldElement) -> (x: FieldElement, y: FieldElement) {
    let a = FieldElement("3f8731abdd661adca08a5558f0f5d272e953d363cb6f0e5d405447c01a444533")
    let b = FieldElement(1771)
    let z = FieldElement(11).negated
    let zu2 = z * u * u
    let sum = zu2 * zu2 + zu2
    let x1 = sum.isZero ? b * (z * a).inverse : b.negated * a.inverse * (FieldElement(1) + sum.inverse)
    func right(_ x: FieldElement) -> FieldElement { x * x * x + a * x + b }
    let x2 = zu2 * x1
    let x = right(x1).isSquare ? x1 : x2
    var y = right(x).squareRoot
    if y.isOdd != u.isOdd { y = y.negated }

    func evaluate(_ coefficients: [FieldElement]) -> FieldElement {
        coefficients.reversed().reduce(FieldElement(0)) { $0 * x + $1 }
    }
    let one = FieldElement(1)
    let xNumerator = evaluate([
        FieldElement("8e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38daaaaa8c7"),
        FieldElement("07d3d4c80bc321d5b9f315cea7fd44c5d595d2fc0bf63b92dfff1044f17c6581"),
        FieldElement("534c328d23f234e6e2a413deca25caece4506144037c40314ecbd0b53d9dd262"),
        FieldElement("8e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38daaaaa88c"),
    ])
    let xDenominator = evaluate([
        FieldElement("d35771193d94918a9ca34ccbb7b640dd86cd409542f8487d9fe6b745781eb49b"),
        FieldElement("edadc6f64383dc1df7c4b2d51b54225406d36b641f5e41bbc52a56612a8c6d14"), one,
    ])
    let yNumerator = evaluate([
        FieldElement("4bda12f684bda12f684bda12f684bda12f684bda12f684bda12f684b8e38e23c"),
        FieldElement("c75e0c32d5cb7c0fa9d0a54b12a0a6d5647ab046d686da6fdffc90fc201d71a3"),
        FieldElement("29a6194691f91a73715209ef6512e576722830a201be2018a765e85a9ecee931"),
        FieldElement("2f684bda12f684bda12f684bda12f684bda12f684bda12f684bda12f38e38d84"),
    ])
    let yDenominator = evaluate([
        FieldElement("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffff93b"),
        FieldElement("7a06534bb8bdb49fd5e9e6632722c2989467c1bfc8e8d978dfb425d2685c2573"),
        FieldElement("6484aa716545ca2cf3a70c3fa8fe337e0a3d21162f0d6299a7bf8192bfd2a76f"), one,
    ])
    return (xNumerator * xDenominator.inverse, y * yNumerator * yDenominator.inverse)
}

/// A number modulo p = 2^256 - 2^32 - 977, in four little-endian limbs, always reduced.
private struct FieldElement: Equatable {
    private var limbs: [UInt64]
    private static let fold: UInt64 = 0x1_0000_03d1

    init(_ value: UInt64) { limbs = [value, 0, 0, 0] }

    init(_ hex: String) { self.init(reducing: [UInt8](hex: hex) ?? []) }

    /// - Parameter bytes: Big-endian, any number of them.
    init(reducing bytes: [UInt8]) {
        var result = FieldElement(0)
        for byte in bytes { result = result * FieldElement(256) + FieldElement(UInt64(byte)) }
        self = result
    }

    private init(limbs: [UInt64]) { self.limbs = limbs }

    var isZero: Bool { limbs.allSatisfy { $0 == 0 } }
    var isOdd: Bool { limbs[0] & 1 == 1 }
    var bytes: [UInt8] { limbs.reversed().flatMap { limb in withUnsafeBytes(of: limb.bigEndian) { Array($0) } } }
    var negated: FieldElement { isZero ? self : FieldElement(limbs: Self.subtract(Self.modulus, limbs).limbs) }
    var inverse: FieldElement { power(Self.subtract(Self.modulus, [2, 0, 0, 0]).limbs) }
    // (p+1)/4
    var squareRoot: FieldElement {
        power([0xffff_ffff_bfff_ff0c, 0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0x3fff_ffff_ffff_ffff])
    }
    var isSquare: Bool {
        let root = squareRoot
        return root * root == self
    }

    static func + (left: FieldElement, right: FieldElement) -> FieldElement {
        reduce(add(left.limbs + [0], right.limbs + [0]))
    }

    static func * (left: FieldElement, right: FieldElement) -> FieldElement {
        var wide = [UInt64](repeating: 0, count: 8)
        for i in 0..<4 {
            var carry: UInt64 = 0
            for j in 0..<4 {
                let (high, low) = left.limbs[i].multipliedFullWidth(by: right.limbs[j])
                let (first, overflow) = wide[i + j].addingReportingOverflow(low)
                let (second, again) = first.addingReportingOverflow(carry)
                wide[i + j] = second
                carry = high + (overflow ? 1 : 0) + (again ? 1 : 0)
            }
            wide[i + 4] = carry
        }
        return reduce(wide)
    }

    private func power(_ exponent: [UInt64]) -> FieldElement {
        var result = FieldElement(1)
        for limb in exponent.reversed() {
            for bit in (0..<64).reversed() {
                result = result * result
                if limb >> UInt64(bit) & 1 == 1 { result = result * self }
            }
        }
        return result
    }

    private static let modulus: [UInt64] = [0xffff_fffe_ffff_fc2f, .max, .max, .max]

    /// 2^256 is `fold` modulo p: what stands above is folded down until nothing does.
    private static func reduce(_ wide: [UInt64]) -> FieldElement {
        var value = wide
        while value.count > 4 {
            let top = Array(value[4...])
            guard top.contains(where: { $0 != 0 }) else { break }
            var folded = [UInt64](repeating: 0, count: top.count + 2)
            var carry: UInt64 = 0
            for (index, limb) in top.enumerated() {
                let (high, low) = limb.multipliedFullWidth(by: fold)
                let (sum, overflow) = low.addingReportingOverflow(carry)
                folded[index] = sum
                carry = high + (overflow ? 1 : 0)
            }
            folded[top.count] = carry
            let count = max(folded.count, 5)
            let padded = folded + [UInt64](repeating: 0, count: count - folded.count)
            value = add(Array(value[..<4]) + [UInt64](repeating: 0, count: count - 4), padded)
            while value.count > 5 && value.last == 0 { value.removeLast() }
        }
        var limbs = Array(value[..<4])
        let (reduced, borrow) = subtract(limbs, modulus)
        if !borrow { limbs = reduced }
        return FieldElement(limbs: limbs)
    }

    private static func add(_ left: [UInt64], _ right: [UInt64]) -> [UInt64] {
        var carry: UInt64 = 0
        return zip(left, right).map { pair in
            let (first, overflow) = pair.0.addingReportingOverflow(pair.1)
            let (second, again) = first.addingReportingOverflow(carry)
            carry = (overflow ? 1 : 0) + (again ? 1 : 0)
            return second
        }
    }

    private static func subtract(_ left: [UInt64], _ right: [UInt64]) -> (limbs: [UInt64], borrow: Bool) {
        var borrow: UInt64 = 0
        let limbs = zip(left, right).map { pair in
            let (first, underflow) = pair.0.subtractingReportingOverflow(pair.1)
            let (second, again) = first.subtractingReportingOverflow(borrow)
            borrow = (underflow ? 1 : 0) + (again ? 1 : 0)
            return second
        }
        return (limbs, borrow == 1)
    }
}
