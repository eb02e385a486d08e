/* tests/fuzz/fuzz_npy.c - any bytes as a .npy file: a tensor, labels or an error. */
#define _GNU_SOURCE
#include "bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    bounded b = {((size_t)1 << 17) + 64 * size};
    const sal_env env = bounded_env(&b);
    sal_tensor *tensor = NULL;
    sal_labels *labels = NULL;
    sal_array_info info;
    sal_error err;
    char path[64];
    int fd = file_of_bytes(bytes, size, path);
    if (sal_npy_read_tensor(&env, path, &info, &tensor, &err) == SAL_OK &&
        info.rank != sal_tensor_rank(tensor))
        abort();
    if (sal_npy_read_labels(&env, path, &labels, &err) == SAL_OK &&
        (!tensor || labels->count != sal_tensor_count(tensor)))
        abort();
    double sum = sum_of(tensor);
    for (size_t i = 0; labels && i < labels->count; i++) sum += (double)labels->values[i];
    sal_tensor_free(tensor);
    sal_labels_free(labels);
    close(fd);
    return sum == 0.5 ? -1 : 0;
}
