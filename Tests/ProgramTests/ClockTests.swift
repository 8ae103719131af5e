import ChildProcess
import Foundation
import Testing

/// Programs whose clock is off: the system's clock functions are replaced by ones that add an error to what they say.
@Suite("Programs: a clock that is off", .serialized)
struct ClockTests {
    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <sys/time.h>
        #include <time.h>
        static long error(void) { const char *text = getenv("CLOCK_ERROR"); return text ? atol(text) : 0; }
        int clock_gettime(clockid_t clock, struct timespec *time) {
            static int (*real)(clockid_t, struct timespec *);
            if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
            int result = real(clock, time);
            if (clock == CLOCK_REALTIME) time->tv_sec += error();
            return result;
        }
        int gettimeofday(struct timeval *restrict value, void *restrict zone) {
            struct timespec now;
            int result = clock_gettime(CLOCK_REALTIME, &now);
            value->tv_sec = now.tv_sec;
            value->tv_usec = now.tv_nsec / 1000;
            return result;
        }
        time_t time(time_t *where) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (where) *where = now.tv_sec;
            return now.tv_sec;
        }
        """

    /// The environment of a program whose clock is off by `seconds`.
    private func environment(_ seconds: Int, in directory: String) throws -> [String: String] {
        let library = directory + "/clock.so"
        if !FileManager.default.fileExists(atPath: library) {
            let source = directory + "/clock.c"
            try Data(Self.source.utf8).write(to: URL(filePath: source))
            let compiler = try ChildProcess.run(
                "clang", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"])
            try #require(compiler.code == 0, "the toolchain's clang builds a library: \(compiler.text)")
        }
        return ["LD_PRELOAD": library, "CLOCK_ERROR": "\(seconds)"]
    }

    @Test(arguments: [-3600, 3600])
    func `a wallet and an auditor are told how far theirs is off`(seconds: Int) throws {
        try Programs.withDirectory { directory in
            let environment = try environment(seconds, in: directory)
            let net = try Devnet(directory + "/net", validators: 1)
            let running = try net.start(0)
            try net.waitUntilReady()
            let asked = [
                try net.wallet(["staff", "list"], environment: environment),
                try Programs.run(
                    "careledger-auditor",
                    ["verify", "document", String(repeating: "00", count: 32), "--home", net.auditor],
                    passphrase: Devnet.passphrase, environment: environment),
            ]
            for run in asked {
                #expect(run.code == 1)
                #expect(run.errors.contains(seconds < 0 ? "s ago by this node's clock" : "s in the future"))
                #expect(run.errors.contains("Set the clock"), "\(run.errors)")
                #expect(run.errors.split(separator: "\n").count == 1)
            }
            #expect(try running.stop() == 0)
        }
    }

    @Test(arguments: [-3600, 3600])
    func `a validator says so in its status, and the others go on`(seconds: Int) throws {
        try Programs.withDirectory { directory in
            let environment = try environment(seconds, in: directory)
            let net = try Devnet(directory + "/net", validators: 4)
            let running = try (0..<4).map { try net.start($0, environment: $0 == 3 ? environment : [:]) }
            try net.waitUntilReady()
            var reasons = ""
            var number = 0
            // Until each of the others has proposed a block, or the one whose clock is off has had its turn.
            let isSaid = try Wait.until {
                number += 1
                #expect(try net.register("clinician \(number)").code == 0)
                reasons = (try net.status(of: 3)?["reasons"] as? [String] ?? []).joined()
                return reasons.contains("this machine's clock is 3")
            }
            #expect(isSaid, "\(reasons)")
            #expect(reasons.contains(seconds < 0 ? "behind the other validators" : "ahead of the other validators"))
            #expect(try net.status(of: 0)?["ready"] as? Bool == true)
            for program in running { #expect(try program.stop() == 0) }
        }
    }
}
