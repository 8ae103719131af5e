internal import Client
internal import Cryptography
internal import Foundation

/// Why a program ends, with its exit code and one sentence that names the thing and the remedy.
public struct ProgramFailure: Error, Hashable, Sendable {
    /// What programs end with (design section 11). Usage errors, 64, are ArgumentParser's.
    public enum Code: Int32, Hashable, Sendable {
        case failed = 1
        case notVerified = 3
        case refused = 4
        case unreachable = 5
        case usage = 64
    }

    /// What the program ends with.
    public var code: Code
    /// One sentence, without a full stop.
    public var message: String

    /// A failure.
    public init(_ message: String, code: Code = .failed) {
        self.code = code
        self.message = message
    }

    /// Gives any failure its code and its sentence.
    public init(_ error: any Error) {
        switch error {
        case let failure as ProgramFailure: self = failure
        case let failure as ClientFailure:
            self.init("\(failure)", code: Code(rawValue: failure.exitCode) ?? .failed)
        case let failure as WalletFailure:
            self.init("\(failure)", code: Code(rawValue: failure.exitCode) ?? .failed)
        case let failure as RecordFailure: self.init(failure)
        case let failure as HomeFailure: self.init(Self.sentence(failure))
        case let failure as MnemonicFailure: self.init("\(failure)", code: .usage)
        case let error as CocoaError: self.init(SystemError.sentence(error))
        default: self.init("\(error)")
        }
    }

    private init(_ failure: RecordFailure) {
        switch failure {
        case .file(let path, let code): self.init("\(path): \(SystemError.sentence(code))")
        case .source(let failure): self.init("the file cannot be sealed: \(failure)")
        case .rejected(let rejection):
            self.init("what the nodes gave is not the document: \(rejection)", code: .notVerified)
        case .unavailable(let id):
            self.init("no node gives content \(id); try again when more of them run", code: .unreachable)
        case .invalidRecord(let field):
            self.init("the document's record cannot be used: its \(field) is wrong", code: .notVerified)
        }
    }

    private static func sentence(_ failure: HomeFailure) -> String {
        switch failure {
        case .wrongPassword: "the passphrase does not open the keystore"
        case .occupied(let path): "\(failure): choose another directory than \(path)"
        default: "\(failure)"
        }
    }
}
