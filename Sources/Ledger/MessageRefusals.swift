extension Refusal {
    /// The words for refusals about messages.
    var messageText: (explanation: String, remedy: String) {
        switch self {
        case .unknownThread: ("There is no such thread of messages.", "Check the identifier: message list.")
        case .unknownMessage: ("There is no such message.", "Check the identifier: message list.")
        case .threadInOtherScope:
            ("The thread of messages is in another scope.", "Write in the scope that the thread is in.")
        case .messageOutOfOrder:
            (
                "The message's number is not the next one of the thread: one is missing, or another came first.",
                "Read what was written meanwhile, then send again: message list."
            )
        case .previousMessageWrong:
            (
                "The message does not follow the last message of the thread.",
                "Read what was written meanwhile, then send again: message list."
            )
        case .alreadyRead: ("It is on record that this message has been read.", "Nothing is left to do.")
        case .messageNotOpened:
            (
                "The member of staff has not asked on the chain to open the message.",
                "Open it first: message read."
            )
        case .threadFull:
            (
                "Sixteen members of staff take part in the thread.",
                "Begin another thread: message send without --thread."
            )
        case .messageNotReplaceable:
            ("A message is never replaced: the thread keeps what was said.", "Write another message: message send.")
        default: preconditionFailure("the other refusals have their words elsewhere")
        }
    }
}
