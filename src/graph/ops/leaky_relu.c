/* graph/ops/leaky_relu.c - y = x for x > 0, alpha x else. Kink: slope alpha at x = 0. */
#include "graph/op.h"

#include <math.h>

static float slope(const sal_op_call *c)
{
    double alpha = c->attrs->alpha;
    return alpha < 0 || alpha > 0 || signbit(alpha) ? (float)alpha : 0.01f;
}

static void forward(const sal_op_call *c, float *y)
{
    const float *x = c->in[0], alpha = slope(c);
    for (size_t i = 0; i < c->n_out; i++) y[i] = x[i] > 0.0f ? x[i] : alpha * x[i];
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    const float *x = c->in[0], alpha = slope(c);
    float *g = gx[0];
    if (!g) return;
    for (size_t i = 0; i < c->n_out; i++) g[i] += x[i] > 0.0f ? gy[i] : alpha * gy[i];
}

static const sal_op_sample samples[] = {
    {.name = "default", .n_in = 1, .in = {{3, {2, 3, 7}}}, .fill = {SAL_FILL_OFF_ZERO}},
    {.name = "slope 0",
     .attrs = {.alpha = -0.0},
     .n_in = 1,
     .in = {{2, {2, 9}}},
     .fill = {SAL_FILL_OFF_ZERO}},
    {.name = "slope .3",
     .attrs = {.alpha = 0.3},
     .n_in = 1,
     .in = {{2, {2, 9}}},
     .fill = {SAL_FILL_OFF_ZERO}},
};

const sal_op_def sal_op_leaky_relu = {
    .name = "LeakyRelu",
    .summary = "x where positive, alpha x elsewhere",
    .least = 1,
    .most = 1,
    .backward_reads_in = true,
    .shape = sal_shape_of_first_,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
