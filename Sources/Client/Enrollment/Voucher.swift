public import Codec
public import Cryptography
public import Ledger

/// An enrolment voucher as the registration desk hands it out: one line of text.
public struct Voucher: Hashable, Sendable {
    /// What goes into the operation that opens the scope.
    public let enrollment: EnrollmentVoucher

    /// A voucher of a hospital for one scope, with a fresh code.
    ///
    /// - Parameter keys: The hospital's keys of this home; too few of them, and the ledger refuses the voucher.
    public init(of organization: OrganizationID, expires: Timestamp, endorsedBy keys: [SigningKey], on chain: ChainID) {
        var enrollment = EnrollmentVoucher(
            organization: organization, code: SystemRandom.bytes(EnrollmentVoucher.codeLength), expires: expires)
        for key in keys { enrollment.endorse(with: key, on: chain) }
        self.enrollment = enrollment
    }
}

extension Voucher: ArmoredText {
    /// What its line begins with.
    public static var kind: String { "voucher" }

    /// Reads the voucher.
    public init(from reader: inout CBORReader) throws(DecodingFailure) { enrollment = try reader.read() }

    /// Appends the voucher.
    public func encode(to writer: inout CBORWriter) { writer.write(enrollment) }
}
