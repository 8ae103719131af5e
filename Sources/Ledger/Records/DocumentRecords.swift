public import Codec
public import Cryptography

/// A document: `[scope, epoch, organisation or null, staff or null, manifest, padded size, capsule, key commitment,
/// replaces or null, replaced by or null, metadata, committed, time]`, and `erased` behind them once it is: the tombstone.
public struct DocumentRecord: StateRecord {
    public typealias ID = DocumentID
    public static var kind: StateKind { .document }

    /// The scope that it belongs to.
    public var scope: ScopeID
    /// The scope's epoch.
    public var epoch: UInt64
    /// The author; nothing for a message of the patient's.
    public var organization: OrganizationID?
    /// Who of the author's staff; nothing for a message of the patient's.
    public var staff: StaffID?
    /// The sealed document.
    public var manifest: ContentID
    /// Bytes of the padded plaintext.
    public var paddedSize: UInt64
    /// What the key seed is opened from: 98 bytes that were checked when they came. Parsing them costs 10 µs.
    public var capsuleBytes: [UInt8]
    /// Commitment to the document key.
    public var keyCommitment: Digest
    /// The version that this one replaced.
    public var replaces: DocumentID?
    /// The version that replaced this one.
    public var replacedBy: DocumentID?
    /// Sealed title, type and date.
    public var metadata: ContentID
    /// The block.
    public var committed: Height
    /// The block's time.
    public var time: Timestamp
    /// The block that erased it.
    public var erased: Height?

    init(_ terms: DocumentTerms, capsule: [UInt8], at height: Height, _ time: Timestamp) {
        scope = terms.scope
        epoch = terms.epoch
        organization = terms.organization
        staff = terms.staff
        manifest = terms.manifest
        paddedSize = terms.paddedSize
        capsuleBytes = capsule
        keyCommitment = terms.keyCommitment
        replaces = terms.replaces
        replacedBy = nil
        metadata = terms.metadata
        committed = height
        self.time = time
        erased = nil
    }

    init(_ terms: MessageTerms, capsule: [UInt8], at height: Height, _ time: Timestamp) {
        scope = terms.scope
        epoch = terms.epoch
        organization = terms.author?.organization
        staff = terms.author?.staff
        manifest = terms.manifest
        paddedSize = terms.paddedSize
        capsuleBytes = capsule
        keyCommitment = terms.keyCommitment
        replaces = nil
        replacedBy = nil
        metadata = terms.metadata
        committed = height
        self.time = time
        erased = nil
    }

    /// The author in the context that the content is sealed for: 32 zero bytes for the patient.
    public var sealedAuthor: Digest { organization?.digest ?? .zero }

    /// What the key seed is opened from.
    public var capsule: Capsule {
        do { return try Capsule(parsing: capsuleBytes) } catch {
            preconditionFailure("a committed capsule was checked: \(error)")
        }
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        let count = try reader.readArrayCount(max: 14)
        guard count >= 13 else { throw .invalid(field: "document") }
        scope = try reader.read()
        epoch = try reader.readUnsigned(max: UInt64(UInt32.max))
        organization = try reader.readOptional()
        staff = try reader.readOptional()
        guard (organization == nil) == (staff == nil) else { throw .invalid(field: "author") }
        manifest = try reader.read()
        paddedSize = try reader.readUnsigned()
        capsuleBytes = Array(try reader.readBytes(exactly: Capsule.length))
        keyCommitment = try reader.read()
        replaces = try reader.readOptional()
        replacedBy = try reader.readOptional()
        metadata = try reader.read()
        committed = try reader.read()
        time = try reader.read()
        erased = count == 14 ? try reader.read() : nil
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(erased == nil ? 13 : 14)
        writer.write(scope)
        writer.write(epoch)
        writer.write(optional: organization)
        writer.write(optional: staff)
        writer.write(manifest)
        writer.write(paddedSize)
        writer.write(bytes: capsuleBytes)
        writer.write(keyCommitment)
        writer.write(optional: replaces)
        writer.write(optional: replacedBy)
        writer.write(metadata)
        writer.write(committed)
        writer.write(time)
        if let erased { writer.write(erased) }
    }
}

/// That a capsule was used, by which document. Two capsules are one when they have the same first point.
public struct CapsuleRecord: StateRecord {
    public typealias ID = KeyID
    public static var kind: StateKind { .capsule }

    /// The document.
    public var document: DocumentID

    init(document: DocumentID) { self.document = document }

    public static func bytes(of id: KeyID) -> [UInt8] { id.bytes }

    public init(from reader: inout CBORReader) throws(DecodingFailure) { document = try reader.read() }

    public func encode(to writer: inout CBORWriter) { writer.write(document) }
}
