import ArgumentParser
import Codec
import Cryptography
import Foundation

/// `seal`: seals a file as a wallet does and opens it again, in one thread.
struct SealCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal", abstract: "Measure sealing and opening of a file on one core, and the memory it takes.",
        shouldDisplay: false)

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
        let (manifest, sealing) = try bench.seal()
        let opening = try bench.open(manifest)
        let megabytes = Double(size) / 1e6
        Figure.print(
            [
                Figure("seal", megabytes / sealing.processor, "MB/s"),
                Figure("seal-elapsed", megabytes / sealing.elapsed, "MB/s"),
                Figure("open", megabytes / opening.processor, "MB/s"),
                Figure("open-elapsed", megabytes / opening.elapsed, "MB/s"),
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
private struct SealBench {
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

    func seal() throws -> (Manifest, Cost) {
        let meter = Meter()
        try source.rewind()
        var sealer = try DocumentSealer(contentSize: size, key: key, context: context) { try source.read(into: $0) }
        while let block = try sealer.nextBlock() { try sealed.write(block.bytes) }
        return (sealer.finish(), meter.cost)
    }

    /// Opens every piece, block by block.
    func open(_ manifest: Manifest) throws -> Cost {
        let meter = Meter()
        let document = try SealedDocument(
            manifest: manifest.encoded, id: manifest.id, key: key, context: context, commitment: manifest.commitment)
        let content = try document.content(beginning: try bytes(of: document.beginning))
        var opened: UInt64 = 0
        for piece in content.pieces(covering: 0..<content.size) {
            opened += UInt64(try content.open(piece, try bytes(of: piece)).count)
        }
        precondition(opened == size, "what was sealed opens whole")
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
