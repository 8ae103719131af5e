internal import Codec
public import Cryptography

/// The first frame of a connection: which chain, which rules, who speaks and whom they want.
///
/// TLS has already proved the key; this binds the connection to one chain and one numbering of its validators, so that
/// a node set up for another network stops at the door with a reason.
struct Greeting: Hashable, Sendable {
    /// The version of the peer protocol that this program speaks.
    static let currentVersion: UInt64 = 1

    var version = currentVersion
    /// The genesis hash.
    var chain: Digest
    /// The sender's index in the validator set.
    var sender: Int
    /// The index of whom the sender means to reach.
    var receiver: Int

    /// Checks what a peer said against what this node knows about it.
    ///
    /// - Parameters:
    ///   - peer: Whose key the connection proved.
    ///   - own: This node's index.
    func check(chain: Digest, peer: Int, own: Int) throws(HandshakeRefusal) {
        guard version == Self.currentVersion else { throw .version(version) }
        guard self.chain == chain else { throw .chain(self.chain) }
        guard sender == peer else { throw .sender(sender, expected: peer) }
        guard receiver == own else { throw .receiver(receiver, expected: own) }
    }
}

extension Greeting: CBORCodable {
    init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 4)
        version = try reader.readUnsigned()
        chain = try reader.read()
        sender = try reader.readInt(max: Int(UInt16.max))
        receiver = try reader.readInt(max: Int(UInt16.max))
    }

    func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(version)
        writer.write(chain)
        writer.write(UInt64(sender))
        writer.write(UInt64(receiver))
    }
}

/// Why a greeting did not open the connection.
public enum HandshakeRefusal: Error, Hashable, Sendable {
    /// Not four fields in canonical CBOR.
    case malformed
    /// The peer speaks another version of the protocol.
    case version(UInt64)
    /// The peer belongs to another chain.
    case chain(Digest)
    /// The peer counts itself as another validator than its key does.
    case sender(Int, expected: Int)
    /// The peer meant somebody else.
    case receiver(Int, expected: Int)
}
