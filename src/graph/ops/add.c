/* graph/ops/add.c - y = a + b, equal shapes. */
#include "graph/op.h"

static void forward(const sal_op_call *c, float *y)
{
    for (size_t i = 0; i < c->n_out; i++) y[i] = c->in[0][i] + c->in[1][i];
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; gx[k] && i < c->n_out; i++) gx[k][i] += gy[i];
}

static const sal_op_sample samples[] = {
    {.name = "planes", .n_in = 2, .in = {{4, {2, 3, 2, 2}}, {4, {2, 3, 2, 2}}}},
};

const sal_op_def sal_op_add = {
    .name = "Add",
    .summary = "a + b, equal shapes",
    .least = 2,
    .most = 2,
    .shape = sal_shape_of_first_,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
