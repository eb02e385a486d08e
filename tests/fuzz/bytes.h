/* tests/fuzz/bytes.h - what fuzz targets share: a file in memory, and memory that is bounded. */
#ifndef SAL_TESTS_FUZZ_BYTES_H
#define SAL_TESTS_FUZZ_BYTES_H

#include <salcheck/io.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* One block, and all blocks at a time, of more than this many bytes: a header was believed. */
typedef struct bounded {
    size_t most;
} bounded;

static void *bounded_allocate(void *self, size_t bytes)
{
    const bounded *b = self;
    return bytes <= b->most ? malloc(bytes) : NULL;
}

static void bounded_release(void *self, void *block)
{
    (void)self;
    free(block);
}

static inline sal_env bounded_env(bounded *b)
{
    return (sal_env){.allocator = {b, bounded_allocate, bounded_release}};
}

/* Returns the descriptor, to be closed; path has room for 64. */
static inline int file_of_bytes(const uint8_t *bytes, size_t size, char *path)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size) abort();
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

/* Touches every value, so that a short buffer is seen. */
static inline double sum_of(const sal_tensor *t)
{
    double sum = 0;
    for (size_t i = 0; t && i < sal_tensor_count(t); i++) sum += (double)sal_tensor_get_data(t)[i];
    return sum;
}

#endif
