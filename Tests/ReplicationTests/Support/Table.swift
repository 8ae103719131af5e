import ChainStorage
import Codec
import Consensus
import Cryptography
import Ledger
import Replication
import Simulation

/// Four replicas around a table, and as many that may join them as wanted: packets arrive in order after a millisecond, signatures are checked at once, and
/// time passes only when nothing else happens.
final class Table {
    struct Seat {
        var replica: Replica<StoredChain>
        let ledger: LedgerStore
        var journal: [Journal.Record] = []
        var isAway = false
        /// How far its clock is off.
        var clockError = Duration.zero
        /// The newest rules that its program has.
        var supported = ProtocolVersion.latest
        /// Why it stopped by itself.
        var outdated: ProtocolActivation?
    }

    let consortium: ReplicationTests.Consortium
    var seats: [Seat] = []
    private(set) var answers: [SubmissionToken: SubmissionAnswer] = [:]
    private(set) var now = Instant(microseconds: 1_700_000_001_000_000)
    private var mail: [(to: Int, from: Int, packet: [UInt8])] = []
    private var nextToken: UInt64 = 0

    private let guests: [SigningKey]

    /// - Parameters:
    ///   - count: How many nodes follow that are no validators.
    ///   - clockErrors: How far each clock is off; none where it is left out.
    ///   - versions: The newest rules that each program has; the newest of all where it is left out.
    init(guests count: Int = 0, clockErrors: [Int: Duration] = [:], versions: [Int: ProtocolVersion] = [:]) throws {
        let consortium = try ReplicationTests.Consortium()
        self.consortium = consortium
        guests = (0..<count).map { consortium.guest($0) }
        for index in 0..<4 + count {
            let ledger = try LedgerStore(
                chain: InMemoryDatabase(), state: InMemoryDatabase(), genesis: consortium.genesis)
            let supported = versions[index] ?? .latest
            let replica = replica(index, ledger, journal: [], supported)
            seats.append(Seat(replica: replica, ledger: ledger, supported: supported))
            seats[index].clockError = clockErrors[index] ?? .zero
        }
        for index in seats.indices { handle([.start], at: index) }
    }

    private func replica(
        _ index: Int, _ ledger: LedgerStore, journal: [Journal.Record], _ supported: ProtocolVersion
    ) -> Replica<StoredChain> {
        Replica(
            Replica.Configuration(
                chain: consortium.genesis.chain, validators: consortium.validators, others: guests.map(\.publicKey),
                index: ValidatorIndex(rawValue: index), pace: Pace(delay: .milliseconds(50), work: .milliseconds(50)),
                supportedVersion: supported),
            store: StoredChain(ledger: ledger), signer: ValidatorKey((consortium.keys + guests)[index]),
            journal: journal)
    }

    /// Hands a transaction to a replica.
    @discardableResult func submit(_ transaction: Transaction, to index: Int) -> SubmissionToken {
        nextToken += 1
        let token = SubmissionToken(rawValue: nextToken)
        handle([.submitted(transaction, token: token)], at: index)
        return token
    }

    func answer(to token: SubmissionToken) -> SubmissionAnswer? { answers[token] }

    func height(_ index: Int) -> Height { seats[index].ledger.height }

    func stores(_ transaction: Transaction, at index: Int) -> Bool { seats[index].ledger.contains(transaction.id) }

    /// Restarts a replica from its journal and its store.
    func restart(_ index: Int) {
        let seat = seats[index]
        seats[index].replica = replica(index, seat.ledger, journal: seat.journal, seat.supported)
        (seats[index].isAway, seats[index].outdated) = (false, nil)
        handle([.start], at: index)
        for peer in seats.indices where peer != index && !seats[peer].isAway {
            handle([.connected(ValidatorIndex(rawValue: index))], at: peer)
            handle([.connected(ValidatorIndex(rawValue: peer))], at: index)
        }
    }

    /// Restarts a replica whose journal is gone.
    func restartWithoutJournal(_ index: Int) {
        seats[index].journal = [.lost(seats[index].replica.report.epoch)]
        restart(index)
    }

    /// Lets the table run until `condition` holds; false when `limit` simulated seconds pass without.
    func run(limit: Int64 = 60, until condition: () -> Bool) -> Bool {
        let end = now + .seconds(limit)
        while now < end {
            if condition() { return true }
            if mail.isEmpty { passTime() } else { deliver() }
        }
        return condition()
    }

    private func deliver() {
        let batch = mail
        mail = []
        now = now + .milliseconds(1)
        for letter in batch where !seats[letter.to].isAway {
            let packet: Replication.Packet
            do { packet = try Packet(decoding: letter.packet) } catch {
                preconditionFailure("a replica's packet decodes: \(error)")
            }
            handle([.received(packet, from: ValidatorIndex(rawValue: letter.from))], at: letter.to)
        }
    }

    private func passTime() {
        let deadlines = seats.filter { !$0.isAway }.compactMap { seat in
            seat.replica.nextDeadline.map { $0 + (.zero - seat.clockError) }
        }
        now = max(now + .milliseconds(1), deadlines.min() ?? now + .seconds(1))
        for index in seats.indices where !seats[index].isAway { handle([.tick], at: index) }
    }

    private func handle(_ events: [Event], at index: Int) {
        var events = events
        while !events.isEmpty {
            let effects = seats[index].replica.handle(events, now: now + seats[index].clockError)
            events = []
            for effect in effects { if let event = carryOut(effect, at: index) { events.append(event) } }
        }
    }

    private func carryOut(_ effect: Replication.Effect, at index: Int) -> Event? {
        switch effect {
        case .persist(let records): seats[index].journal += records
        case .replaceJournal(let records): seats[index].journal = records
        case .send(let packet, .all):
            for peer in seats.indices where peer != index { mail.append((peer, index, packet.encoded)) }
        case .send(let packet, .one(let peer)): mail.append((peer.rawValue, index, packet.encoded))
        case .commit(let blocks):
            seats[index].ledger.commit(
                blocks.map {
                    FinalizedBlock(
                        block: $0.block, certificate: $0.certificate, execution: $0.execution, update: $0.update)
                })
        case .verify(let job):
            return .verified(job: job.id, verdicts: job.transactions.map { $0.verifySignatures() })
        case .answer(let token, let answer): answers[token] = answer
        case .outdated(let activation): (seats[index].outdated, seats[index].isAway) = (activation, true)
        case .expired, .evidence, .halt, .join: break
        }
        return nil
    }
}
