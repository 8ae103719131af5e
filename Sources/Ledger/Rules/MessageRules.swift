internal import Cryptography

extension WorkingState {
    func apply(_ operation: PostMessage) throws(Refusal) -> [Subject] {
        switch operation {
        case .letter(let letter): try apply(letter)
        case .receipt(let receipt): try apply(receipt)
        }
    }

    /// A thread grows at its end only: whoever writes names the message that they saw last, and of two who wrote at once the
    /// later one is refused and reads first.
    private func apply(_ letter: Letter) throws(Refusal) -> [Subject] {
        let terms = letter.terms
        try checkEpoch(terms.epoch, of: terms.scope)
        if let author = terms.author { try checkAuthor(author.organization, of: terms.scope, in: terms.epoch) }
        guard Padme.isPadded(terms.paddedSize) else { throw .sizeNotPadded }
        let earlier = try thread(of: terms)
        guard terms.number == (earlier?.count ?? 0) + 1 else { throw .messageOutOfOrder }
        guard terms.previous == earlier?.last else { throw .previousMessageWrong }
        let capsule = terms.capsule.bytes
        let point = try unusedPoint(of: capsule)
        let id = letter.document
        var thread = earlier ?? ThreadRecord(scope: terms.scope, first: id)
        try thread.note(terms.author)

        thread.count = terms.number
        thread.last = id
        threads[letter.ownThread] = thread
        messages[id] = MessageRecord(thread: letter.ownThread, number: terms.number)
        documents[id] = DocumentRecord(terms, capsule: capsule, at: block.height, block.time)
        capsules[point] = CapsuleRecord(document: id)
        return [.document(id), .scope(terms.scope)] + (terms.author.map { [.staff($0.staff)] } ?? [])
    }

    private func thread(of terms: MessageTerms) throws(Refusal) -> ThreadRecord? {
        guard let id = terms.thread else { return nil }
        guard let record = threads[id] else { throw .unknownThread }
        guard record.scope == terms.scope else { throw .threadInOtherScope }
        return record
    }

    /// What a member of staff says to have read they have asked for on the chain before, in this transaction at the latest:
    /// nobody can read without, so nobody can claim it without.
    private func apply(_ receipt: MessageReceipt) throws(Refusal) -> [Subject] {
        guard let message = messages[receipt.message], var thread = threads[message.thread] else {
            throw .unknownMessage
        }
        guard thread.scope == receipt.scope else { throw .threadInOtherScope }
        try checkOpen(receipt.scope)
        guard documents[receipt.message]?.erased == nil else { throw .documentErased }
        if let reader = receipt.reader {
            let opened = DisclosureRecord.ID(document: receipt.message, staff: reader.staff)
            guard disclosures[opened] != nil else { throw .messageNotOpened }
        }
        guard message.number > thread.read(by: receipt.reader) else { throw .alreadyRead }
        try thread.note(receipt.reader, read: message.number)

        threads[message.thread] = thread
        return [.scope(receipt.scope)] + (receipt.reader.map { [.staff($0.staff)] } ?? [])
    }
}
