/* graph/ops/conv_depthwise.h - a plane convolved with a kernel of its own, without a product. */
#ifndef SAL_GRAPH_OPS_CONV_DEPTHWISE_H
#define SAL_GRAPH_OPS_CONV_DEPTHWISE_H

#include "graph/op.h"

/* y[out_h, out_w] = bias + the kernel over x[in_h, in_w]; taps are added in order of the kernel. */
void sal_depthwise_forward_(const sal_window *w, const float *kernel, float bias, const float *x,
                            float *y);
/* gx[in_h, in_w] += what gy[out_h, out_w] sends back. */
void sal_depthwise_backward_(const sal_window *w, const float *kernel, const float *gy, float *gx);

#endif
