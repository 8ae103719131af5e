import ArgumentParser
import Codec
import Cryptography
import Dispatch
import Foundation
import Synchronization

/// `seal`: seals a file as a wallet does and opens it again, in one thread and on all cores.
struct SealCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal", abstract: "Measure sealing and opening of a file, and the memory it takes.",
        discussion: """
            Example:
              loadgen seal --size 1073741824

            seal and open are bytes for each second of one core's time, reading and writing included; seal-elapsed and \
            open-elapsed what a watch shows with the blocks spread over all cores, as wallets do it.
            """)

    @Option(help: "Bytes of the file.")
    var size: UInt64 = 256 << 20

    @Option(help: ArgumentHelp("Where the two temporary files stand.", valueName: "dir"))
    var directory = NSTemporaryDirectory()

    @Option(help: ArgumentHelp("How to print.", valueName: "table|json"))
    var output = OutputForm.table

    func run() throws {
        let source = try ScratchFile(in: directory)
        let sealed = try ScratchFile(in: directory)
        try source.fill(size)
        let bench = SealBench(source: source, sealed: sealed, size: size)
        let (manifest, sealing) = try bench.seal(atOnce: 1)
        let opening = try bench.open(manifest, atOnce: 1)
        let (other, sealingAtOnce) = try bench.seal(atOnce: 4)
        let openingAtOnce = try bench.open(other, atOnce: 4)
        let megabytes = Double(size) / 1e6
        Figure.print(
            [
                Figure("seal", megabytes / sealing.processor, "MB/s"),
                Figure("seal-elapsed", megabytes / sealingAtOnce.elapsed, "MB/s"),
                Figure("open", megabytes / opening.processor, "MB/s"),
                Figure("open-elapsed", megabytes / openingAtOnce.elapsed, "MB/s"),
                Figure("seal-memory", Self.peakMemory(), "MiB"),
            ], label: "", as: output)
    }

    /// The most memory that this process had so far, in MiB.
    private static func peakMemory() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }
}

/// Seals one file into another, and reads it back.
private struct SealBench: Sendable {
    let source: ScratchFile
    let sealed: ScratchFile
    let size: UInt64
    private let key = DocumentKey(.random(count: 32))
    private let context = DocumentContext(
        scope: SigningKey.random().publicKey, author: .sha256(Array("author".utf8)))

    init(source: ScratchFile, sealed: ScratchFile, size: UInt64) {
        self.source = source
        self.sealed = sealed
        self.size = size
    }

    /// Seconds of one thread.
    struct Cost {
        /// What the processor spent, reading and writing included.
        let processor: Double
        /// What a watch shows; on a machine that does nothing else, the same and the disk.
        let elapsed: Double
    }

    func seal(atOnce count: Int) throws -> (Manifest, Cost) {
        try source.rewind()
        let (source, sealed) = (source, sealed)
        let meter = Meter()
        var sealer = try DocumentSealer(contentSize: size, key: key, context: context) { try source.read(into: $0) }
        while try sealer.sealBlocks(
            atMost: count,
            take: { index, bytes in
                try sealed.write(bytes, at: UInt64(index) * UInt64(DocumentLayout.maximumBlockLength))
            }) > 0
        {}
        return (sealer.finish(), meter.cost)
    }

    /// Opens every piece, some blocks at a time.
    func open(_ manifest: Manifest, atOnce count: Int) throws -> Cost {
        let meter = Meter()
        let document = try SealedDocument(
            manifest: manifest.encoded, id: manifest.id, key: key, context: context, commitment: manifest.commitment)
        let content = try document.content(beginning: try bytes(of: document.beginning))
        let pieces = content.pieces(covering: 0..<content.size)
        let opened = Atomic<UInt64>(0)
        for start in stride(from: 0, to: pieces.count, by: count) {
            DispatchQueue.concurrentPerform(iterations: min(count, pieces.count - start)) { place in
                let piece = pieces[start + place]
                guard let bytes = try? bytes(of: piece), let plain = try? content.open(piece, bytes) else { return }
                opened.add(UInt64(plain.count), ordering: .relaxed)
            }
        }
        precondition(opened.load(ordering: .relaxed) == size, "what was sealed opens whole")
        return meter.cost
    }

    private func bytes(of piece: SealedPiece) throws -> [UInt8] {
        try sealed.read(
            at: UInt64(piece.block * DocumentLayout.maximumBlockLength + piece.sealedRange.lowerBound),
            count: piece.sealedRange.count)
    }

    private struct Meter {
        private let processor = Meter.processorTime()
        private let start = ContinuousClock.now

        var cost: Cost {
            Cost(processor: Meter.processorTime() - processor, elapsed: start.duration(to: .now) / .seconds(1))
        }

        private static func processorTime() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
    }
}
