public import Codec
internal import Cryptography

/// A thread of messages: `[scope, messages, last message, patient has read up to, [[organisation, staff, has read up to]…]]`.
///
/// The last message's identifier is a hash over the one before it, and so on: number and identifier together say which
/// messages there are, and in which order.
public struct ThreadRecord: StateRecord {
    public typealias ID = ThreadID
    public static var kind: StateKind { .thread }

    /// How many members of staff may take part in one thread.
    public static let maximumParticipants = 16

    /// A member of staff who has written or read.
    public struct Participant: Hashable, Sendable {
        /// Who.
        public var author: MessageAuthor
        /// The number of the message up to which they have read; 0 for none.
        public var read: UInt64

        /// Somebody who has read so far.
        public init(author: MessageAuthor, read: UInt64) {
            self.author = author
            self.read = read
        }
    }

    /// The scope that it is in.
    public var scope: ScopeID
    /// How many messages it has.
    public var count: UInt64
    /// The last of them.
    public var last: DocumentID
    /// The number of the message up to which the patient has read; 0 for none.
    public var patientRead: UInt64
    /// Staff who have written or read, in the order in which they did first.
    public var participants: [Participant]

    init(scope: ScopeID, first: DocumentID) {
        self.scope = scope
        count = 1
        last = first
        patientRead = 0
        participants = []
    }

    /// Up to which message somebody has read; the patient where there is nobody.
    public func read(by author: MessageAuthor?) -> UInt64 {
        guard let author else { return patientRead }
        return participants.first { $0.author.staff == author.staff }?.read ?? 0
    }

    /// Notes that somebody has written, or has read up to a message.
    mutating func note(_ author: MessageAuthor?, read number: UInt64? = nil) throws(Refusal) {
        guard let author else {
            if let number { patientRead = number }
            return
        }
        if let index = participants.firstIndex(where: { $0.author.staff == author.staff }) {
            if let number { participants[index].read = number }
        } else {
            guard participants.count < Self.maximumParticipants else { throw .threadFull }
            participants.append(Participant(author: author, read: number ?? 0))
        }
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 5)
        scope = try reader.read()
        count = try reader.readUnsigned()
        last = try reader.read()
        patientRead = try reader.readUnsigned()
        participants = try reader.readArray(max: Self.maximumParticipants)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(5)
        writer.write(scope)
        writer.write(count)
        writer.write(last)
        writer.write(patientRead)
        writer.write(array: participants)
    }
}

extension ThreadRecord.Participant: CBORCodable {
    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 3)
        author = MessageAuthor(organization: try reader.read(), staff: try reader.read())
        read = try reader.readUnsigned()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(3)
        writer.write(author.organization)
        writer.write(author.staff)
        writer.write(read)
    }
}

/// That a document is a message: `[thread, number]`.
public struct MessageRecord: StateRecord {
    public typealias ID = DocumentID
    public static var kind: StateKind { .message }

    /// The thread that it stands in.
    public var thread: ThreadID
    /// Its place, from 1.
    public var number: UInt64

    init(thread: ThreadID, number: UInt64) {
        self.thread = thread
        self.number = number
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        try reader.readArray(count: 2)
        thread = try reader.read()
        number = try reader.readUnsigned()
    }

    public func encode(to writer: inout CBORWriter) {
        writer.beginArray(2)
        writer.write(thread)
        writer.write(number)
    }
}
