public import Codec
public import Cryptography

/// Who of an organisation's staff writes or has read a message: `[organisation, staff]`. The patient has no such entry: their
/// scope key says who they are.
public struct MessageAuthor: Hashable, Sendable {
    /// For whom.
    public var organization: OrganizationID
    /// Who.
    public var staff: StaffID

    /// A member of staff.
    public init(organization: OrganizationID, staff: StaffID) {
        self.organization = organization
        self.staff = staff
    }
}

extension MessageAuthor: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        organization = try reader.read()
        staff = try reader.read()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(organization)
        writer.write(staff)
    }
}

/// What somebody says about a message, before the capsule's own secret signs it.
public struct MessageTerms: Hashable, Sendable {
    /// The scope that it is written in.
    public var scope: ScopeID
    /// Who of a hospital writes; nothing for the patient.
    public var author: MessageAuthor?
    /// The thread that it goes on with; nothing for the first message of a new one.
    public var thread: ThreadID?
    /// The scope's epoch.
    public var epoch: UInt64
    /// Its place in the thread, from 1.
    public var number: UInt64
    /// The message before it, which by its hash stands for all before that; nothing for the first.
    public var previous: DocumentID?
    /// The sealed text.
    public var manifest: ContentID
    /// Bytes of the padded plaintext: a Padmé size.
    public var paddedSize: UInt64
    /// What the key seed is opened from.
    public var capsule: Capsule
    /// Commitment to the document key.
    public var keyCommitment: Digest
    /// Sealed subject and date.
    public var metadata: ContentID

    /// What somebody says.
    public init(
        scope: ScopeID, author: MessageAuthor?, thread: ThreadID?, epoch: UInt64, number: UInt64, previous: DocumentID?,
        manifest: ContentID, paddedSize: UInt64, capsule: Capsule, keyCommitment: Digest, metadata: ContentID
    ) {
        self.scope = scope
        self.author = author
        self.thread = thread
        self.epoch = epoch
        self.number = number
        self.previous = previous
        self.manifest = manifest
        self.paddedSize = paddedSize
        self.capsule = capsule
        self.keyCommitment = keyCommitment
        self.metadata = metadata
    }

    /// The message of the binding signature: the operation's array, in which the letter lacks its last item.
    public var boundMessage: [UInt8] {
        var writer = CBORWriter(capacity: 512)
        writer.beginArray(PostMessage.count)
        writer.write(UInt64(Operation.Code.postMessage.rawValue))
        writer.write(scope)
        writer.write(optional: author)
        writer.beginArray(Letter.count - 1)
        encodeFields(to: &writer)
        return writer.bytes
    }

    fileprivate init(
        _ scope: ScopeID, _ author: MessageAuthor?, fieldsFrom reader: inout CBORReader
    ) throws(DecodingFailure) {
        self.scope = scope
        self.author = author
        thread = try reader.readOptional()
        epoch = try reader.readUnsigned(max: UInt64(UInt32.max))
        number = try reader.readUnsigned(max: UInt64(UInt32.max))
        previous = try reader.readOptional()
        manifest = try reader.read()
        paddedSize = try reader.readUnsigned(max: UInt64(Int64.max))
        capsule = try reader.read()
        keyCommitment = try reader.read()
        metadata = try reader.read()
    }

    fileprivate func encodeFields(to writer: inout CBORWriter) {
        writer.write(UInt64(Letter.form))
        writer.write(optional: thread)
        writer.write(epoch)
        writer.write(number)
        writer.write(optional: previous)
        writer.write(manifest)
        writer.write(paddedSize)
        writer.write(capsule)
        writer.write(keyCommitment)
        writer.write(metadata)
    }
}

/// A message: a sealed document that knows its place in a thread.
///
/// `[1, thread or null, epoch, number, previous message or null, manifest, padded size, capsule, key commitment, metadata,
/// binding signature]`
@dynamicMemberLookup
public struct Letter: Hashable, Sendable {
    fileprivate static let form = 1
    fileprivate static let count = 11

    /// What the author says.
    public let terms: MessageTerms
    /// Made with the capsule's own secret over ``MessageTerms/boundMessage``.
    public let bindingSignature: Signature

    /// - Parameter bind: Signs with the capsule's secret, as `{ encapsulation.bind($0) }` does.
    public init(_ terms: MessageTerms, bind: ([UInt8]) -> Signature) {
        self.terms = terms
        bindingSignature = bind(terms.boundMessage)
    }

    fileprivate init(_ terms: MessageTerms, _ bindingSignature: Signature) {
        self.terms = terms
        self.bindingSignature = bindingSignature
    }

    /// Reads a field of the terms.
    public subscript<Field>(dynamicMember field: KeyPath<MessageTerms, Field>) -> Field { terms[keyPath: field] }

