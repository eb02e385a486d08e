/* graph/ops/reshape.h - the copy that Flatten and Reshape share. */
#ifndef SAL_GRAPH_OPS_RESHAPE_H
#define SAL_GRAPH_OPS_RESHAPE_H

#include "graph/op.h"

void sal_op_copy_forward_(const sal_op_call *c, float *y);
void sal_op_copy_backward_(const sal_op_call *c, const float *gy, float *const *gx);

#endif
