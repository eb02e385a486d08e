/* io/npy.h - the inside of a .npy file: magic, version, a header in the notation of a Python dict,
 * values. source: NEP 1 and numpy.lib.format, versions 1.0 to 3.0. */
#ifndef SAL_IO_NPY_H
#define SAL_IO_NPY_H

#include "io/source.h"

#include <salcheck/io.h>

typedef struct sal_number_type {
    char kind; /* 'f', 'i', 'u', 'b' */
    size_t width;
    const char *name; /* "float32" */
} sal_number_type;

typedef struct sal_npy_head {
    const sal_number_type *type;
    bool big_endian, fortran;
    size_t rank;
    int64_t dims[SAL_MAX_RANK];
} sal_npy_head;

/* Reads magic, version and header. */
sal_status sal_npy_read_head_(sal_source *s, sal_npy_head *out, sal_error *err);

/* An array as it stands in the file. */
typedef struct sal_npy {
    sal_source *source;
    sal_npy_head head;
    size_t count;
    unsigned char *values; /* count * type->width */
} sal_npy;

/* Reads a whole array, to the end of the source. On an error nothing is left to release. */
sal_status sal_npy_open_(sal_source *s, sal_npy *out, sal_error *err);
void sal_npy_close_(sal_npy *a);

sal_status sal_npy_tensor_(const sal_npy *a, sal_tensor **out, sal_error *err);
sal_status sal_npy_labels_(const sal_npy *a, sal_labels **out, sal_error *err);
sal_array_info sal_npy_info_(const sal_npy *a);

enum { SAL_NPY_HEAD = 320 }; /* room for the header of any shape */

/* Magic and header of an array in C order, little-endian; its length is a multiple of 64. */
size_t sal_npy_make_head_(const char *descr, size_t rank, const int64_t *dims,
                          unsigned char out[SAL_NPY_HEAD]);

/* Little-endian bytes of floats, as they stand in a file. */
void sal_npy_pack_(size_t n, const float *values, unsigned char *out);

#endif
