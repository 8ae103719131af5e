import Foundation
import Glibc

/// What lies to a validator about its clock and holds its disk up: a library that is loaded before the C library, and a
/// page of memory that it reads and this process writes.
struct FaultyLibrary {
    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/time.h>
        #include <time.h>
        static const volatile long long *page;
        __attribute__((constructor)) static void attach(void) {
            const char *path = getenv("CARELEDGER_FAULTS");
            int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            if (file < 0) return;
            void *memory = mmap(0, 4096, PROT_READ, MAP_SHARED, file, 0);
            if (memory != MAP_FAILED) page = memory;
        }
        int clock_gettime(clockid_t clock, struct timespec *time) {
            static int (*real)(clockid_t, struct timespec *);
            if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
            int result = real(clock, time);
            if (clock == CLOCK_REALTIME && page) {
                long long nanoseconds = time->tv_nsec + page[0] * 1000;
                time->tv_sec += nanoseconds / 1000000000;
                time->tv_nsec = nanoseconds % 1000000000;
                if (time->tv_nsec < 0) { time->tv_nsec += 1000000000; time->tv_sec -= 1; }
            }
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
        static int trouble(void) {
            if (!page) return 0;
            long long microseconds = page[1];
            if (microseconds > 0) {
                struct timespec pause = { microseconds / 1000000, microseconds % 1000000 * 1000 };
                nanosleep(&pause, 0);
            }
            if (page[2]) { errno = EIO; return -1; }
            return 0;
        }
        int fsync(int file) {
            static int (*real)(int);
            if (!real) real = dlsym(RTLD_NEXT, "fsync");
            return trouble() ? -1 : real(file);
        }
        int fdatasync(int file) {
            static int (*real)(int);
            if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
            return trouble() ? -1 : real(file);
        }

        """

    private let path: String

    /// Builds the library with the toolchain's compiler.
    init(in directory: String) throws {
        path = directory + "/faults.so"
        let source = directory + "/faults.c"
        try Data(Self.source.utf8).write(to: URL(filePath: source))
        try Tool("/usr/bin/env").run(["clang", "-shared", "-fPIC", "-O1", "-o", path, source, "-ldl"])
    }

    /// What a process needs in its environment to be lied to.
    func environment(_ page: Page) -> [String: String] { ["LD_PRELOAD": path, "CARELEDGER_FAULTS": page.path] }

    /// One validator's page.
    final class Page {
        let path: String
        private let memory: UnsafeMutablePointer<Int64>

        init(at path: String) throws {
            self.path = path
            let file = try check(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600), path)
            defer { close(file) }
            try check(ftruncate(file, 4096), path)
            let mapped = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
            guard let mapped, mapped != MAP_FAILED else { throw SystemFailure(description: "\(path) cannot be mapped") }
            memory = mapped.bindMemory(to: Int64.self, capacity: 512)
        }

        deinit { munmap(memory, 4096) }

        /// How far the clock is ahead, in microseconds.
        var clockError: Int64 {
            get { memory[0] }
            set { memory[0] = newValue }
        }

        /// What every sync takes on top, in microseconds.
        var syncDelay: Int64 {
            get { memory[1] }
            set { memory[1] = newValue }
        }

        /// Whether every sync fails.
        var syncFails: Bool {
            get { memory[2] != 0 }
            set { memory[2] = newValue ? 1 : 0 }
        }
    }
}
