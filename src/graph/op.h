/* graph/op.h - what an operator is. One file in ops/ and one row in ops.def make one. */
#ifndef SAL_GRAPH_OP_H
#define SAL_GRAPH_OP_H

#include "tensor/tensor.h"

#include <salcheck/graph.h>

/* One application of an operator to n images. Activations are [n, ...], parameters as they are.
 * dims[0] of an activation's shape is the plan's batch, not n: use n. Bit i of attrs->fixed_ tells
 * that input i is a parameter; a kernel must give an image the same bits whatever its place and
 * its neighbours are. */
typedef struct sal_op_call {
    const sal_op_attrs *attrs;
    size_t n, n_in;
    const float *const *in;
    const sal_shape *in_shape;
    const sal_shape *out_shape;
    const float *out; /* backward: what forward made; NULL unless the operator reads it */
    size_t n_out;     /* elements of out for n images */
    void *keep;       /* what forward leaves for backward: def->keep 4-byte places per image */
    float *scratch;   /* def->scratch floats, for this call only */
} sal_op_call;

typedef void (*sal_backward_fn)(const sal_op_call *c, const float *gy, float *const *gx);

/* How the gradient suite fills an input. */
typedef enum sal_fill {
    SAL_FILL_NORMAL = 0,
    SAL_FILL_OFF_ZERO,  /* |x| > 0.1: away from a kink at 0 */
    SAL_FILL_DISTINCT,  /* values 0.05 apart: no ties in a maximum */
    SAL_FILL_POSITIVE,  /* 0.5 .. 1.5 */
    SAL_FILL_SHARES,    /* rows that sum to 1, no gradient wanted */
    SAL_FILL_UNIT,      /* -0.8 .. 0.8 */
    SAL_FILL_ABOVE_ONE, /* 1.5 .. 2.5 */
    SAL_FILL_HALVES,    /* multiples of 1/2 */
    SAL_FILL_OFF_STEPS, /* 0.1 and more away from multiples of 1/2 */
    SAL_FILL_BITS       /* 0 or 1; the gradient must be exactly 0 */
} sal_fill;

enum { SAL_SAMPLE_INPUTS = 5 };

/* A case of the gradient suite. Activations have their N in dims[0]. */
typedef struct sal_op_sample {
    const char *name;
    sal_op_attrs attrs;
    size_t n_in;
    sal_shape in[SAL_SAMPLE_INPUTS];
    sal_fill fill[SAL_SAMPLE_INPUTS];
    unsigned fixed; /* bit i: input i, which may be either, is a parameter here */
} sal_op_sample;

enum { SAL_PARAM_BITS = 32 };

typedef struct sal_op_def {
    const char *name, *summary; /* name as in ONNX where there is one */
    size_t least, most;         /* number of inputs */
    uint32_t params;            /* bit i: input i is a parameter (no N); none from 32 on */
    uint32_t either;            /* bit i: input i may be a parameter or an activation */
    int64_t axis;               /* what attrs.axis 0 stands for; 0 = 1, -1 = the last */
    bool backward_reads_in, backward_reads_out;
    /* out from in; the text of an error is prefixed with the node's name by the caller */
    sal_status (*shape)(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err);
    size_t (*keep)(const sal_op_attrs *a, const sal_shape *in,
                   const sal_shape *out); /* per image */
    size_t (*scratch)(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out);
    void (*forward)(const sal_op_call *c, float *y);
    sal_backward_fn backward; /* adds into gx[i]; gx[i] == NULL: not wanted */
    const sal_op_sample *samples;
    size_t n_samples;
} sal_op_def;

#define SAL_SAMPLES(table) .samples = (table), .n_samples = sizeof(table) / sizeof(table)[0]

extern const sal_op_def *const sal_ops_[]; /* ends with NULL */
const sal_op_def *sal_op_find_(const char *name);

/* ---- shared by operators ------------------------------------------------------------------ */

sal_status sal_shape_of_first_(const sal_op_attrs *a, size_t n_in, const sal_shape *in,
                               sal_shape *out, sal_error *err);

/* The backward pass of a step function: adds nothing. */
void sal_backward_nothing_(const sal_op_call *c, const float *gy, float *const *gx);

/* The geometry of a window over [C, L] or [C, H, W]. */
typedef struct sal_window {
    size_t channels, in_h, in_w, out_h, out_w;
    size_t kernel[2], stride[2], dilation[2], top, left, bottom, right;
} sal_window;

/* Checks kernel, stride, padding and the rank of the input; [N, C, L] counts as one row. */
sal_status sal_window_check_(const sal_op_attrs *a, const sal_shape *in, sal_error *err);
/* Checks that, and that the window fits. */
sal_status sal_window_make_(const sal_op_attrs *a, const sal_shape *in, sal_window *w,
                            sal_error *err);
/* The same after it has been checked. */
sal_window sal_window_of_(const sal_op_attrs *a, const sal_shape *in);
/* The taps [from, to) of window `at` that lie in the data; axis 0 = rows, 1 = columns. */
void sal_window_taps_(const sal_window *w, int axis, size_t at, size_t *from, size_t *to);
/* SAL_E_SHAPE when all taps of some window lie in the padding. */
sal_status sal_window_sees_data_(const sal_window *w, sal_error *err);
/* [N, channels, out_h, out_w], or without rows when the input has none. */
void sal_window_shape_(const sal_window *w, const sal_shape *in, size_t channels, sal_shape *out);

#endif
