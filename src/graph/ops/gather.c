/* graph/ops/gather.c - elements of one axis by index. Inputs: data and indices, whole numbers kept
 * as floats, negative ones count from the end. Indices that are a parameter of any shape take the
 * place of attrs.axis of the data; indices [N, ...] choose rows of data that is a parameter (axis
 * 1, counted as if it had an N: its first). An index outside of the axis gives NaN. */
#include "graph/pick.h"

#include <math.h>

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)n_in;
    bool table = a->fixed_ & 1, same = a->fixed_ >> 1 & 1;
    size_t axis = (size_t)a->axis, rank = in[0].rank + (table ? 1 : 0);
    if (table == same)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "one of data and indices must be a parameter");
    if (a->axis < 1 || axis >= rank || (table && axis != 1))
        return sal_fail_(err, SAL_E_SHAPE, "axis %lld of data of rank %zu (N included)",
                         (long long)a->axis, rank);
    size_t more = in[1].rank - (table ? 1 : 0);
    if (rank - 1 + more > SAL_MAX_RANK)
        return sal_fail_(err, SAL_E_SHAPE, "the result would have rank %zu", rank - 1 + more);
    out->rank = 0;
    if (table) out->dims[out->rank++] = in[1].dims[0];
    for (size_t i = 0; !table && i < axis; i++) out->dims[out->rank++] = in[0].dims[i];
    for (size_t i = table ? 1 : 0; i < in[1].rank; i++) out->dims[out->rank++] = in[1].dims[i];
    for (size_t i = table ? 1 : axis + 1; i < in[0].rank; i++)
        out->dims[out->rank++] = in[0].dims[i];
    return sal_pick_check_(&in[0], out, err);
}

/* Axes of the moves: before, chosen, after. */
typedef struct {
    size_t before, size, chosen, after;
    bool table;
} geometry;

static geometry geometry_of(const sal_op_attrs *a, const sal_shape *in)
{
    geometry g = {.before = 1, .table = a->fixed_ & 1};
    size_t axis = g.table ? 0 : (size_t)a->axis;
    for (size_t i = 1; i < axis; i++) g.before *= (size_t)in[0].dims[i];
    g.size = (size_t)in[0].dims[axis];
    g.after = sal_shape_count_from_(&in[0], axis + 1);
    g.chosen = sal_shape_count_from_(&in[1], g.table ? 1 : 0);
    return g;
}

static size_t scratch(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    (void)out;
    geometry g = geometry_of(a, in);
    return g.before + g.chosen + g.after;
}

static sal_pick pick_of(const sal_op_call *c, const geometry *g, const float *indices)
{
    sal_pick p = sal_pick_start_(c);
    p.in = g->before * g->size * g->after;
    p.out = g->before * g->chosen * g->after;
    p.fill = NAN;
    sal_pick_even_(&p, g->before, 0, (int64_t)(g->size * g->after));
    int32_t *table = sal_pick_axis_(&p, g->chosen);
    for (size_t i = 0; i < g->chosen; i++) {
        double at = rint((double)indices[i]);
        if (at < 0) at += (double)g->size;
        bool inside = at >= 0 && at < (double)g->size;
        table[i] = inside ? (int32_t)((size_t)at * g->after) : SAL_PICK_NOTHING;
    }
    sal_pick_even_(&p, g->after, 0, 1);
    return p;
}

static void forward(const sal_op_call *c, float *y)
{
    geometry g = geometry_of(c->attrs, c->in_shape);
    sal_pick p = pick_of(c, &g, c->in[1]);
    for (size_t i = 0; i < c->n; i++) {
        if (g.table && i) p = pick_of(c, &g, c->in[1] + i * g.chosen);
        sal_pick_forward_(&p, 1, c->in[0] + (g.table ? 0 : i * p.in), y + i * p.out);
    }
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    if (!gx[0]) return;
    geometry g = geometry_of(c->attrs, c->in_shape);
    sal_pick p = pick_of(c, &g, c->in[1]);
    for (size_t i = 0; i < c->n; i++) {
        if (g.table && i) p = pick_of(c, &g, c->in[1] + i * g.chosen);
        sal_pick_backward_(&p, 1, gy + i * p.out, gx[0] + (g.table ? 0 : i * p.in));
    }
}

static const sal_op_sample samples[] = {
    {.name = "one index", .n_in = 2, .in = {{3, {2, 6, 2}}, {0, {0}}}, .fixed = 2},
    {.name = "matrix of indices",
     .attrs = {.axis = 2},
     .n_in = 2,
     .in = {{4, {2, 2, 6, 2}}, {2, {2, 4}}},
     .fixed = 2},
    {.name = "rows of a parameter", .n_in = 2, .in = {{2, {7, 3}}, {2, {2, 5}}}, .fixed = 1},
};

const sal_op_def sal_op_gather = {
    .name = "Gather",
    .summary = "elements of an axis by index",
    .least = 2,
    .most = 2,
    .either = 3,
    .backward_reads_in = true,
    .shape = shape,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
