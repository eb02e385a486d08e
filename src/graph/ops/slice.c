/* graph/ops/slice.c - attrs.axes[k] from starts[k] up to, not including, ends[k] by steps[k] (0 =
 * 1). Negative places count from the end, places beyond an end are moved to it, a negative step
 * goes backwards (ends far below zero to reach the first element), all as in ONNX. */
#include "graph/pick.h"

enum { LARGEST_STEP = INT32_MAX };

static int64_t bound(int64_t place, int64_t low, int64_t high)
{
    return place < low ? low : place > high ? high : place;
}

/* First place, step and count along list entry k. */
static size_t range(const sal_op_attrs *a, size_t k, int64_t size, int64_t *first, int64_t *step)
{
    int64_t from = a->starts[k], to = a->ends[k], by = a->steps[k] ? a->steps[k] : 1;
    if (from < 0) from += size;
    if (to < 0) to += size;
    by = bound(by, -LARGEST_STEP, LARGEST_STEP);
    from = bound(from, 0, by > 0 ? size : size - 1);
    to = bound(to, by > 0 ? 0 : -1, by > 0 ? size : size - 1);
    *first = from;
    *step = by;
    int64_t distance = by > 0 ? to - from : from - to, pace = by > 0 ? by : -by;
    return distance > 0 ? (size_t)((distance + pace - 1) / pace) : 0;
}

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)n_in;
    if (!sal_axes_fit_(a, &in[0], err)) return SAL_E_SHAPE;
    *out = in[0];
    for (size_t k = 0; k < a->n_axes; k++) {
        int64_t first, step, axis = a->axes[k];
        out->dims[axis] = (int64_t)range(a, k, in[0].dims[axis], &first, &step);
        if (!out->dims[axis])
            return sal_fail_(err, SAL_E_SHAPE, "nothing is left of axis %lld of %lld",
                             (long long)axis, (long long)in[0].dims[axis]);
    }
    return sal_pick_check_(&in[0], out, err);
}

static sal_pick pick_of(const sal_op_call *c)
{
    sal_pick p = sal_pick_start_(c);
    for (size_t i = 1; i < c->out_shape->rank; i++) {
        int64_t first = 0, step = 1;
        int64_t width = (int64_t)sal_shape_count_from_(&c->in_shape[0], i + 1);
        for (size_t k = 0; k < c->attrs->n_axes; k++)
            if (c->attrs->axes[k] == (int64_t)i)
                range(c->attrs, k, c->in_shape[0].dims[i], &first, &step);
        sal_pick_even_(&p, (size_t)c->out_shape->dims[i], first * width,
                       c->out_shape->dims[i] > 1 ? step * width : 0);
    }
    return p;
}

SAL_PICK_RUNS(pick_of)

static const sal_op_sample samples[] = {
    {.name = "one axis",
     .attrs = {.n_axes = 1, .axes = {1}, .starts = {1}, .ends = {3}},
     .n_in = 1,
     .in = {{3, {2, 4, 3}}}},
    {.name = "two axes, steps",
     .attrs = {.n_axes = 2, .axes = {3, 1}, .starts = {1, -1}, .ends = {9, -9}, .steps = {2, -2}},
     .n_in = 1,
     .in = {{4, {2, 4, 2, 6}}}},
};

const sal_op_def sal_op_slice = {
    .name = "Slice",
    .summary = "stretches of axes, steps of either sign",
    .least = 1,
    .most = 1,
    .shape = shape,
    .scratch = sal_pick_scratch_,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
