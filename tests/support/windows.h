/* tests/support/windows.h - random geometries of windows, and plain loops over their taps in signed
 * numbers: what convolution and pooling are compared with. */
#ifndef SAL_TESTS_WINDOWS_H
#define SAL_TESTS_WINDOWS_H

#include "graph/op.h"

typedef struct geometry {
    int64_t n, channels, size[2], out[2]; /* rows, columns */
    sal_op_attrs attrs;
    bool line;      /* [N, C, L] */
    char text[160]; /* for messages */
} geometry;

/* Random sizes, strides, dilations and uneven padding up to most_pad; windows fit at least once. */
geometry random_geometry(sal_rng *rng, int64_t most_pad);
/* [n, channels, size] */
sal_shape data_shape(const geometry *g, int64_t channels);

/* Index in a plane of tap k (row-major in the kernel) of window p, or -1 in the padding. */
int64_t tap_place(const geometry *g, int64_t p, int64_t k);

#endif
