import ChainStorage
import Codec
import Consensus
import Cryptography
import Ledger
import Replication

/// From every honest store, every final height can be proved to whoever knows the validators: by a certificate at or
/// above it and a path through the ancestry root.
enum LightClientProofs {
    static func judge(_ store: StoredChain, at index: Int, _ validity: inout CertificateValidity) -> String? {
        let blocks = store.ledger.blocks
        var height = Height(rawValue: 1)
        while height <= store.position.header.height {
            guard let header = store.header(at: height), let proof = store.finalization(atOrAbove: height),
                let anchor = store.header(at: proof.height)
            else { return "validator \(index): nothing proves that block \(height) is final" }
            if let finding = validity.check(proof.certificate) { return finding }
            guard proof.certificate.finalBlock?.hash == anchor.hash.digest else {
                return "validator \(index): the certificate above block \(height) is of another block"
            }
            if proof.height > height {
                guard let path = try? blocks.ancestryProof(of: height, in: proof.height),
                    path.verify(header.hash.digest, root: anchor.ancestryRoot)
                else { return "validator \(index): no path leads from block \(proof.height) to \(height)" }
            }
            height = height.next
        }
        return nil
    }
}
