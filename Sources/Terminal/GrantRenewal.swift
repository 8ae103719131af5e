internal import Client
internal import Cryptography
internal import Foundation
internal import Ledger

extension Session {
    /// Makes a patient's grants anew when the validators have changed since this wallet was last online.
    ///
    /// It comes after what the person wanted, which is done however this ends: what fails is said and tried again.
    func renewGrants() async {
        guard case .patient(let keys) = keystore.identity else { return }
        let now = Timestamp(rawValue: UInt64(Date.now.timeIntervalSince1970 * 1000))
        do {
            let keeper = ConsentKeeper(ledger, home: home)
            guard let report = try await keeper.followValidators(of: keys, now: now) else { return }
            for renewal in report.renewed {
                Program.note(
                    "The validators have changed: grant \(renewal.old) is now \(renewal.status.grant), "
                        + "\(renewal.status.summary)"
                        + (renewal.isOldRevoked ? "" : "; the old one stays until enough of them hold it"))
            }
            for refusal in report.refused {
                Program.note("The validators have changed, and grants were not made anew: \(refusal)")
            }
        } catch {
            Program.note("The validators have changed; grants will be made anew the next time: \(error)")
        }
    }
}
