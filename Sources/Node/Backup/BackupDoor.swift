internal import ChainStorage
internal import Foundation
internal import Glibc
internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Where a running validator is asked for a backup of its home: a socket in the home, which its owner alone reaches.
///
/// Its databases belong to the running process, so that it is the one that reads them; whoever asked writes the file, with
/// its own rights and on its own disk. One backup is made at a time, on a thread of its own. A reader that stops reading is
/// let go after a minute: what a backup looks at stays on the disk as long as it does.
struct BackupDoor: Service {
    /// The databases that the process has open.
    struct Stores: Sendable {
        let chain: LevelDB
        let state: LevelDB
        let custody: LevelDB
    }

    let home: NodeHome
    let stores: Stores
    let logger: Logger

    func run() async throws {
        let door: LocalSocket
        do { door = try LocalSocket(listeningIn: home) } catch {
            // Nothing else depends on it.
            logger.error("no backup can be asked for", metadata: ["error": "\(error)"])
            try? await gracefulShutdown()
            return
        }
        let stop = Stop()
        await withGracefulShutdownHandler {
            await withCheckedContinuation { continuation in
                let thread = Thread {
                    while let connection = door.accept() {
                        stop.begin(connection)
                        serve(connection)
                        stop.end()
                    }
                    continuation.resume()
                }
                thread.name = "backup"
                thread.start()
            }
        } onGracefulShutdown: {
            door.close()
            stop.now()
        }
    }

    private func serve(_ connection: LocalSocket.Connection) {
        var encoder = BackupEncoder()
        do {
            let options = try connection.receiveRequest()
            logger.notice("backup begins", metadata: ["content": "\(options.content)", "keys": "\(options.keys)"])
            try connection.send(BackupEncoder.head)
            let reader = BackupReader(
                home: home,
                cut: try StoreCut(chain: stores.chain, state: stores.state, custody: stores.custody), options: options)
            try reader.read { try connection.send(encoder.frame($0)) }
            try connection.send(encoder.end())
            logger.notice("backup ended", metadata: ["height": "\(reader.cut.tip.height)"])
        } catch {
            // Whoever is still there is told why; whoever is not has an end without an end.
            if !(error is LocalSocket.Gone) {
                try? connection.send(encoder.frame(.abandoned(String("\(error)".prefix(120)))))
            }
            logger.error("backup given up", metadata: ["error": "\(error)"])
        }
    }

    /// Ends the connection in hand when the node stops.
    private final class Stop: Sendable {
        private let state = Mutex<(connection: LocalSocket.Connection?, isNow: Bool)>((nil, false))

        func begin(_ connection: LocalSocket.Connection) {
            state.withLock { state in
                state.connection = connection
                if state.isNow { connection.shutDown() }
            }
        }

        func end() { state.withLock { $0.connection = nil } }

        func now() {
            state.withLock { state in
                state.isNow = true
                state.connection?.shutDown()
            }
        }
    }
}
