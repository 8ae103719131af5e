public import Ledger

/// A node's API: where it is and which certificates it may show.
public struct NodeAddress: Hashable, Sendable {
    /// `https://host:port`, without a path.
    public let url: String
    /// The validator, where the address is one of the genesis file's.
    public let validator: ValidatorID?
    /// DER certificates: the validator's, or all of the genesis file's for an address that it does not name.
    public let certificates: [[UInt8]]

    /// The nodes that a genesis file names, in its order.
    public static func all(in genesis: Genesis) -> [NodeAddress] {
        genesis.validators.map {
            NodeAddress(url: normalized($0.apiURL), validator: $0.id, certificates: [$0.certificate])
        }
    }

    /// The node at an address that a person gave.
    ///
    /// - Returns: Nothing unless the address is `https://host` or `https://host:port`.
    public init?(_ url: String, in genesis: Genesis) {
        guard Self.isAddress(url) else { return nil }
        let url = Self.normalized(url)
        if let known = Self.all(in: genesis).first(where: { $0.url == url }) {
            self = known
        } else {
            self.init(url: url, validator: nil, certificates: genesis.validators.map(\.certificate))
        }
    }

    /// Whether a text is `https://host` or `https://host:port`.
    public static func isAddress(_ url: String) -> Bool {
        let url = normalized(url)
        return url.hasPrefix("https://") && url.utf8.count > 8 && !url.dropFirst(8).contains("/")
    }

    private init(url: String, validator: ValidatorID?, certificates: [[UInt8]]) {
        self.url = url
        self.validator = validator
        self.certificates = certificates
    }

    /// `host:port`, what a signature names.
    var authority: String { String(url.dropFirst("https://".count)) }

    private static func normalized(_ url: String) -> String {
        let url = url.lowercased()
        return url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}
