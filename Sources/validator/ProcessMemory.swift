import CMalloc

/// What the C library does with memory that the validator gives back.
enum ProcessMemory {
    /// Keeps it for the next block instead of returning it to the system; nothing where the C library is not glibc.
    ///
    /// Blocks, batches and frames of up to some megabytes come and go many times a second; each that is mapped anew costs a
    /// page fault for every 4 KiB and the zeroing of it. At most 64 MiB of free memory stay with each arena.
    static func reuseFreed() { cmalloc_set_thresholds(32 << 20, 64 << 20) }
}
