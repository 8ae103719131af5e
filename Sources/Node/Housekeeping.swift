internal import ChainStorage
internal import ContentStorage
internal import Ledger
internal import Logging
internal import ServiceLifecycle

/// What a node does by the clock: lets go who waited too long, repeats its duties, deletes what was erased, keeps its
/// share of content, scrubs the content store and removes what the chain does not name.
struct Housekeeping: Service {
    let core: NodeCore
    let scrubInterval: Duration

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await every(.seconds(1)) { core.feed.sweep() } }
                group.addTask { await every(.seconds(1)) { await core.duties.attend() } }
                group.addTask { await every(.seconds(1)) { await core.erasures.attend() } }
                group.addTask { await every(.seconds(1)) { await core.resharings.attend() } }
                group.addTask {
                    await core.erasures.catchUp()
                    await core.resharings.catchUp()
                    for await block in core.followed {
                        core.duties.follow(block.block.transactions, block.execution.receipts)
                        await core.erasures.follow(block.block)
                        await core.resharings.follow(block.block, block.execution.receipts)
                    }
                }
                group.addTask { await every(.seconds(1)) { await core.placement.attend() } }
                group.addTask { await every(scrubInterval) { await core.contents.scrub() } }
                group.addTask { await every(scrubInterval) { await core.placement.pass() } }
                group.addTask { await every(scrubInterval) { await collectGarbage() } }
                await group.waitForAll()
            }
        }
    }

    private func collectGarbage() async {
        do {
            switch try await core.census.collect() {
            case .collected(let report):
                core.logger.info(
                    "garbage collected",
                    metadata: [
                        "kept": "\(report.kept)", "removed": "\(report.removed)", "bytes": "\(report.removedBytes)",
                    ])
            case .manifestsMissing(let count):
                core.logger.warning("garbage kept", metadata: ["manifestsMissing": "\(count)"])
            }
        } catch is CancellationError {
            return
        } catch {
            core.logger.error("garbage collection failed", metadata: ["error": "\(error)"])
        }
    }

    /// Repeats `action` until the task is cancelled, first after one interval.
    private func every(_ interval: Duration, _ action: () async -> Void) async {
        while (try? await Task.sleep(for: interval)) != nil { await action() }
    }
}
