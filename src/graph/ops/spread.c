/* graph/ops/spread.c - a parameter as an activation: the same numbers for every image. Inputs: any
 * activation (for N alone; no gradient) and the parameter. */
#include "graph/op.h"

#include <string.h>

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)a;
    (void)n_in;
    if (in[1].rank >= SAL_MAX_RANK)
        return sal_fail_(err, SAL_E_SHAPE, "a parameter of rank %zu", in[1].rank);
    out->rank = in[1].rank + 1;
    out->dims[0] = in[0].dims[0];
    memcpy(out->dims + 1, in[1].dims, in[1].rank * sizeof out->dims[0]);
    return SAL_OK;
}

static void forward(const sal_op_call *c, float *y)
{
    size_t count = sal_shape_count_from_(&c->in_shape[1], 0);
    for (size_t i = 0; i < c->n; i++) memcpy(y + i * count, c->in[1], count * sizeof *y);
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    size_t count = sal_shape_count_from_(&c->in_shape[1], 0);
    for (size_t i = 0; gx[1] && i < c->n; i++)
        for (size_t k = 0; k < count; k++) gx[1][k] += gy[i * count + k];
}

static const sal_op_sample samples[] = {
    {.name = "matrix", .n_in = 2, .in = {{3, {3, 2, 2}}, {2, {2, 3}}}},
    {.name = "number", .n_in = 2, .in = {{2, {2, 2}}, {0, {0}}}},
};

const sal_op_def sal_op_spread = {
    .name = "Spread",
    .summary = "a parameter, the same for every input",
    .least = 2,
    .most = 2,
    .params = 2,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
