internal import Codec
internal import Ledger

/// Where the validators are that have decided since the genesis file: `[[validator, API URL, certificate]…]`, kept in
/// `<home>/nodes.cbor`. What it says was proved when it was written.
struct KnownNodes: Hashable, Sendable {
    var nodes: [NodeAddress]

    /// The nodes that a home has kept; those of the genesis file where it has kept none.
    static func load(_ home: WalletHome?, _ genesis: Genesis) throws(HomeFailure) -> [NodeAddress] {
        guard let home, HomeFiles.exists(home.nodesFile) else { return NodeAddress.all(in: genesis) }
        let bytes = try HomeFiles.read(home.nodesFile)
        do { return try KnownNodes(decoding: bytes).nodes } catch { throw .malformed(home.nodesFile, "\(error)") }
    }
}

extension KnownNodes: CBORCodable {
    init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: Genesis.maximumValidators)
        guard count > 0 else { throw .invalid(field: "nodes") }
        nodes = []
        for _ in 0..<count {
            try reader.readArray(count: 3)
            let id: ValidatorID = try reader.read()
            let url = try reader.readText(max: 256)
            let certificate = try reader.readBytes(max: Genesis.Validator.maximumCertificateLength)
            nodes.append(NodeAddress(url: url, validator: id, certificates: [certificate]))
        }
    }

    func encode(to writer: inout CBORWriter) {
        writer.beginArray(nodes.count)
        for node in nodes {
            guard let id = node.validator, let certificate = node.certificates.first else {
                preconditionFailure("a known node is a validator with its certificate")
            }
            writer.beginArray(3)
            writer.write(id)
            writer.write(text: node.url)
            writer.write(bytes: certificate)
        }
    }
}
