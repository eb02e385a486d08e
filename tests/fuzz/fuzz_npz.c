/* tests/fuzz/fuzz_npz.c - any bytes as a .npz file: its only array, the one called x, or an error.
 */
#define _GNU_SOURCE
#include "bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    bounded b = {((size_t)1 << 17) + 8 * 1100 * size}; /* int8 to float, deflate's largest ratio */
    const sal_env env = bounded_env(&b);
    sal_tensor *only = NULL, *x = NULL;
    sal_labels *labels = NULL;
    sal_error err;
    char path[64];
    int fd = file_of_bytes(bytes, size, path);
    (void)sal_npz_read_tensor(&env, path, NULL, NULL, &only, &err);
    (void)sal_npz_read_tensor(&env, path, "x", NULL, &x, &err);
    (void)sal_npz_read_labels(&env, path, "y", &labels, &err);
    double sum = sum_of(only) + sum_of(x);
    for (size_t i = 0; labels && i < labels->count; i++) sum += (double)labels->values[i];
    sal_tensor_free(only);
    sal_tensor_free(x);
    sal_labels_free(labels);
    close(fd);
    return sum == 0.5 ? -1 : 0;
}
