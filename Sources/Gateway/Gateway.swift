public import Client
internal import Codec
internal import Cryptography
public import Ledger

/// Signs for an organisation with its staff, each time only for a code of their second factor.
///
/// It holds one of the organisation's signing keys, in a home of its own and in a process of its own: a thief needs a
/// member's device *and* their authenticator, or that device and this process. Alone, neither signature is enough for the
/// ledger.
public actor Gateway {
    private let keys: OrganizationKeys
    private let chain: ChainID
    private let store: FactorStore
    private let seconds: @Sendable () -> UInt64

    /// A gateway over a home that holds an organisation's keys.
    ///
    /// - Parameter seconds: The time since 1970.
    public init(
        home: WalletHome, keys: OrganizationKeys, chain: ChainID,
        seconds: @escaping @Sendable () -> UInt64 = { UInt64(max(0, SystemClock.seconds())) }
    ) throws {
        self.keys = keys
        self.chain = chain
        self.seconds = seconds
        store = try FactorStore(home: home, chain: chain, keys: keys)
    }

    /// What a member of staff gets when they are enrolled. It exists nowhere else.
    public struct Enrollment: Sendable {
        /// For the authenticator app.
        public let uri: String
        /// For the day on which the phone is lost; each counts once.
        public let recoveryCodes: [String]
    }

    /// How a member's factor stands.
    public struct Status: Hashable, Sendable {
        /// Who.
        public let staff: StaffID
        /// When the lock ends, in seconds since 1970; nothing when there is none.
        public let lockedUntil: UInt64?
        /// How many recovery codes are left.
        public let recoveryCodesLeft: Int
    }

    // MARK: Whoever runs it

    /// Gives a member of staff a second factor, in place of any that they had.
    ///
    /// - Parameters:
    ///   - deviceKey: What the chain says signs for them.
    ///   - secondDevice: A key that signs for them in place of a code, and is nobody's on the chain; none where there is
    ///     none.
    ///   - issuer: What the authenticator app calls it.
    public func enroll(
        _ staff: StaffID, deviceKey: KeyID, secondDevice: KeyID? = nil, issuer: String
    ) throws(HomeFailure) -> Enrollment {
        precondition(secondDevice != deviceKey, "a second device has a key of its own")
        let (factor, codes) = SecondFactor.make(for: staff, deviceKey: deviceKey, secondDevice: secondDevice)
        try store.exclusively { () throws(HomeFailure) in try store.keep(factor) }
        return Enrollment(uri: factor.enrollmentURI(issuer: issuer), recoveryCodes: codes)
    }

    /// Ends a lock.
    ///
    /// - Returns: Whether there is such a factor.
    public func unlock(_ staff: StaffID) throws(HomeFailure) -> Bool {
        try store.exclusively { () throws(HomeFailure) in
            guard var factor = try store.factor(of: staff) else { return false }
            factor.unlock()
            try store.keep(factor)
            return true
        }
    }

    /// Takes a factor away.
    ///
    /// - Returns: Whether there was one.
    public func remove(_ staff: StaffID) throws(HomeFailure) -> Bool {
        try store.exclusively { () throws(HomeFailure) in try store.remove(staff) }
    }

    /// Everybody's factors.
    public func factors() throws(HomeFailure) -> [Status] {
        let now = seconds()
        var found: [Status] = []
        for staff in try store.staff() {
            guard let factor = try store.factor(of: staff) else { continue }
            found.append(
                Status(
                    staff: factor.staff, lockedUntil: factor.lock(at: now),
                    recoveryCodesLeft: factor.recoveryCodesLeft))
        }
        return found
    }

    // MARK: Staff

    /// Signs a transaction that a member's device has signed, for a code or where their second device has signed as well.
    ///
    /// The code is judged last: whoever does not hold the device locks nobody out.
    ///
    /// - Throws: Why not. After a code was judged, what came of it is on disk before this returns.
    public func cosign(_ request: CosignRequest) throws(GatewayRefusal) -> Transaction {
        let transaction = request.transaction
        guard transaction.body.chain == chain else { throw .wrongChain }
        guard let factor = try enrolledSigner(of: transaction) else { throw .notEnrolled }
        guard transaction.signers.contains(where: { KeyID($0) == factor.deviceKey }), transaction.verifySignatures()
        else { throw .deviceSignatureMissing }
        let signers = Set(transaction.signers).union(keys.signing.map(\.publicKey))
        guard signers.count <= COSESign.maximumSigners else { throw .tooManySigners }

        // A signature over this very transaction: there is nothing to use up, and nobody can guess it.
        if let second = factor.secondDevice, transaction.signers.contains(where: { KeyID($0) == second }) {
            return keys.signing.reduce(transaction) { $0.signed(by: $1) }
        }
        switch try judge(request.code, of: factor.staff) {
        case .accepted: return keys.signing.reduce(transaction) { $0.signed(by: $1) }
        case .wrong: throw .wrongCode
        case .used: throw .usedCode
        case .locked: throw .locked
        }
    }

    /// What a code comes to, which is on disk when this returns.
    ///
    /// The factor is read again: another process may have changed it since.
    private func judge(_ code: String, of staff: StaffID) throws(GatewayRefusal) -> SecondFactor.Verdict {
        let verdict: SecondFactor.Verdict?
        do {
            verdict = try store.exclusively { () throws(HomeFailure) in
                guard var factor = try store.factor(of: staff) else { return nil }
                let verdict = factor.check(code, at: seconds())
                try store.keep(factor)
                return verdict
            }
        } catch {
            if case .unwritable = error { throw .stateNotKept }
            throw .stateUnreadable
        }
        guard let verdict else { throw .notEnrolled }
        return verdict
    }

    /// The factor of the one member of staff in whose name everything is.
    private func enrolledSigner(of transaction: Transaction) throws(GatewayRefusal) -> SecondFactor? {
        guard let first = transaction.operations.first else { throw .notForStaff }
        let named = Self.staff(in: first)
        guard !named.isEmpty else { throw .notForStaff }
        var isInOneName = false
        for staff in named where transaction.operations.allSatisfy({ $0.isInTheName(of: staff) }) {
            isInOneName = true
            // In an emergency either of the two may show a code, but only with a device that has signed.
            let known: SecondFactor?
            do { known = try store.factor(of: staff) } catch { throw .stateUnreadable }
            guard let factor = known else { continue }
            if named.count == 1 || transaction.signers.contains(where: { KeyID($0) == factor.deviceKey }) {
                return factor
            }
        }
        guard isInOneName else { throw .notForStaff }
        return nil
    }

    private static func staff(in operation: Operation) -> [StaffID] {
        switch operation {
        case .commitDocument(let operation): [operation.staff]
        case .requestAccess(let operation): [operation.staff]
        case .declareEmergency(let operation): [operation.staff, operation.second]
        case .reviewEmergency(let operation): [operation.officer]
        case .publishNotice(let operation): [operation.officer]
        case .eraseDocument(let operation): operation.officer.map { [$0] } ?? []
        case .stateNames(let operation): operation.officer.map { [$0] } ?? []
        case .postMessage(let operation): operation.author.map { [$0.staff] } ?? []
        default: []
        }
    }
}
