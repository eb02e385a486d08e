/* tests/fuzz/fuzz_idx.c - any bytes as an IDX file: a tensor, labels, pictures or an error. */
#define _GNU_SOURCE
#include <salcheck/io.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* 16 MiB is plenty for a fuzzed file: more means that a header was believed. */
static void *bounded(void *self, size_t bytes)
{
    (void)self;
    return bytes <= (size_t)16 << 20 ? malloc(bytes) : NULL;
}

static void give_back(void *self, void *block)
{
    (void)self;
    free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const sal_env env = {.allocator = {NULL, bounded, give_back}};
    sal_tensor *tensor = NULL, *images = NULL;
    sal_labels *labels = NULL;
    sal_error err;
    char path[64];
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    double sum = 0; /* touch every value, so that a short buffer is seen */
    if (sal_idx_read_tensor(&env, path, &tensor, &err) == SAL_OK)
        for (size_t i = 0; i < sal_tensor_count(tensor); i++)
            sum += (double)sal_tensor_get_data(tensor)[i];
    if (sal_idx_read_images(&env, path, 1, &images, &err) == SAL_OK && !tensor) abort();
    if (sal_idx_read_labels(&env, path, &labels, &err) == SAL_OK)
        for (size_t i = 0; i < labels->count; i++) sum += (double)labels->values[i];
    sal_tensor_free(tensor);
    sal_tensor_free(images);
    sal_labels_free(labels);
    close(fd);
    return sum == 0.5 ? -1 : 0;
}
