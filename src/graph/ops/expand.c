/* graph/ops/expand.c - Expand repeats axes of size 1 until the shape is attrs.dims; Tile writes
 * axis i attrs.dims[i] times over. attrs.dims are without N, aligned at the last axis (Expand). */
#include "graph/pick.h"

static sal_status expand_shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in,
                               sal_shape *out, sal_error *err)
{
    (void)n_in;
    if (a->rank >= in[0].rank)
        return sal_fail_(err, SAL_E_SHAPE, "%zu dimensions for data of rank %zu would move N",
                         a->rank, in[0].rank);
    *out = in[0];
    for (size_t i = 0; i < a->rank; i++) {
        size_t axis = in[0].rank - a->rank + i;
        if (a->dims[i] == 1 || a->dims[i] == in[0].dims[axis]) continue;
        if (in[0].dims[axis] != 1)
            return sal_fail_(err, SAL_E_SHAPE, "axis %zu of %lld does not expand to %lld", axis,
                             (long long)in[0].dims[axis], (long long)a->dims[i]);
        out->dims[axis] = a->dims[i];
    }
    return sal_pick_check_(&in[0], out, err);
}

static sal_status tile_shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in,
                             sal_shape *out, sal_error *err)
{
    (void)n_in;
    if (a->rank + 1 != in[0].rank)
        return sal_fail_(err, SAL_E_SHAPE, "%zu repeats, data has %zu axes beside N", a->rank,
                         in[0].rank - 1);
    *out = in[0];
    for (size_t i = 0; i < a->rank; i++) {
        if (a->dims[i] < 1 || a->dims[i] > INT32_MAX || in[0].dims[i + 1] > INT32_MAX)
            return sal_fail_(err, SAL_E_SHAPE, "%lld repeats of axis %zu", (long long)a->dims[i],
                             i + 1);
        out->dims[i + 1] = in[0].dims[i + 1] * a->dims[i];
    }
    return sal_pick_check_(&in[0], out, err);
}

static sal_pick pick_of(const sal_op_call *c)
{
    sal_pick p = sal_pick_start_(c);
    for (size_t i = 1; i < c->out_shape->rank; i++) {
        int64_t size = c->in_shape[0].dims[i];
        int64_t width = (int64_t)sal_shape_count_from_(&c->in_shape[0], i + 1);
        int32_t *table = sal_pick_axis_(&p, (size_t)c->out_shape->dims[i]);
        for (int64_t t = 0; t < c->out_shape->dims[i]; t++) table[t] = (int32_t)(t % size * width);
    }
    return p;
}

SAL_PICK_RUNS(pick_of)

static const sal_op_sample expand_samples[] = {
    {.name = "two axes",
     .attrs = {.rank = 3, .dims = {3, 1, 4}},
     .n_in = 1,
     .in = {{4, {2, 1, 2, 1}}}},
    {.name = "fewer dimensions",
     .attrs = {.rank = 1, .dims = {3}},
     .n_in = 1,
     .in = {{3, {2, 2, 1}}}},
};

static const sal_op_sample tile_samples[] = {
    {.name = "both axes", .attrs = {.rank = 2, .dims = {2, 3}}, .n_in = 1, .in = {{3, {2, 2, 3}}}},
};

const sal_op_def sal_op_expand = {
    .name = "Expand",
    .summary = "axes of size 1, repeated",
    .least = 1,
    .most = 1,
    .shape = expand_shape,
    .scratch = sal_pick_scratch_,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(expand_samples),
};

const sal_op_def sal_op_tile = {
    .name = "Tile",
    .summary = "data repeated along its axes",
    .least = 1,
    .most = 1,
    .shape = tile_shape,
    .scratch = sal_pick_scratch_,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(tile_samples),
};
