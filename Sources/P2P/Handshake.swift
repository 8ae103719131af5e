internal import Codec
public import Cryptography

/// The first frame of a connection: which chain, which rules, who speaks and whom they want.
///
/// TLS has already proved the key; this binds the connection to one chain and to both keys, so that a node set up for
/// another network stops at the door with a reason. Nodes know each other by their keys: a place in the validator set
/// changes with the epochs.
struct Greeting: Hashable, Sendable {
    /// The version of the peer protocol that this program speaks.
    static let currentVersion: UInt64 = 2

    var version = currentVersion
    /// The genesis hash.
    var chain: Digest
    /// The hash of the sender's key.
    var sender: Digest
    /// The hash of the key of whom the sender means to reach.
    var receiver: Digest

    /// Checks what a peer said against what this node knows about it.
    ///
    /// - Parameters:
    ///   - peer: The hash of the key that the connection proved.
    ///   - own: The hash of this node's.
    func check(chain: Digest, peer: Digest, own: Digest) throws(HandshakeRefusal) {
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
        sender = try reader.read()
        receiver = try reader.read()
    }

    func encode(to writer: inout CBORWriter) {
        writer.beginArray(4)
        writer.write(version)
        writer.write(chain)
        writer.write(sender)
        writer.write(receiver)
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
    /// The peer gives another key than it has proved.
    case sender(Digest, expected: Digest)
    /// The peer meant somebody else.
    case receiver(Digest, expected: Digest)
}
