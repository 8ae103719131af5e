internal import API
internal import Codec
internal import Cryptography
public import Ledger

/// What came of renewing a patient's grants after the validators had changed.
public struct RenewalReport: Hashable, Sendable {
    /// Grants that were made anew.
    public var renewed: [Renewal] = []
    /// Scopes whose grants the ledger does not let be made anew, and why: they stay as they are.
    public var refused: [String] = []

    /// Nothing yet.
    public init() {}

    /// Whether nothing is left to do until the validators change again.
    public var isComplete: Bool { renewed.allSatisfy(\.isOldRevoked) }
}

extension ConsentKeeper {
    /// Makes a patient's grants anew when the validators have changed since the last time, and remembers that it did.
    ///
    /// It asks nobody anything while the chain is in the epoch in which the grants were last seen to: call it whenever the
    /// wallet is online.
    ///
    /// - Returns: Nothing when the validators are the same as before.
    /// - Throws: What keeps it from being done now; the next call tries again.
    public func followValidators(of keys: PatientKeys, now: Timestamp) async throws -> RenewalReport? {
        let epoch = ledger.light.trust.epoch
        guard try seenTo != epoch else { return nil }
        var report = RenewalReport()
        for scope in keys.allKeys {
            guard let record = try await record(of: scope), record.closed == nil else { continue }
            do { report.renewed += try await redistribute(scope, now: now) } catch let failure as ClientFailure {
                guard case .refused(_, let refusal) = failure else { throw failure }
                report.refused.append("\(scope.name.category): \(refusal)")
            }
        }
        if report.isComplete { try remember(epoch) }
        return report
    }

    private static let version: UInt64 = 1
    private var renewalMark: String { home.path + "/renewed.cbor" }

    /// The epoch in whose validators' hands all grants were left: `<home>/renewed.cbor`, `[1, epoch]`; the first when
    /// nothing is said, which a home that was restored has to look into only if there was a change.
    private var seenTo: UInt64 {
        get throws(HomeFailure) {
            guard HomeFiles.exists(renewalMark) else { return 0 }
            let bytes = try HomeFiles.read(renewalMark)
            do throws(DecodingFailure) {
                var reader = CBORReader(bytes)
                try reader.readArray(count: 2)
                guard try reader.readUnsigned() == Self.version else { throw .invalid(field: "version") }
                let epoch = try reader.readUnsigned()
                try reader.finish()
                return epoch
            } catch { throw .malformed(renewalMark, "\(error)") }
        }
    }

    private func remember(_ epoch: UInt64) throws(HomeFailure) {
        var writer = CBORWriter()
        writer.beginArray(2)
        writer.write(Self.version)
        writer.write(epoch)
        try HomeFiles.replace(renewalMark, writer.bytes)
    }
}
