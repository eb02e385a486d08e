/* graph/ops/mean_squared_error.c - loss per input: mean over its elements of (x - t)^2, to [N]. */
#include "graph/op.h"

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    sal_status st = sal_shape_of_first_(a, n_in, in, out, err);
    if (st == SAL_OK) out->rank = 1;
    return st;
}

static void forward(const sal_op_call *c, float *y)
{
    size_t n = sal_shape_count_from_(&c->in_shape[0], 1);
    for (size_t i = 0; i < c->n; i++) {
        double sum = 0;
        for (size_t k = i * n; k < (i + 1) * n; k++) {
            double d = (double)c->in[0][k] - (double)c->in[1][k];
            sum += d * d;
        }
        y[i] = (float)(sum / (double)n);
    }
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    size_t n = sal_shape_count_from_(&c->in_shape[0], 1);
    for (size_t k = 0; k < c->n * n; k++) {
        float slope = gy[k / n] * 2.0f * (c->in[0][k] - c->in[1][k]) / (float)n;
        if (gx[0]) gx[0][k] += slope;
        if (gx[1]) gx[1][k] -= slope;
    }
}

static const sal_op_sample samples[] = {
    {.name = "rows", .n_in = 2, .in = {{2, {3, 4}}, {2, {3, 4}}}},
};

const sal_op_def sal_op_mean_squared_error = {
    .name = "MeanSquaredError",
    .summary = "mean of squared differences per input",
    .least = 2,
    .most = 2,
    .backward_reads_in = true,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
