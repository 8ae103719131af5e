internal import Codec
internal import Cryptography
internal import Ledger

/// What a validator dealt in a round, as it keeps it: the same again after a restart, until nobody asks for it any more.
///
/// `[set, [commitment…], [[validator, sealed part]…]]`; what the parts were dealt with is gone.
struct KeptDeal: CBORCodable {
    /// Bytes of a sealed part.
    static let partLength = HybridSeal.overhead + Scalar.length

    struct Part: CBORCodable {
        var validator: ValidatorID
        var sealed: [UInt8]

        init(validator: ValidatorID, sealed: [UInt8]) {
            self.validator = validator
            self.sealed = sealed
        }

        init(from reader: inout CBORReader) throws(DecodingFailure) {
            try reader.readArray(count: 2)
            validator = try reader.read()
            sealed = try reader.readBytes(max: KeptDeal.partLength)
        }

        func encode(to writer: inout CBORWriter) {
            writer.beginArray(2)
            writer.write(validator)
            writer.write(bytes: sealed)
        }
    }

    /// Hash of the validators that it was dealt to.
    var set: Digest
    var commitments: ResharingCommitments
    var parts: [Part]

    init(set: Digest, commitments: ResharingCommitments, parts: [Part]) {
        self.set = set
        self.commitments = commitments
        self.parts = parts
    }

    init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        set = try reader.read()
        commitments = try reader.read()
        parts = try reader.readArray(max: Genesis.maximumValidators)
    }

    func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(set)
        writer.write(commitments)
        writer.write(array: parts)
    }
}
