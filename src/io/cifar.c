/* io/cifar.c - CIFAR-10's binary records: a class, then planes of 32 x 32 bytes, red, green, blue.
 */
#include "io/gzip.h"
#include "io/labels.h"

#include <math.h>

enum { SIDE = 32, PIXELS = 3 * SIDE * SIDE, RECORD = 1 + PIXELS, CLASSES = 10 };

static sal_status check_records(const char *name, const unsigned char *bytes, size_t size,
                                sal_error *err)
{
    if (!size || size % RECORD)
        return sal_fail_(err, SAL_E_FORMAT, "%s: %zu bytes, wanted records of %d", name, size,
                         RECORD);
    for (size_t i = 0; i < size / RECORD; i++)
        if (bytes[i * RECORD] >= CLASSES)
            return sal_fail_(err, SAL_E_VALUE, "%s: record %zu is of class %u, wanted 0 to 9", name,
                             i, (unsigned)bytes[i * RECORD]);
    return SAL_OK;
}

static sal_status split(const sal_env *env, const unsigned char *bytes, size_t n, float white,
                        sal_tensor **images, sal_labels **labels, sal_error *err)
{
    const int64_t dims[] = {(int64_t)n, 3, SIDE, SIDE};
    double top = white == 0.0f ? 1.0 : (double)white;
    sal_tensor *t = NULL;
    sal_labels *l = NULL;
    sal_status st = sal_tensor_create(env, 4, dims, &t, err);
    if (st == SAL_OK) st = sal_labels_make_(env, n, &l, err);
    for (size_t i = 0; st == SAL_OK && i < n; i++) {
        const unsigned char *record = bytes + i * RECORD;
        float *to = sal_tensor_data(t) + i * PIXELS;
        l->values[i] = record[0];
        for (size_t k = 0; k < PIXELS; k++) to[k] = (float)(record[1 + k] * top / 255.0);
    }
    if (st == SAL_OK && images) {
        *images = t;
        t = NULL;
    }
    if (st == SAL_OK && labels) {
        *labels = l;
        l = NULL;
    }
    sal_tensor_free(t);
    sal_labels_free(l);
    return st;
}

sal_status sal_cifar_read(const sal_env *env, const char *path, float white, sal_tensor **images,
                          sal_labels **labels, sal_error *err)
{
    sal_gzip_source f;
    unsigned char *bytes = NULL;
    size_t size = 0;
    if (!path || (!images && !labels))
        return sal_fail_(err, SAL_E_ARG, "path is NULL, or there is nothing to read");
    if (!isfinite(white)) return sal_fail_(err, SAL_E_ARG, "white is not a finite number");
    sal_status st = sal_gzip_open_(env, path, &f, err);
    if (st != SAL_OK) return st;
    st = sal_source_all_(&f.source, SAL_IDX_MAX_BYTES, &bytes, &size, err);
    sal_gzip_close_(&f);
    if (st == SAL_OK) st = check_records(f.source.name, bytes, size, err);
    if (st == SAL_OK) st = split(env, bytes, size / RECORD, white, images, labels, err);
    sal_free_(env, bytes);
    return st;
}
