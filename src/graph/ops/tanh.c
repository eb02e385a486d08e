/* graph/ops/tanh.c - y = tanh(x); dy/dx = 1 - y^2. */
#include "graph/op.h"

#include <math.h>

static void forward(const sal_op_call *c, float *y)
{
    for (size_t i = 0; i < c->n_out; i++) y[i] = tanhf(c->in[0][i]);
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    float *g = gx[0];
    if (!g) return;
    for (size_t i = 0; i < c->n_out; i++) g[i] += gy[i] * (1.0f - c->out[i] * c->out[i]);
}

static const sal_op_sample samples[] = {{.name = "row", .n_in = 1, .in = {{2, {3, 8}}}}};

const sal_op_def sal_op_tanh = {
    .name = "Tanh",
    .summary = "hyperbolic tangent",
    .least = 1,
    .most = 1,
    .backward_reads_out = true,
    .shape = sal_shape_of_first_,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
