/* graph/ops/softmax.h - the stable softmax of one row. */
#ifndef SAL_GRAPH_OPS_SOFTMAX_H
#define SAL_GRAPH_OPS_SOFTMAX_H

#include <stddef.h>

/* share[i] = exp(x[i]) / sum; returns the log of the sum (with the largest x in it). */
double sal_softmax_row_(size_t n, const float *x, float *share);
/* The same for elements that lie `step` apart, in x and in share (NULL: the log alone). */
double sal_softmax_line_(size_t n, size_t step, const float *x, float *share);

#endif
