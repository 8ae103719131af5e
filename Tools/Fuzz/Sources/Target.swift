internal import Decoders
internal import Foundation

/// libFuzzer's side of ``Decoders``: which decoder, where it begins, and what counts as a finding.
///
/// libFuzzer has the command line and starts this program again for some of its work, so what is ours comes from the
/// environment: `FUZZ_DECODER` names the decoder, `FUZZ_SEEDS` a directory to write its samples to and end, `FUZZ_LIST`
/// asks for the names.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutablePointer<CInt>?, _: UnsafeMutableRawPointer?) -> CInt {
    let environment = ProcessInfo.processInfo.environment
    if environment["FUZZ_LIST"] != nil {
        for decoder in Decoder.all { print(decoder.name) }
        exit(0)
    }
    if let directory = environment["FUZZ_SEEDS"] {
        for (number, sample) in decoder.samples.enumerated() {
            let file = URL(filePath: directory).appending(path: "seed-\(number)")
            do { try Data(sample).write(to: file) } catch { fatalError("\(file.path) is written: \(error)") }
        }
        exit(0)
    }
    _ = decoder
    return 0
}

/// One input: the decoder refuses it, or gives back the very bytes. A trap, a leak of memory past a bound and anything
/// the address sanitizer sees end the run with the input in a file.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    guard let encoded = decoder.reencode(input) else { return 0 }
    precondition(encoded == input, "what \(decoder.name) accepts has one encoding")
    return 0
}

private let decoder: Decoder = {
    let name = ProcessInfo.processInfo.environment["FUZZ_DECODER"] ?? ""
    guard let decoder = Decoder.all.first(where: { $0.name == name }) else {
        FileHandle.standardError.write(Data("there is no decoder “\(name)”\n".utf8))
        exit(64)
    }
    return decoder
}()
