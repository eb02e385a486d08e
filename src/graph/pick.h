/* graph/pick.h - operators that only move numbers: element (i, j, ...) of an image's output is
 * element t0[i] + t1[j] + ... of its input, or nothing where a table says so. The gradient goes the
 * same way back. Tables live in the call's scratch, axes need not be those of the shape. */
#ifndef SAL_GRAPH_PICK_H
#define SAL_GRAPH_PICK_H

#include "graph/op.h"

#define SAL_PICK_NOTHING INT32_MIN

typedef struct sal_pick {
    size_t rank, size[SAL_MAX_RANK];
    int32_t *table[SAL_MAX_RANK];
    size_t in, out; /* elements of one image */
    int32_t *free;  /* scratch that no axis has taken */
    float fill;     /* where there is no source */
} sal_pick;

/* Refuses shapes that a table cannot address. */
sal_status sal_pick_check_(const sal_shape *in, const sal_shape *out, sal_error *err);
/* Enough for axes that are out's, or factors of out's. */
size_t sal_pick_scratch_(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out);

sal_pick sal_pick_start_(const sal_op_call *c);
/* Another axis, after those before: the caller fills the table that is returned. */
int32_t *sal_pick_axis_(sal_pick *p, size_t size);
/* The same for an axis that steps evenly. */
void sal_pick_even_(sal_pick *p, size_t size, int64_t first, int64_t step);

void sal_pick_forward_(const sal_pick *p, size_t n, const float *x, float *y);
void sal_pick_backward_(const sal_pick *p, size_t n, const float *gy, float *gx);

/* Defines forward and backward of an operator that moves numbers as pick_of(call) says. */
#define SAL_PICK_RUNS(pick_of)                                                                     \
    static void forward(const sal_op_call *c, float *y)                                            \
    {                                                                                              \
        sal_pick p = pick_of(c);                                                                   \
        sal_pick_forward_(&p, c->n, c->in[0], y);                                                  \
    }                                                                                              \
    static void backward(const sal_op_call *c, const float *gy, float *const *gx)                  \
    {                                                                                              \
        sal_pick p = pick_of(c);                                                                   \
        if (gx[0]) sal_pick_backward_(&p, c->n, gy, gx[0]);                                        \
    }

/* False with a message unless axes[0..n_axes) are different axes of a shape, N left out. */
bool sal_axes_fit_(const sal_op_attrs *a, const sal_shape *in, sal_error *err);

#endif
