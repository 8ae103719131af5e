internal import API
internal import Codec
internal import Cryptography
public import Ledger

/// A request for a patient's documents, as it became final.
public struct WatchedAccess: Sendable {
    /// The scope that it was about.
    public let scope: ScopeKeys
    /// What was asked for, and what came of it.
    public let disclosure: Disclosure
    /// Who asked, as their employer registered them; nothing if the chain does not tell.
    public let who: StaffRecord?
}

extension ConsentKeeper {
    /// Hears of every request for documents of these scopes as it becomes final, allowed or refused; none is left out and
    /// none told twice.
    ///
    /// - Parameters:
    ///   - scopes: Those that are on the chain are watched.
    ///   - onReady: Called once what there was before has been read: what comes from then on is told.
    ///   - take: Gets each request; the watch ends when it returns no.
    public func watch(
        _ scopes: [ScopeKeys], onReady: () -> Void = {}, _ take: (WatchedAccess) async throws -> Bool
    ) async throws {
        var followers: [(scope: ScopeKeys, follower: HistoryFollower)] = []
        for scope in scopes where try await record(of: scope) != nil {
            var follower = HistoryFollower(.scope(scope.id))
            _ = try await follower.advance(ledger, signedBy: scope.signing)
            followers.append((scope, follower))
        }
        onReady()
        try await ledger.followHeads { _ in
            for index in followers.indices {
                let scope = followers[index].scope
                for disclosure in try await Self.news(&followers[index].follower, ledger, scope).disclosures {
                    // Who it was is told if it can be; that somebody asked is told in any case.
                    let staff = try? await staff([disclosure.request.staff], signedBy: scope.signing)
                    let access = WatchedAccess(
                        scope: scope, disclosure: disclosure, who: staff?[disclosure.request.staff])
                    guard try await take(access) else { return false }
                }
            }
            return true
        }
    }

    /// What is new; nothing while no node answers, for it will be there the next time.
    private static func news(
        _ follower: inout HistoryFollower, _ ledger: LedgerClient, _ scope: ScopeKeys
    ) async throws -> [LedgerEvent] {
        do throws(ClientFailure) { return try await follower.advance(ledger, signedBy: scope.signing) } catch {
            switch error {
            case .unreachable, .behind, .problem: return []
            default: throw error
            }
        }
    }
}
