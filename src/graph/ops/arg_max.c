/* graph/ops/arg_max.c - ArgMax and ArgMin: index of the largest (smallest) value along attrs.axis,
 * a whole number kept as a float; attrs.keep_dims keeps the axis. Of equals the first, or the last
 * when attrs.mode is 1. Steps have no slope: the gradient is 0. */
#include "graph/pick.h"

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)n_in;
    if (a->axis < 1 || a->axis >= (int64_t)in[0].rank)
        return sal_fail_(err, SAL_E_SHAPE, "axis %lld, data has rank %zu (N included)",
                         (long long)a->axis, in[0].rank);
    out->rank = 0;
    for (size_t i = 0; i < in[0].rank; i++)
        if ((int64_t)i != a->axis)
            out->dims[out->rank++] = in[0].dims[i];
        else if (a->keep_dims)
            out->dims[out->rank++] = 1;
    return sal_pick_check_(&in[0], out, err);
}

static void arg(const sal_op_call *c, float sign, float *y)
{
    size_t axis = (size_t)c->attrs->axis, size = (size_t)c->in_shape[0].dims[axis];
    size_t inner = sal_shape_count_from_(&c->in_shape[0], axis + 1);
    bool last = c->attrs->mode == 1;
    for (size_t i = 0; i < c->n_out; i++) {
        const float *x = c->in[0] + i / inner * inner * size + i % inner;
        size_t best = 0;
        for (size_t k = 1; k < size; k++) {
            float here = sign * x[k * inner], top = sign * x[best * inner];
            if (last ? here >= top : here > top) best = k;
        }
        y[i] = (float)best;
    }
}

static void max_forward(const sal_op_call *c, float *y)
{
    arg(c, 1.0f, y);
}

static void min_forward(const sal_op_call *c, float *y)
{
    arg(c, -1.0f, y);
}

static const sal_op_sample samples[] = {
    {.name = "channels",
     .attrs = {.keep_dims = true},
     .n_in = 1,
     .in = {{3, {2, 3, 2}}},
     .fill = {SAL_FILL_DISTINCT}},
    {.name = "last axis",
     .attrs = {.axis = 2, .mode = 1},
     .n_in = 1,
     .in = {{3, {2, 2, 3}}},
     .fill = {SAL_FILL_DISTINCT}},
};

const sal_op_def sal_op_arg_max = {
    .name = "ArgMax",
    .summary = "index of the largest value along an axis",
    .least = 1,
    .most = 1,
    .shape = shape,
    .forward = max_forward,
    .backward = sal_backward_nothing_,
    SAL_SAMPLES(samples),
};

const sal_op_def sal_op_arg_min = {
    .name = "ArgMin",
    .summary = "index of the smallest value along an axis",
    .least = 1,
    .most = 1,
    .shape = shape,
    .forward = min_forward,
    .backward = sal_backward_nothing_,
    SAL_SAMPLES(samples),
};
