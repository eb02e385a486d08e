/* graph/ops/concat.c - joins inputs along one axis (1 = channels). */
#include "graph/op.h"

#include <string.h>

enum { MOST = 64 };

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    size_t axis = (size_t)a->axis;
    if (a->axis < 1 || axis >= in[0].rank)
        return sal_fail_(err, SAL_E_SHAPE, "axis %lld, data has rank %zu (N included)",
                         (long long)a->axis, in[0].rank);
    *out = in[0];
    for (size_t i = 1; i < n_in; i++) {
        sal_shape like = in[i];
        if (like.rank == out->rank) like.dims[axis] = in[0].dims[axis];
        if (!sal_shape_equal_(&like, &in[0])) {
            char one[SAL_SHAPE_TEXT], first[SAL_SHAPE_TEXT];
            return sal_fail_(err, SAL_E_SHAPE,
                             "input %zu is %s, input 0 is %s: only axis %zu may "
                             "differ",
                             i, sal_shape_text_(&in[i], one, sizeof one),
                             sal_shape_text_(&in[0], first, sizeof first), axis);
        }
        if (in[i].dims[axis] > INT64_MAX - out->dims[axis])
            return sal_fail_(err, SAL_E_SHAPE, "a shape of more elements than memory can hold");
        out->dims[axis] += in[i].dims[axis];
    }
    return SAL_OK;
}

/* Stretches of one input that follow each other unbroken. */
static size_t rows_before(const sal_op_call *c)
{
    size_t rows = c->n;
    for (size_t i = 1; i < (size_t)c->attrs->axis; i++) rows *= (size_t)c->out_shape->dims[i];
    return rows;
}

static void forward(const sal_op_call *c, float *y)
{
    size_t axis = (size_t)c->attrs->axis, rows = rows_before(c), from = 0;
    size_t width = sal_shape_count_from_(c->out_shape, axis);
    for (size_t k = 0; k < c->n_in; k++) {
        size_t part = sal_shape_count_from_(&c->in_shape[k], axis);
        for (size_t r = 0; r < rows; r++)
            memcpy(y + r * width + from, c->in[k] + r * part, part * sizeof *y);
        from += part;
    }
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    size_t axis = (size_t)c->attrs->axis, rows = rows_before(c), from = 0;
    size_t width = sal_shape_count_from_(c->out_shape, axis);
    for (size_t k = 0; k < c->n_in; k++) {
        size_t part = sal_shape_count_from_(&c->in_shape[k], axis);
        for (size_t r = 0; gx[k] && r < rows; r++)
            for (size_t i = 0; i < part; i++) gx[k][r * part + i] += gy[r * width + from + i];
        from += part;
    }
}

static const sal_op_sample samples[] = {
    {.name = "channels", .n_in = 3, .in = {{3, {2, 2, 4}}, {3, {2, 1, 4}}, {3, {2, 3, 4}}}},
    {.name = "columns", .attrs = {.axis = 2}, .n_in = 2, .in = {{3, {2, 2, 4}}, {3, {2, 2, 3}}}},
};

const sal_op_def sal_op_concat = {
    .name = "Concat",
    .summary = "inputs joined along an axis",
    .least = 1,
    .most = MOST,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
