/* graph/ops/batch_norm.c - batch normalisation with given statistics (inference):
 * y = scale (x - mean)/sqrt(variance + epsilon) + shift, per channel. Inputs: data, scale, shift,
 * mean, variance. */
#include "graph/op.h"

#include <math.h>

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    char text[SAL_SHAPE_TEXT];
    if (in[0].rank < 2)
        return sal_fail_(err, SAL_E_SHAPE, "data is %s, wanted [N, C, ...]",
                         sal_shape_text_(&in[0], text, sizeof text));
    if (!(a->epsilon > 0) || !isfinite(a->epsilon))
        return sal_fail_(err, SAL_E_ARG, "epsilon is not a positive number");
    for (size_t i = 1; i < n_in; i++)
        if (in[i].rank != 1 || in[i].dims[0] != in[0].dims[1])
            return sal_fail_(err, SAL_E_SHAPE, "input %zu is %s, wanted [%lld]", i,
                             sal_shape_text_(&in[i], text, sizeof text), (long long)in[0].dims[1]);
    *out = in[0];
    return SAL_OK;
}

static float inverse_deviation(const sal_op_call *c, size_t channel)
{
    return (float)(1.0 / sqrt((double)c->in[4][channel] + c->attrs->epsilon));
}

static void forward(const sal_op_call *c, float *y)
{
    size_t channels = (size_t)c->in_shape[0].dims[1];
    size_t plane = sal_shape_count_from_(&c->in_shape[0], 2);
    for (size_t i = 0; i < c->n * channels; i++) {
        size_t k = i % channels;
        float slope = c->in[1][k] * inverse_deviation(c, k);
        float offset = c->in[2][k] - c->in[3][k] * slope;
        for (size_t p = i * plane; p < (i + 1) * plane; p++) y[p] = c->in[0][p] * slope + offset;
    }
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    size_t channels = (size_t)c->in_shape[0].dims[1];
    size_t plane = sal_shape_count_from_(&c->in_shape[0], 2);
    for (size_t i = 0; i < c->n * channels; i++) {
        size_t k = i % channels;
        float inverse = inverse_deviation(c, k), slope = c->in[1][k] * inverse;
        double sum = 0, moment = 0; /* of gy, and of gy times the normalised value */
        for (size_t p = i * plane; p < (i + 1) * plane; p++) {
            if (gx[0]) gx[0][p] += gy[p] * slope;
            sum += (double)gy[p];
            moment += (double)(gy[p] * (c->in[0][p] - c->in[3][k]) * inverse);
        }
        if (gx[1]) gx[1][k] += (float)moment;
        if (gx[2]) gx[2][k] += (float)sum;
        if (gx[3]) gx[3][k] -= (float)sum * slope;
        if (gx[4]) gx[4][k] -= 0.5f * (float)moment * slope * inverse;
    }
}

static const sal_op_sample samples[] = {
    {.name = "planes",
     .n_in = 5,
     .in = {{4, {2, 3, 4, 2}}, {1, {3}}, {1, {3}}, {1, {3}}, {1, {3}}},
     .fill = {SAL_FILL_NORMAL, SAL_FILL_POSITIVE, SAL_FILL_NORMAL, SAL_FILL_NORMAL,
              SAL_FILL_POSITIVE}},
};

const sal_op_def sal_op_batch_norm = {
    .name = "BatchNormalization",
    .summary = "scale and shift per channel, given statistics",
    .least = 5,
    .most = 5,
    .params = 30,
    .backward_reads_in = true,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
