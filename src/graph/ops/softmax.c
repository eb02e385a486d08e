/* graph/ops/softmax.c - y = exp(x) / sum exp(x) over the last axis, shifted by the largest x. */
#include "graph/ops/softmax.h"

#include "graph/op.h"

#include <math.h>

double sal_softmax_row_(size_t n, const float *x, float *share)
{
    float top = x[0];
    double sum = 0;
    for (size_t i = 1; i < n; i++)
        if (x[i] > top) top = x[i];
    for (size_t i = 0; i < n; i++) sum += exp((double)(x[i] - top));
    for (size_t i = 0; i < n; i++) share[i] = (float)(exp((double)(x[i] - top)) / sum);
    /* cppcheck-suppress invalidFunctionArg ; exp(0) = 1 is part of the sum */
    return (double)top + log(sum);
}

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    char text[SAL_SHAPE_TEXT];
    if (in[0].rank < 2)
        return sal_fail_(err, SAL_E_SHAPE, "data is %s, wanted [N, ..., C]",
                         sal_shape_text_(&in[0], text, sizeof text));
    return sal_shape_of_first_(a, n_in, in, out, err);
}

static size_t row_length(const sal_op_call *c)
{
    return (size_t)c->out_shape->dims[c->out_shape->rank - 1];
}

static void forward(const sal_op_call *c, float *y)
{
    size_t n = row_length(c);
    for (size_t at = 0; at < c->n_out; at += n) sal_softmax_row_(n, c->in[0] + at, y + at);
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    size_t n = row_length(c);
    for (size_t at = 0; gx[0] && at < c->n_out; at += n) {
        double mean = 0;
        for (size_t i = at; i < at + n; i++) mean += (double)gy[i] * (double)c->out[i];
        for (size_t i = at; i < at + n; i++) gx[0][i] += c->out[i] * (gy[i] - (float)mean);
    }
}

static const sal_op_sample samples[] = {{.name = "rows", .n_in = 1, .in = {{2, {3, 5}}}}};

const sal_op_def sal_op_softmax = {
    .name = "Softmax",
    .summary = "shares of exp(x) over the last axis",
    .least = 1,
    .most = 1,
    .backward_reads_out = true,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
