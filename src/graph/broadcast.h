/* graph/broadcast.h - operators that work element by element on inputs of different shapes. Shapes
 * are aligned at the right and a dimension of 1 is repeated (numpy's rule). N never meets another
 * axis: activations have one rank, parameters a lower one or a 1 in the place of N. */
#ifndef SAL_GRAPH_BROADCAST_H
#define SAL_GRAPH_BROADCAST_H

#include "graph/op.h"

enum { SAL_BROADCAST_MOST = 32, SAL_BROADCAST_BLOCK = 256 };

/* y[i] = f(in[0][i], in[1][i], ...) for i < n; in[k] are contiguous. */
typedef void (*sal_value_fn)(const sal_op_call *c, size_t n, const float *const *in, float *y);

/* g[i] += gy[i] df/d in[k] at i, for i < n. */
typedef void (*sal_slope_fn)(const sal_op_call *c, size_t k, size_t n, const float *const *in,
                             const float *gy, float *g);

sal_status sal_broadcast_shape_(const sal_op_attrs *a, size_t n_in, const sal_shape *in,
                                sal_shape *out, sal_error *err);

/* Scratch for two inputs (none when they need no broadcasting) and for any number. */
size_t sal_broadcast_scratch_two_(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out);
size_t sal_broadcast_scratch_(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out);

void sal_broadcast_forward_(const sal_op_call *c, sal_value_fn value, float *y);

/* Adds into gx; sums over repeated dimensions and, for parameters, over images. */
void sal_broadcast_backward_(const sal_op_call *c, sal_slope_fn slope, const float *gy,
                             float *const *gx);

#endif
