import Codec

extension Engine {
    /// Takes a certificate from anywhere: duplicates are dropped before any signature is checked.
    mutating func receive(_ certificate: Certificate) {
        let (statement, view) = (certificate.statement, certificate.view)
        guard statement.epoch == configuration.epoch, view > finalizedView, rounds[view][statement.kind] == nil
        else { return }
        do {
            let (tally, mutation) = (rounds[view].tally, mutation)
            try certificate.verify(
                chain: configuration.chain, validators: configuration.validators, with: verifier,
                isKnown: { mutation.contains(.trustCertificates) || tally.contains($0) })
        } catch {
            return
        }
        haltIfForeign(certificate)
        absorb(certificate)
        accept(certificate)
    }

    /// Acts on a valid certificate: stored, persisted and broadcast once.
    mutating func accept(_ certificate: Certificate) {
        guard certificate.view > finalizedView, rounds[certificate.view][certificate.statement.kind] == nil else {
            return
        }
        output.records.append(.certificate(certificate))
        output.sends.append(.send(.certificate(certificate), to: .all))
        note(certificate)
        switch certificate.statement {
        case .notarize: break
        case .nullify(_, let view): enter(view.next)
        case .finalize(let proposal):
            output.requests.append(.finalized(certificate))
            enter(proposal.view.next)
        }
    }

    /// Stores a certificate. It is all that recovery does with one.
    mutating func note(_ certificate: Certificate) {
        let view = certificate.view
        switch certificate.statement {
        case .notarize(let proposal):
            // R4: the quorum's choice replaces whatever the leader sent us.
            rounds[view].notarization = certificate
            rounds[view].offer(proposal)
        case .nullify: rounds[view].nullification = certificate
        case .finalize(let proposal):
            rounds[view].finalization = certificate
            rounds[view].offer(proposal)
            raiseFloor(to: view)
        }
    }

    /// R7: everything up to a finalized view is settled; rounds far below are forgotten.
    private mutating func raiseFloor(to view: View) {
        guard view > finalizedView else { return }
        finalizedView = view
        let kept = View(rawValue: view.rawValue > Self.memory ? view.rawValue - Self.memory : 0)
        rounds.removeAll(below: kept)
        verdicts.removeAll(below: kept)
    }

    /// R4: certifies notarized blocks as they become executed, leaves their views, and makes them final.
    ///
    /// Neither having notarized the block nor having given the view up matters; only finality above it does.
    mutating func certify() {
        // A copy of the views: certifying one may open rounds for others.
        for view in Array(rounds.views(above: finalizedView)) where view > finalizedView {
            guard rounds[view].notarization != nil, let block = block(of: view) else { continue }
            switch rounds[view].certification {
            case .refused: continue
            case .certified: finalize(view)
            case .pending:
                switch mutation.contains(.certifyUnexecuted) ? .executed : verdicts[block.hash] {
                case nil, .requested:
                    // The leader, who was asked first, may have stopped.
                    let holders = rounds[view].notarization?.signers ?? []
                    verdicts.request(block.hash, in: view, ofQuorum: true)
                    output.requests.append(.execute(block, from: holders.filter { $0 != index }))
                case .requestedOfQuorum: break
                case .executed, .closesEpoch:
                    rounds[view].certification = .certified
                    output.records.append(.certified(configuration.epoch, view, true))
                    finalize(view)
                    enter(view.next)
                case .invalid:
                    rounds[view].certification = .refused
                    output.records.append(.certified(configuration.epoch, view, false))
                    if view == self.view { nullify() }
                }
            }
        }
    }

    /// R4, last part: the finalize vote, never after this validator has given the view up.
    private mutating func finalize(_ view: View) {
        guard view > finalizedView, rounds[view].own.finalize == nil, mayVote(in: view),
            rounds[view].slot != .contested,
            rounds[view].own.nullify == nil || mutation.contains(.finalizeAfterNullify),
            let proposal = rounds[view].notarization?.proposal
        else { return }
        cast(.finalize(proposal), announced: true)
    }
}
