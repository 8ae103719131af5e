internal import API
internal import Codec
internal import Consensus
public import Cryptography
public import Ledger

extension LedgerClient {
    /// How old the latest final block may be, in milliseconds: an idle chain makes one every few seconds.
    private static let oldestBlock: UInt64 = 60_000

    /// Collects the histories of all organisations with their staff, and looks at every node that can be reached.
    ///
    /// - Parameters:
    ///   - key: Signs the requests and what was seen.
    ///   - now: The time by the auditor's clock.
    public func controlEvidence(
        signedBy key: SigningKey, now: Timestamp, doubt: (ClientFailure) -> Void = { _ in }
    ) async throws(ClientFailure) -> ControlEvidence {
        try await hearEverybody(doubt: doubt)
        let members = try await reply(to: .listOrganizations, signedBy: key)
        let observer = try await reply(to: .readKeyHolder(KeyID(key.publicKey)), signedBy: key)
        let present: [OrganizationID]
        do throws(ProofFailure) {
            guard let record = try members.verifyLeaves().record(.only, as: ConsortiumRecord.self) else {
                throw .missingLeaf
            }
            present = record.organizations
        } catch { throw .proof(error, node: "the node") }
        var organizations: [Evidence] = []
        // Those of the genesis file first; what an expelled one did is still part of what is judged.
        for id in genesis.organizations.map(\.id) + present
        where !organizations.contains(where: { $0.subject == .organization(id) }) {
            organizations.append(
                try await evidence(about: .organization(id), .withStaff, signedBy: key, doubt: doubt))
        }
        let heard = await hearAll()
        let measurements = [
            Self.pinnedTransport(heard.map(\.heard)), await unsignedRefused(), await strangerRefused(),
            await nodesAgree(heard), await quorumReady(), recentBlock(now),
        ]
        let observations = ControlObservations(chain: chain, time: now, measurements: measurements, signedBy: key)
        return ControlEvidence(
            chain: chain, organizations: organizations, members: members, observer: observer,
            observations: observations)
    }

    private static func pinnedTransport(_ heard: [Result<FinalityProof, ClientFailure>]) -> ControlMeasurement {
        var (silent, strange) = (0, 0)
        for case .failure(.unreachable(let attempts)) in heard {
            if attempts.contains(where: { $0.reason.contains("certificate") }) { strange += 1 } else { silent += 1 }
        }
        let known = heard.count - silent - strange
        return ControlMeasurement(
            .pinnedTransport, holds: strange == 0 && known > 0,
            "\(known) of \(heard.count) nodes showed their certificate over TLS 1.3, \(strange) another, \(silent) none"
        )
    }

    private func unsignedRefused() async -> ControlMeasurement {
        await refused(.unsignedRefused, "without a signature", signedBy: nil)
    }

    private func strangerRefused() async -> ControlMeasurement {
        await refused(.strangerRefused, "of a stranger's key", signedBy: .random())
    }

    /// Asks every node for what only some may read.
    private func refused(_ check: ControlCheck, _ what: String, signedBy key: SigningKey?) async -> ControlMeasurement {
        let request = Request.readHistory(.organization(genesis.organizations[0].id), HistoryRange(from: 0, limit: 1))
        var (refusals, answers) = (0, 0)
        for node in nodes.nodes {
            do throws(ClientFailure) {
                _ = try await nodes.exchange(request, signedBy: key, to: node)
                answers += 1
            } catch {
                if case .problem = error { refusals += 1 }
            }
        }
        return ControlMeasurement(
            check, holds: answers == 0 && refusals > 0,
            "a request \(what) refused by \(refusals) nodes, answered by \(answers)")
    }

    /// Compares the blocks of all nodes at the lowest of their heights.
    private func nodesAgree(
        _ heard: [(node: NodeAddress, heard: Result<FinalityProof, ClientFailure>)]
    ) async -> ControlMeasurement {
        let heights = heard.compactMap { try? $0.heard.get().header.height }
        guard let lowest = heights.min() else {
            return ControlMeasurement(.nodesAgree, holds: false, "no node answered")
        }
        var hashes: [BlockHash] = []
        var doubtful = 0
        for (node, answer) in heard where (try? answer.get()) != nil {
            do throws(ClientFailure) {
                let answer = try await nodes.send(.readBlock(.height(lowest)), to: node, as: FinalityProof.self)
                try await accept(answer.value, from: node)
                hashes.append(answer.value.header.hash)
            } catch { doubtful += 1 }
        }
        let different = Set(hashes).count
        return ControlMeasurement(
            .nodesAgree, holds: different == 1 && doubtful == 0,
            "\(hashes.count) nodes prove block \(lowest), \(different) different, \(doubtful) prove nothing")
    }

    private func quorumReady() async -> ControlMeasurement {
        var ready = 0
        for node in nodes.nodes {
            if let answer = try? await nodes.send(.ready, to: node, as: Health.self), answer.value.ok { ready += 1 }
        }
        let validators = light.trust.validators
        return ControlMeasurement(
            .quorumReady, holds: ready >= validators.quorum,
            "\(ready) nodes are ready, \(validators.quorum) of \(validators.count) decide")
    }

    private func recentBlock(_ now: Timestamp) -> ControlMeasurement {
        let head = light.head
        let age = now.rawValue > head.time.rawValue ? now.rawValue - head.time.rawValue : 0
        return ControlMeasurement(
            .recentBlock, holds: age <= Self.oldestBlock, "block \(head.height) became final \(age / 1000) s before")
    }
}
