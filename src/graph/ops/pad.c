/* graph/ops/pad.c - attrs.axes[k] gets starts[k] places before and ends[k] after its data
 * (negative: cut off). attrs.mode: 0 constant (alpha), 1 reflect (the edge is not repeated), 2
 * edge, 3 wrap. */
#include "graph/pick.h"

enum { CONSTANT, REFLECT, EDGE, WRAP, MODES };
enum { LARGEST = 1 << 20 };

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)n_in;
    if (a->mode < 0 || a->mode >= MODES)
        return sal_fail_(err, SAL_E_SHAPE, "mode %lld", (long long)a->mode);
    if (!sal_axes_fit_(a, &in[0], err)) return SAL_E_SHAPE;
    *out = in[0];
    for (size_t k = 0; k < a->n_axes; k++) {
        int64_t before = a->starts[k], after = a->ends[k], size = in[0].dims[a->axes[k]];
        if (before < -LARGEST || before > LARGEST || after < -LARGEST || after > LARGEST)
            return sal_fail_(err, SAL_E_SHAPE, "padding out of range");
        if (size + before + after < 1)
            return sal_fail_(err, SAL_E_SHAPE, "nothing is left of axis %lld of %lld",
                             (long long)a->axes[k], (long long)size);
        out->dims[a->axes[k]] = size + before + after;
    }
    return sal_pick_check_(&in[0], out, err);
}

static int64_t modulo(int64_t i, int64_t n)
{
    return (i % n + n) % n;
}

/* Where place i of an axis of `size` comes from, or -1. */
static int64_t source(int64_t mode, int64_t i, int64_t size)
{
    if (i >= 0 && i < size) return i;
    if (mode == EDGE) return i < 0 ? 0 : size - 1;
    if (mode == WRAP) return modulo(i, size);
    if (mode == CONSTANT) return -1;
    if (size == 1) return 0;
    i = modulo(i, 2 * (size - 1)); /* there and back */
    return i < size ? i : 2 * (size - 1) - i;
}

static sal_pick pick_of(const sal_op_call *c)
{
    sal_pick p = sal_pick_start_(c);
    p.fill = (float)c->attrs->alpha;
    for (size_t i = 1; i < c->out_shape->rank; i++) {
        int64_t size = c->in_shape[0].dims[i], before = 0;
        int64_t width = (int64_t)sal_shape_count_from_(&c->in_shape[0], i + 1);
        for (size_t k = 0; k < c->attrs->n_axes; k++)
            if (c->attrs->axes[k] == (int64_t)i) before = c->attrs->starts[k];
        int32_t *table = sal_pick_axis_(&p, (size_t)c->out_shape->dims[i]);
        for (int64_t t = 0; t < c->out_shape->dims[i]; t++) {
            int64_t from = source(c->attrs->mode, t - before, size);
            table[t] = from < 0 ? SAL_PICK_NOTHING : (int32_t)(from * width);
        }
    }
    return p;
}

SAL_PICK_RUNS(pick_of)

static const sal_op_sample samples[] = {
    {.name = "constant",
     .attrs = {.n_axes = 2, .axes = {2, 3}, .starts = {1, 2}, .ends = {0, -1}, .alpha = 3},
     .n_in = 1,
     .in = {{4, {2, 2, 2, 3}}}},
    {.name = "reflect",
     .attrs = {.mode = REFLECT, .n_axes = 1, .axes = {2}, .starts = {2}, .ends = {4}},
     .n_in = 1,
     .in = {{3, {2, 2, 3}}}},
    {.name = "edge",
     .attrs = {.mode = EDGE, .n_axes = 2, .axes = {1, 2}, .starts = {1, 2}, .ends = {1, 0}},
     .n_in = 1,
     .in = {{3, {2, 2, 3}}}},
    {.name = "wrap",
     .attrs = {.mode = WRAP, .n_axes = 1, .axes = {2}, .starts = {1}, .ends = {4}},
     .n_in = 1,
     .in = {{3, {1, 2, 3}}}},
};

const sal_op_def sal_op_pad = {
    .name = "Pad",
    .summary = "places before and after the data: constant, reflect, edge, wrap",
    .least = 1,
    .most = 1,
    .shape = shape,
    .scratch = sal_pick_scratch_,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
