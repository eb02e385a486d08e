/* graph/ops/softmax.c - Softmax: y = exp(x) / sum exp(x) along attrs.axis (0, -1 = the last),
 * shifted by the largest x; LogSoftmax: its logarithm. attrs.mode 1 sums over attrs.axis and all
 * axes after it, as ONNX did before opset 13. */
#include "graph/ops/softmax.h"

#include "graph/op.h"

#include <math.h>

double sal_softmax_line_(size_t n, size_t step, const float *x, float *share)
{
    float top = x[0];
    double sum = 0;
    for (size_t i = 1; i < n; i++)
        if (x[i * step] > top) top = x[i * step];
    for (size_t i = 0; i < n; i++) sum += exp((double)(x[i * step] - top));
    for (size_t i = 0; share && i < n; i++)
        share[i * step] = (float)(exp((double)(x[i * step] - top)) / sum);
    return (double)top + log(sum);
}

double sal_softmax_row_(size_t n, const float *x, float *share)
{
    return sal_softmax_line_(n, 1, x, share);
}

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    char text[SAL_SHAPE_TEXT];
    if (in[0].rank < 2)
        return sal_fail_(err, SAL_E_SHAPE, "data is %s, wanted [N, ..., C]",
                         sal_shape_text_(&in[0], text, sizeof text));
    if (a->axis != -1 && (a->axis < 1 || a->axis >= (int64_t)in[0].rank))
        return sal_fail_(err, SAL_E_SHAPE, "axis %lld, data has rank %zu (N included)",
                         (long long)a->axis, in[0].rank);
    return sal_shape_of_first_(a, n_in, in, out, err);
}

/* Elements of a line and their distance. */
typedef struct {
    size_t n, step;
} line;

static line line_of(const sal_op_call *c)
{
    const sal_shape *s = c->out_shape;
    size_t axis = c->attrs->axis < 0 ? s->rank - 1 : (size_t)c->attrs->axis;
    if (c->attrs->mode == 1) return (line){sal_shape_count_from_(s, axis), 1};
    return (line){(size_t)s->dims[axis], sal_shape_count_from_(s, axis + 1)};
}

static size_t start_of(const line *l, size_t i)
{
    return i / l->step * l->step * l->n + i % l->step;
}

static void forward(const sal_op_call *c, float *y)
{
    line l = line_of(c);
    for (size_t i = 0; i < c->n_out / l.n; i++) {
        size_t at = start_of(&l, i);
        sal_softmax_line_(l.n, l.step, c->in[0] + at, y + at);
    }
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    line l = line_of(c);
    for (size_t i = 0; gx[0] && i < c->n_out / l.n; i++) {
        size_t at = start_of(&l, i), end = at + l.n * l.step;
        double mean = 0;
        for (size_t k = at; k < end; k += l.step) mean += (double)gy[k] * (double)c->out[k];
        for (size_t k = at; k < end; k += l.step) gx[0][k] += c->out[k] * (gy[k] - (float)mean);
    }
}

static void log_forward(const sal_op_call *c, float *y)
{
    line l = line_of(c);
    for (size_t i = 0; i < c->n_out / l.n; i++) {
        size_t at = start_of(&l, i), end = at + l.n * l.step;
        double whole = sal_softmax_line_(l.n, l.step, c->in[0] + at, NULL);
        for (size_t k = at; k < end; k += l.step) y[k] = (float)((double)c->in[0][k] - whole);
    }
}

static void log_backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    line l = line_of(c);
    for (size_t i = 0; gx[0] && i < c->n_out / l.n; i++) {
        size_t at = start_of(&l, i), end = at + l.n * l.step;
        double sum = 0;
        for (size_t k = at; k < end; k += l.step) sum += (double)gy[k];
        for (size_t k = at; k < end; k += l.step)
            gx[0][k] += (float)((double)gy[k] - exp((double)c->out[k]) * sum);
    }
}

static const sal_op_sample samples[] = {
    {.name = "rows", .n_in = 1, .in = {{2, {3, 5}}}},
    {.name = "channels", .attrs = {.axis = 1}, .n_in = 1, .in = {{4, {2, 3, 2, 2}}}},
    {.name = "last axis", .n_in = 1, .in = {{3, {2, 2, 4}}}},
    {.name = "this axis and all after",
     .attrs = {.axis = 1, .mode = 1},
     .n_in = 1,
     .in = {{3, {2, 2, 3}}}},
};

const sal_op_def sal_op_softmax = {
    .name = "Softmax",
    .summary = "shares of exp(x) along an axis",
    .least = 1,
    .most = 1,
    .axis = -1,
    .backward_reads_out = true,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};

const sal_op_def sal_op_log_softmax = {
    .name = "LogSoftmax",
    .summary = "logarithms of the shares of exp(x) along an axis",
    .least = 1,
    .most = 1,
    .axis = -1,
    .backward_reads_out = true,
    .shape = shape,
    .forward = log_forward,
    .backward = log_backward,
    SAL_SAMPLES(samples),
};
