/* graph/ops/relu.c - y = max(x, 0). Kink: gradient 0 at x = 0, as most engines have it. */
#include "graph/op.h"

SAL_CLONES static void forward(const sal_op_call *c, float *y)
{
    const float *x = c->in[0];
    for (size_t i = 0; i < c->n_out; i++) y[i] = x[i] > 0.0f ? x[i] : 0.0f;
}

SAL_CLONES static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    const float *x = c->in[0];
    float *g = gx[0];
    if (!g) return;
    for (size_t i = 0; i < c->n_out; i++) g[i] += x[i] > 0.0f ? gy[i] : 0.0f;
}

static const sal_op_sample samples[] = {
    {.name = "plane", .n_in = 1, .in = {{4, {2, 3, 4, 5}}}, .fill = {SAL_FILL_OFF_ZERO}},
};

const sal_op_def sal_op_relu = {
    .name = "Relu",
    .summary = "max(x, 0)",
    .least = 1,
    .most = 1,
    .backward_reads_in = true,
    .shape = sal_shape_of_first_,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
