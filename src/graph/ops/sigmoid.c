/* graph/ops/sigmoid.c - y = 1/(1 + exp(-x)); dy/dx = y (1 - y). */
#include "graph/op.h"

#include <math.h>

static void forward(const sal_op_call *c, float *y)
{
    for (size_t i = 0; i < c->n_out; i++) y[i] = 1.0f / (1.0f + expf(-c->in[0][i]));
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    float *g = gx[0];
    if (!g) return;
    for (size_t i = 0; i < c->n_out; i++) g[i] += gy[i] * c->out[i] * (1.0f - c->out[i]);
}

static const sal_op_sample samples[] = {{.name = "row", .n_in = 1, .in = {{2, {3, 8}}}}};

const sal_op_def sal_op_sigmoid = {
    .name = "Sigmoid",
    .summary = "1/(1 + exp(-x))",
    .least = 1,
    .most = 1,
    .backward_reads_out = true,
    .shape = sal_shape_of_first_,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
