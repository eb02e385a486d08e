/* tests/fuzz/fuzz_records.c - any bytes as CIFAR records and as names of classes, or an error. */
#define _GNU_SOURCE
#include "bytes.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    bounded b = {(size_t)16 << 20};
    const sal_env env = bounded_env(&b);
    sal_tensor *images = NULL;
    sal_labels *labels = NULL;
    sal_texts *names = NULL;
    sal_error err;
    char path[64];
    int fd = file_of_bytes(bytes, size, path);
    if (sal_cifar_read(&env, path, 1, &images, &labels, &err) == SAL_OK &&
        (size_t)sal_tensor_dim(images, 0) != labels->count)
        abort();
    double sum = sum_of(images);
    if (sal_classes_read(&env, path, &names, &err) == SAL_OK)
        for (size_t i = 0; i < names->count; i++) sum += (double)strlen(names->values[i]);
    sal_tensor_free(images);
    sal_labels_free(labels);
    sal_texts_free(names);
    close(fd);
    return sum == 0.5 ? -1 : 0;
}
