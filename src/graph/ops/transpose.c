/* graph/ops/transpose.c - output axis i is input axis attrs.axes[i]; axes[0] = 0, for N stays. */
#include "graph/pick.h"

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)n_in;
    if (a->n_axes != in[0].rank)
        return sal_fail_(err, SAL_E_SHAPE, "a permutation of %zu axes, data has rank %zu",
                         a->n_axes, in[0].rank);
    if (a->axes[0] != 0)
        return sal_fail_(err, SAL_E_SHAPE, "axis 0 counts the inputs and must stay first");
    sal_op_attrs rest = *a;
    rest.n_axes--;
    for (size_t i = 0; i < rest.n_axes; i++) rest.axes[i] = a->axes[i + 1];
    if (!sal_axes_fit_(&rest, &in[0], err)) return SAL_E_SHAPE;
    out->rank = in[0].rank;
    for (size_t i = 0; i < out->rank; i++) out->dims[i] = in[0].dims[a->axes[i]];
    return sal_pick_check_(&in[0], out, err);
}

static sal_pick pick_of(const sal_op_call *c)
{
    sal_pick p = sal_pick_start_(c);
    for (size_t i = 1; i < c->out_shape->rank; i++) {
        size_t from = (size_t)c->attrs->axes[i];
        sal_pick_even_(&p, (size_t)c->out_shape->dims[i], 0,
                       (int64_t)sal_shape_count_from_(&c->in_shape[0], from + 1));
    }
    return p;
}

SAL_PICK_RUNS(pick_of)

static const sal_op_sample samples[] = {
    {.name = "planes",
     .attrs = {.n_axes = 4, .axes = {0, 2, 3, 1}},
     .n_in = 1,
     .in = {{4, {2, 3, 4, 2}}}},
    {.name = "all turned",
     .attrs = {.n_axes = 4, .axes = {0, 3, 2, 1}},
     .n_in = 1,
     .in = {{4, {2, 3, 1, 2}}}},
};

const sal_op_def sal_op_transpose = {
    .name = "Transpose",
    .summary = "axes in another order",
    .least = 1,
    .most = 1,
    .shape = shape,
    .scratch = sal_pick_scratch_,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
