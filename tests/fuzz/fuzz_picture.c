/* tests/fuzz/fuzz_picture.c - any bytes as a picture: as it is and resized, or an error. */
#define _GNU_SOURCE
#include "bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    bounded b = {(size_t)64 << 20};
    const sal_env env = bounded_env(&b);
    const sal_picture_options small = {.height = 9, .width = 7, .resize = SAL_RESIZE_BICUBIC};
    sal_tensor *whole = NULL, *part = NULL;
    sal_error err;
    char path[64];
    const char *paths[] = {path};
    int fd = file_of_bytes(bytes, size, path);
    if (sal_pictures_read(&env, 1, paths, NULL, &whole, &err) == SAL_OK &&
        sal_pictures_read(&env, 1, paths, &small, &part, &err) != SAL_OK &&
        err.status != SAL_E_NOMEM)
        abort();
    double sum = sum_of(whole) + sum_of(part);
    if (part && !(sum >= 0)) abort(); /* a pixel that is no number */
    sal_tensor_free(whole);
    sal_tensor_free(part);
    close(fd);
    return 0;
}
