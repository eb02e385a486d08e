/* graph/ops/where.c - y = a where the condition is not 0, b elsewhere; all three broadcast. */
#include "graph/broadcast.h"

static void value(const sal_op_call *c, size_t n, const float *const *in, float *y)
{
    (void)c;
    for (size_t i = 0; i < n; i++) y[i] = in[0][i] == 0.0f ? in[2][i] : in[1][i];
}

static void slope(const sal_op_call *c, size_t k, size_t n, const float *const *in, const float *gy,
                  float *g)
{
    (void)c;
    for (size_t i = 0; i < n; i++)
        if (k == (in[0][i] == 0.0f ? 2u : 1u)) g[i] += gy[i];
}

static void forward(const sal_op_call *c, float *y)
{
    sal_broadcast_forward_(c, value, y);
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    float *of_choices[] = {NULL, gx[1], gx[2]};
    sal_broadcast_backward_(c, slope, gy, of_choices);
}

static size_t scratch(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    (void)a;
    (void)in;
    (void)out;
    return 4 * SAL_BROADCAST_BLOCK;
}

static const sal_op_sample samples[] = {
    {.name = "equal",
     .n_in = 3,
     .in = {{3, {2, 3, 4}}, {3, {2, 3, 4}}, {3, {2, 3, 4}}},
     .fill = {SAL_FILL_BITS}},
    {.name = "mask",
     .n_in = 3,
     .in = {{2, {3, 4}}, {3, {2, 3, 4}}, {0, {0}}},
     .fill = {SAL_FILL_BITS},
     .fixed = 5},
    {.name = "crossed",
     .n_in = 3,
     .in = {{3, {2, 3, 1}}, {1, {4}}, {3, {2, 1, 4}}},
     .fill = {SAL_FILL_BITS},
     .fixed = 2},
};

const sal_op_def sal_op_where = {
    .name = "Where",
    .summary = "a where the condition is not 0, b elsewhere",
    .least = 3,
    .most = 3,
    .either = 7,
    .backward_reads_in = true,
    .shape = sal_broadcast_shape_,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
