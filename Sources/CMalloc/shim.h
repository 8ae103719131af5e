#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>

/// Sets from which size on an allocation is mapped on its own, and how much free memory an arena keeps.
static inline void cmalloc_set_thresholds(int mapped, int kept) {
    mallopt(M_MMAP_THRESHOLD, mapped);
    mallopt(M_TRIM_THRESHOLD, kept);
}
#else
static inline void cmalloc_set_thresholds(int mapped, int kept) {
    (void)mapped;
    (void)kept;
}
#endif
