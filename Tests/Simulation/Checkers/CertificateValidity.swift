import Codec
import Consensus
import Cryptography

/// Every certificate that an honest validator passes on is one, by arithmetic of its own: n - (n - 1) / 3 different
/// validators, each with a signature that is right.
struct CertificateValidity {
    let count: Int
    let chain: Digest
    let keys: SymbolicKeys
    private var last: [Statement: Certificate] = [:]

    init(count: Int, chain: Digest, keys: SymbolicKeys) {
        self.count = count
        self.chain = chain
        self.keys = keys
    }

    /// A finding unless a quorum signed.
    mutating func check(_ certificate: Certificate) -> String? {
        if last[certificate.statement] == certificate { return nil }
        last[certificate.statement] = certificate
        let what = "the certificate \(certificate.statement.kind) of view \(certificate.view)"
        let needed = count - (count - 1) / 3
        guard certificate.signers.count >= needed else {
            return "\(what) has \(certificate.signers.count) signers and needs \(needed)"
        }
        let digest = certificate.statement.digest(chain: chain)
        var previous = -1
        for (signer, signature) in zip(certificate.signers, certificate.signatures) {
            guard signer.rawValue > previous, signer.rawValue < count else { return "\(what) has wrong signers" }
            previous = signer.rawValue
            guard keys.isValid(signature, of: digest, by: signer) else {
                return "\(what) has a signature that \(signer) did not make"
            }
        }
        return nil
    }
}