    /// The document that the message is.
    public var document: DocumentID { DocumentID(PostMessage.letter(self).operationDigest) }

    /// The thread that it stands in: the one that it names, or the one that it begins.
    public var ownThread: ThreadID { terms.thread ?? ThreadID(document.digest) }
}

/// That somebody has read a thread up to a message: `[2, message]`.
public struct MessageReceipt: Hashable, Sendable {
    fileprivate static let form = 2
    fileprivate static let count = 2

    /// The scope that the thread is in.
    public var scope: ScopeID
    /// Who of a hospital has read; nothing for the patient.
    public var reader: MessageAuthor?
    /// The last message that they have read.
    public var message: DocumentID

    /// A receipt.
    public init(scope: ScopeID, reader: MessageAuthor?, message: DocumentID) {
        self.scope = scope
        self.reader = reader
        self.message = message
    }
}

/// Writes a message in a scope, or says that messages have been read. Signed by the patient's key of the scope; where it names
/// a member of staff, by their device, and by the organisation where their registration asks for it.
///
/// `[25, scope, [organisation, staff] or null, letter or receipt]`
public enum PostMessage: Hashable, Sendable {
    case letter(Letter)
    case receipt(MessageReceipt)

    /// The scope concerned.
    public var scope: ScopeID {
        switch self {
        case .letter(let letter): letter.scope
        case .receipt(let receipt): receipt.scope
        }
    }

    /// The document that a letter is; nothing for a receipt.
    public var document: DocumentID? {
        guard case .letter(let letter) = self else { return nil }
        return letter.document
    }

    /// Who of a hospital writes or has read; nothing for the patient.
    public var author: MessageAuthor? {
        switch self {
        case .letter(let letter): letter.author
        case .receipt(let receipt): receipt.reader
        }
    }
}

extension PostMessage: OperationContent {
    var code: Operation.Code { .postMessage }
    static var count: Int { 4 }

    init(contentsFrom reader: inout CBORReader) throws(DecodingFailure) {
        let scope: ScopeID = try reader.read()
        let author: MessageAuthor? = try reader.readOptional()
        let count = try reader.readArrayCount(max: Letter.count)
        switch (try reader.readInt(max: MessageReceipt.form), count) {
        case (Letter.form, Letter.count):
            let terms = try MessageTerms(scope, author, fieldsFrom: &reader)
            self = .letter(Letter(terms, try reader.read()))
        case (MessageReceipt.form, MessageReceipt.count):
            self = .receipt(MessageReceipt(scope: scope, reader: author, message: try reader.read()))
        default: throw .invalid(field: "message")
        }
    }

    func encodeContents(to writer: inout CBORWriter) {
        writer.write(scope)
        writer.write(optional: author)
        switch self {
        case .letter(let letter):
            writer.beginArray(Letter.count)
            letter.terms.encodeFields(to: &writer)
            writer.write(letter.bindingSignature)
        case .receipt(let receipt):
            writer.beginArray(MessageReceipt.count)
            writer.write(UInt64(MessageReceipt.form))
            writer.write(receipt.message)
        }
    }
}

/// A document that an operation puts on record with content of its own: a hospital's document, or a message.
public struct CommittedDocument: Hashable, Sendable {
    /// The document.
    public let document: DocumentID
    /// Its scope.
    public let scope: ScopeID
    /// The scope's epoch.
    public let epoch: UInt64
    /// Who wrote it; nothing for the patient.
    public let author: MessageAuthor?
    /// The sealed content.
    public let manifest: ContentID
    /// Sealed title, type and date.
    public let metadata: ContentID
    /// Bytes of the padded plaintext.
    public let paddedSize: UInt64
}

extension Operation {
    /// The scope in which the operation makes a document: as its author's, as a message, or as a share; nothing where it
    /// does not make this document.
    public func scope(making document: DocumentID) -> ScopeID? {
        if let committed, committed.document == document { return committed.scope }
        guard case .shareDocument(let share) = self, share.document == document else { return nil }
        return share.scope
    }

    /// The document that the operation puts on record; nothing for any other operation, nor for a share, whose content is
    /// another document's.
    public var committed: CommittedDocument? {
        switch self {
        case .commitDocument(let commit):
            CommittedDocument(
                document: commit.document, scope: commit.scope, epoch: commit.epoch,
                author: MessageAuthor(organization: commit.organization, staff: commit.staff),
                manifest: commit.manifest, metadata: commit.metadata, paddedSize: commit.paddedSize)
        case .postMessage(.letter(let letter)):
            CommittedDocument(
                document: letter.document, scope: letter.scope, epoch: letter.epoch, author: letter.author,
                manifest: letter.manifest, metadata: letter.metadata, paddedSize: letter.paddedSize)
        default: nil
        }
    }
}
