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
        self.init(url, among: Self.all(in: genesis))
    }

    /// A validator by its card on the chain.
    public init(_ validator: ValidatorID, _ card: ValidatorCardRecord) {
        self.init(url: card.apiURL, validator: validator, certificates: [card.certificate])
    }

    /// The node at an address that a person gave, when these are known: one of them, or one with the certificate of any.
    ///
    /// - Returns: Nothing unless the address is `https://host` or `https://host:port`.
    public init?(_ url: String, among known: [NodeAddress]) {
        guard Self.isAddress(url) else { return nil }
        let url = Self.normalized(url)
        if let node = known.first(where: { $0.url == url }) {
            self = node
        } else {
            self.init(url: url, validator: nil, certificates: known.flatMap(\.certificates))
        }
    }

    /// Whether a text is `https://host` or `https://host:port`.
    public static func isAddress(_ url: String) -> Bool {
        let url = normalized(url)
        return url.hasPrefix("https://") && url.utf8.count > 8 && !url.dropFirst(8).contains("/")
    }

    init(url: String, validator: ValidatorID?, certificates: [[UInt8]]) {
        self.url = Self.normalized(url)
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
