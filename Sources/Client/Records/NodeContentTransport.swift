public import API
internal import Codec
public import Cryptography

/// Content by way of the nodes' API.
public struct NodeContentTransport: ContentTransport {
    /// A block on a slow line takes a while: 2 MiB in this time are 140 kbit/s.
    private static let timeout = Duration.seconds(120)
    /// Half a second, and twice as long each time; a node that restarts is back before the last.
    private static let pauses: [Duration] = [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)]

    private let nodes: NodeClient
    private let key: SigningKey
    private let entitlement: Request.Entitlement?

    /// - Parameters:
    ///   - key: Signs the requests; a key on the chain.
    ///   - entitlement: What gives the right to fetch; nothing where content is only stored.
    public init(_ nodes: NodeClient, signedBy key: SigningKey, entitlement: Request.Entitlement? = nil) {
        self.nodes = nodes
        self.key = key
        self.entitlement = entitlement
    }

    public var sources: Int { nodes.nodes.count }

    public func missing(among ids: [ContentID]) async throws -> [ContentID] {
        var missing: [ContentID] = []
        var rest = ids[...]
        while !rest.isEmpty {
            let asked = rest.prefix(ContentList.maximumCount)
            rest = rest.dropFirst(asked.count)
            let body = ContentList(Array(asked)).encoded
            missing += try await nodes.send(.findMissingContent, body: body, signedBy: key, as: ContentList.self).value
                .ids
        }
        return missing
    }

    public func put(_ bytes: [UInt8], named id: ContentID) async throws -> Int {
        var pauses = Self.pauses[...]
        while true {
            do throws(ClientFailure) {
                return try await nodes.send(
                    .uploadContent(id), body: bytes, signedBy: key, timeout: Self.timeout, as: UploadReply.self
                ).value.copies
            } catch {
                guard error.passes, let pause = pauses.popFirst() else { throw error }
                try await Task.sleep(for: pause)
            }
        }
    }

    public func get(_ id: ContentID, range: Range<Int>?, from source: Int?) async throws -> [UInt8] {
        try await nodes.exchange(
            .downloadContent(id, entitlement), signedBy: key, to: source.map { nodes.nodes[$0 % nodes.nodes.count] },
            range: range.map { ClosedRange($0) }, timeout: Self.timeout
        ).value
    }
}

extension ClientFailure {
    /// Whether it may be over in a moment.
    fileprivate var passes: Bool {
        switch self {
        case .unreachable: true
        case .problem(let problem, _):
            switch problem.code {
            case .tooManyRequests, .notReady, .notEnoughCopies, .internalFailure: true
            default: false
            }
        default: false
        }
    }
}
