internal import Codec
internal import Cryptography

/// Puts a change to the vote of the organisations; the proposer's own approval counts. Signed by the organisation.
///
/// `[26, organisation, change, expires]`
public struct ProposeChange: Hashable, Sendable {
    /// How far ahead a proposal may expire: 90 days, in milliseconds.
    public static let longestVote: UInt64 = 90 * 86_400_000

    /// Who proposes.
    public var organization: OrganizationID
    /// What.
    public var change: Change
    /// The last moment at which it can be approved.
    public var expires: Timestamp

    /// A proposal.
    public init(organization: OrganizationID, change: Change, expires: Timestamp) {
        self.organization = organization
        self.change = change
        self.expires = expires
    }

    /// What identifies the proposal.
    public var id: ChangeID { ChangeID(operationDigest) }
}

extension ProposeChange: OperationContent {
    var code: Operation.Code { .proposeChange }
    static var count: Int { 4 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        organization = try reader.read()
        change = try reader.read()
        expires = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(organization)
        writer.write(change)
        writer.write(expires)
    }
}

/// Approves a change; with more than two thirds of the organisations it is made at once. Signed by the organisation.
///
/// `[27, change, organisation]`
public struct ApproveChange: Hashable, Sendable {
    /// What is approved.
    public var change: ChangeID
    /// By whom.
    public var organization: OrganizationID

    /// An approval.
    public init(change: ChangeID, organization: OrganizationID) {
        self.change = change
        self.organization = organization
    }
}

extension ApproveChange: OperationContent {
    var code: Operation.Code { .approveChange }
    static var count: Int { 3 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        change = try reader.read()
        organization = try reader.read()
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(change)
        writer.write(organization)
    }
}
