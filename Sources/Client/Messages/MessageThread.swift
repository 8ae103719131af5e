internal import Codec
internal import Cryptography
public import Ledger

/// A thread of messages, as the operations of a scope's history make it, with what does not fit.
///
/// The ledger refuses gaps and another order, so a finding means that what was shown is not what the ledger has.
public struct MessageThread: Hashable, Sendable {
    /// One message.
    public struct Message: Hashable, Sendable {
        /// The document that it is.
        public let id: DocumentID
        /// Its place, from 1.
        public let number: UInt64
        /// Who of a hospital wrote it; nothing for the patient.
        public let author: MessageAuthor?
        /// The scope's epoch, whose keys open it.
        public let epoch: UInt64
        /// The time of its block.
        public let sent: Timestamp
        /// Whether nobody can open it any more.
        public internal(set) var isErased = false
    }

    /// How far somebody says to have read.
    public struct Receipt: Hashable, Sendable {
        /// Who of a hospital; nothing for the patient.
        public let reader: MessageAuthor?
        /// The number of the last message that they have read.
        public let number: UInt64
        /// The time of the receipt's block.
        public let time: Timestamp
    }

    /// What does not fit.
    public enum Finding: Hashable, Sendable {
        /// Messages of the thread are not among those shown.
        case missing(ClosedRange<UInt64>)
        /// A message stands where another one has to.
        case outOfOrder(UInt64)
        /// A message does not follow the one that is shown before it.
        case wrongPrevious(UInt64)
        /// The ledger's state has another message in this place.
        case otherMessage(UInt64)
        /// The ledger's state knows no such thread.
        case unknownThread
        /// The ledger's state knows that somebody has read further than what is shown says.
        case receiptMissing(upTo: UInt64)
        /// No node gives what belongs to a message.
        case contentUnavailable(UInt64)
    }

    /// The thread.
    public let id: ThreadID
    /// Its messages in the order in which they came.
    public private(set) var messages: [Message] = []
    /// Each reader's newest receipt, in the order of the readers' first ones.
    public private(set) var receipts: [Receipt] = []
    /// What does not fit; empty when these are all messages in their order.
    public private(set) var findings: [Finding] = []

    init(_ id: ThreadID) { self.id = id }

    /// Whether these are all messages of the thread in their order.
    public var isComplete: Bool { findings.isEmpty }

    /// The number of the message up to which somebody says to have read; 0 for none.
    public func read(by reader: MessageAuthor?) -> UInt64 { receipts.first { $0.reader == reader }?.number ?? 0 }

    /// Who says to have read a message, by a receipt for it or for a later one.
    public func readers(of message: Message) -> [Receipt] {
        receipts.filter { $0.number >= message.number && $0.reader != message.author }
    }

    mutating func append(_ letter: Letter, at time: Timestamp) {
        let expected = (messages.last?.number ?? 0) + 1
        if letter.number > expected {
            findings.append(.missing(expected...(letter.number - 1)))
        } else if letter.number < expected {
            findings.append(.outOfOrder(letter.number))
        } else if letter.previous != messages.last?.id {
            findings.append(.wrongPrevious(letter.number))
        }
        messages.append(
            Message(
                id: letter.document, number: letter.number, author: letter.author, epoch: letter.epoch, sent: time))
    }

    /// - Returns: Whether the message stands here.
    mutating func note(_ receipt: MessageReceipt, at time: Timestamp) -> Bool {
        guard let number = messages.first(where: { $0.id == receipt.message })?.number else { return false }
        let newest = Receipt(reader: receipt.reader, number: number, time: time)
        if let index = receipts.firstIndex(where: { $0.reader == receipt.reader }) {
            receipts[index] = newest
        } else {
            receipts.append(newest)
        }
        return true
    }

    mutating func erase(_ document: DocumentID) {
        guard let index = messages.firstIndex(where: { $0.id == document }) else { return }
        messages[index].isErased = true
    }

    /// Notes that no node gives what belongs to a message.
    public mutating func noteUnavailable(_ message: Message) { findings.append(.contentUnavailable(message.number)) }

    /// The thread with what does not fit the ledger's state, where that may be older than the history but not newer.
    public func checked(against record: ThreadRecord?) -> MessageThread {
        var checked = self
        guard let record else {
            checked.findings.append(.unknownThread)
            return checked
        }
        let end = messages.last?.number ?? 0
        if record.count > end {
            checked.findings.append(.missing((end + 1)...record.count))
        } else if messages.first(where: { $0.number == record.count })?.id != record.last {
            checked.findings.append(.otherMessage(record.count))
        }
        var read = record.participants.map { (reader: MessageAuthor?.some($0.author), number: $0.read) }
        read.append((nil, record.patientRead))
        for (reader, number) in read where number > self.read(by: reader) {
            checked.findings.append(.receiptMissing(upTo: number))
        }
        return checked
    }
}

extension MessageThread.Finding: CustomStringConvertible {
    /// One phrase.
    public var description: String {
        switch self {
        case .missing(let range) where range.count == 1: "message \(range.lowerBound) is missing"
        case .missing(let range): "messages \(range.lowerBound) to \(range.upperBound) are missing"
        case .outOfOrder(let number): "message \(number) stands in the wrong place"
        case .wrongPrevious(let number): "message \(number) does not follow the one before it"
        case .otherMessage(let number): "the ledger has another message \(number)"
        case .unknownThread: "the ledger knows no such thread"
        case .receiptMissing(let number): "a receipt up to message \(number) is missing"
        case .contentUnavailable(let number): "no node gives message \(number)"
        }
    }
}

extension Sequence<LedgerEvent> {
    /// The threads of messages that the events of a scope make, oldest first, each with what does not fit in itself.
    public var messageThreads: [MessageThread] {
        var threads: [MessageThread] = []
        for event in self where event.isApplied {
            switch event.operation {
            case .postMessage(.letter(let letter)):
                let id = letter.ownThread
                let index = threads.firstIndex { $0.id == id } ?? threads.endIndex
                if index == threads.endIndex { threads.append(MessageThread(id)) }
                threads[index].append(letter, at: event.entry.time)
            case .postMessage(.receipt(let receipt)):
                _ = threads.indices.first { threads[$0].note(receipt, at: event.entry.time) }
            case .eraseDocument(let erasure):
                for index in threads.indices { threads[index].erase(erasure.document) }
            default: break
            }
        }
        return threads
    }
}
