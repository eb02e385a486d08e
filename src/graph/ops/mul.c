/* graph/ops/mul.c - y = a b, element by element, equal shapes. */
#include "graph/op.h"

static void forward(const sal_op_call *c, float *y)
{
    for (size_t i = 0; i < c->n_out; i++) y[i] = c->in[0][i] * c->in[1][i];
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; gx[k] && i < c->n_out; i++) gx[k][i] += gy[i] * c->in[1 - k][i];
}

static const sal_op_sample samples[] = {
    {.name = "rows", .n_in = 2, .in = {{2, {3, 6}}, {2, {3, 6}}}},
};

const sal_op_def sal_op_mul = {
    .name = "Mul",
    .summary = "a b, equal shapes",
    .least = 2,
    .most = 2,
    .backward_reads_in = true,
    .shape = sal_shape_of_first_,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
