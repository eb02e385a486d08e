/* graph/ops/prelu.c - y = x for x > 0, slope x else; the slope broadcasts to x. Kink: as for
 * negative x. He et al. 2015, eq. 1. */
#include "graph/broadcast.h"

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    char wide[SAL_SHAPE_TEXT], data[SAL_SHAPE_TEXT];
    sal_status st = sal_broadcast_shape_(a, n_in, in, out, err);
    if (st != SAL_OK || sal_shape_equal_(out, &in[0])) return st;
    return sal_fail_(err, SAL_E_SHAPE, "the slope would widen the data from %s to %s",
                     sal_shape_text_(&in[0], data, sizeof data),
                     sal_shape_text_(out, wide, sizeof wide));
}

static void value(const sal_op_call *c, size_t n, const float *const *in, float *y)
{
    const float *x = in[0], *s = in[1];
    (void)c;
    for (size_t i = 0; i < n; i++) y[i] = x[i] > 0.0f ? x[i] : s[i] * x[i];
}

static void slope(const sal_op_call *c, size_t k, size_t n, const float *const *in, const float *gy,
                  float *g)
{
    const float *x = in[0], *s = in[1];
    (void)c;
    for (size_t i = 0; k == 0 && i < n; i++) g[i] += x[i] > 0.0f ? gy[i] : s[i] * gy[i];
    for (size_t i = 0; k == 1 && i < n; i++) g[i] += x[i] > 0.0f ? 0.0f : x[i] * gy[i];
}

static void forward(const sal_op_call *c, float *y)
{
    sal_broadcast_forward_(c, value, y);
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    sal_broadcast_backward_(c, slope, gy, gx);
}

static const sal_op_sample samples[] = {
    {.name = "channels",
     .n_in = 2,
     .in = {{4, {2, 3, 2, 2}}, {3, {3, 1, 1}}},
     .fill = {SAL_FILL_OFF_ZERO},
     .fixed = 2},
    {.name = "computed",
     .n_in = 2,
     .in = {{3, {2, 3, 4}}, {3, {2, 1, 4}}},
     .fill = {SAL_FILL_OFF_ZERO}},
};

const sal_op_def sal_op_prelu = {
    .name = "PRelu",
    .summary = "x where positive, slope x elsewhere",
    .least = 2,
    .most = 2,
    .either = 2,
    .backward_reads_in = true,
    .shape = shape,
    .scratch = sal_broadcast_scratch_two_,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
