public import Client
internal import Foundation
public import P2P

/// The gateway's certificate and its key, in its home: `gateway.crt.pem`, which clients pin, and `gateway.key.pem`, which
/// nobody else may read.
public enum GatewayIdentity {
    /// The certificate's file.
    public static func certificateFile(of home: WalletHome) -> String { home.path + "/gateway.crt.pem" }

    private static func keyFile(of home: WalletHome) -> String { home.path + "/gateway.key.pem" }

    /// Loads the identity of a home, or makes one where there is none.
    public static func load(from home: WalletHome) throws -> TLSIdentity {
        if HomeFiles.exists(keyFile(of: home)) {
            let key = try HomeFiles.readPrivate(keyFile(of: home))
            let certificate = try HomeFiles.read(certificateFile(of: home))
            return try TLSIdentity(
                certificatePEM: String(decoding: certificate, as: UTF8.self),
                privateKeyPEM: String(decoding: key, as: UTF8.self))
        }
        let made = try TLSIdentity.make(hosts: ["localhost", "gateway"])
        try HomeFiles.replace(certificateFile(of: home), Array(made.certificatePEM.utf8))
        try made.withPrivateKeyPEM { try HomeFiles.replace(keyFile(of: home), Array($0.utf8)) }
        return made
    }
}
