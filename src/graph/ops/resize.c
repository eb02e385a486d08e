/* graph/ops/resize.c - Resize of attrs.axes[k] by scales[k], to ends[k] places or both (0 = follows
 * from the other). attrs.mode: see resize.h; nearest takes any axes, linear the last two: bilinear.
 * Places beyond the data are its edge. Coordinates as in ONNX, in double; where a scale is given,
 * it and not the rounded size sets them. */
#include "graph/ops/resize.h"

#include "graph/pick.h"

#include <math.h>

/* ---- sizes and coordinates ------------------------------------------------------------------- */

typedef struct {
    int64_t in, out;
    double scale;  /* output places per input place */
    double length; /* of the output, before it was rounded */
} axis_map;

/* The list entry of an axis; n_axes: it has none. */
static size_t entry_of(const sal_op_attrs *a, size_t axis)
{
    size_t k = 0;
    while (k < a->n_axes && a->axes[k] != (int64_t)axis) k++;
    return k;
}

/* out 0: does not fit. float, as the scales of a file are: 10 by 0.7 is 7 places */
static axis_map map_of(const sal_op_attrs *a, const sal_shape *in, size_t axis)
{
    axis_map m = {in->dims[axis], in->dims[axis], 1, (double)in->dims[axis]};
    size_t k = entry_of(a, axis);
    if (k == a->n_axes) return m;
    double size = floor((double)((float)a->scales[k] * (float)m.in));
    m.out = a->ends[k] ? a->ends[k] : size >= 1 && size <= INT32_MAX ? (int64_t)size : 0;
    m.scale = a->scales[k] > 0 ? a->scales[k] : (double)m.out / (double)m.in;
    m.length = m.scale * (double)m.in;
    return m;
}

/* Where output place i lies among the input places. */
static double coordinate(int64_t mode, const axis_map *m, int64_t i)
{
    double x = (double)i, in = (double)m->in;
    switch (mode & SAL_RESIZE_COORDINATES) {
    case SAL_RESIZE_ASYMMETRIC:
        return x / m->scale;
    case SAL_RESIZE_ALIGN_CORNERS:
        return m->out > 1 && m->length > 1 ? x * (in - 1) / (m->length - 1) : 0;
    case SAL_RESIZE_PYTORCH_HALF_PIXEL:
        return m->out > 1 ? (x + 0.5) / m->scale - 0.5 : 0;
    case SAL_RESIZE_TF_HALF_PIXEL_FOR_NN:
        return (x + 0.5) / m->scale;
    case SAL_RESIZE_HALF_PIXEL_SYMMETRIC:
        return in / 2 * (1 - (double)m->out / m->length) + (x + 0.5) / m->scale - 0.5;
    default:
        return (x + 0.5) / m->scale - 0.5;
    }
}

static int64_t clamp(double place, int64_t size)
{
    return place >= (double)(size - 1) ? size - 1 : place > 0 ? (int64_t)place : 0;
}

static int64_t nearest(int64_t mode, double x, int64_t size)
{
    switch (mode & SAL_RESIZE_ROUNDING) {
    case SAL_RESIZE_FLOOR:
        return clamp(floor(x), size);
    case SAL_RESIZE_CEIL:
        return clamp(ceil(x), size);
    case SAL_RESIZE_ROUND_PREFER_CEIL:
        return clamp(floor(x + 0.5), size);
    default:
        return clamp(ceil(x - 0.5), size);
    }
}

static bool is_linear(const sal_op_attrs *a)
{
    return (a->mode & SAL_RESIZE_KIND) == SAL_RESIZE_LINEAR;
}

static sal_status mode_known(const sal_op_attrs *a, sal_error *err)
{
    int64_t kind = a->mode & SAL_RESIZE_KIND;
    if (kind > SAL_RESIZE_LINEAR)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "only nearest and linear can be done");
    if (a->mode < 0 || (a->mode & SAL_RESIZE_COORDINATES) > SAL_RESIZE_TF_HALF_PIXEL_FOR_NN ||
        (a->mode & SAL_RESIZE_ROUNDING) > SAL_RESIZE_CEIL ||
        a->mode & ~(SAL_RESIZE_KIND | SAL_RESIZE_COORDINATES | SAL_RESIZE_ROUNDING))
        return sal_fail_(err, SAL_E_ARG, "unknown mode %lld", (long long)a->mode);
    return SAL_OK;
}

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)n_in;
    sal_status st = mode_known(a, err);
    if (st != SAL_OK) return st;
    if (!sal_axes_fit_(a, &in[0], err)) return SAL_E_SHAPE;
    st = sal_pick_check_(&in[0], &in[0], err);
    if (st != SAL_OK) return st;
    *out = in[0];
    for (size_t axis = 1; axis < in[0].rank; axis++) {
        size_t k = entry_of(a, axis);
        if (k == a->n_axes) continue;
        axis_map m = map_of(a, &in[0], axis);
        if (!(a->scales[k] >= 0 && a->scales[k] <= INT32_MAX) || m.out < 1 || m.out > INT32_MAX)
            return sal_fail_(err, SAL_E_SHAPE, "axis %zu of %lld: scale %s, size %lld", axis,
                             (long long)m.in, SAL_SHORT(a->scales[k]), (long long)a->ends[k]);
        out->dims[axis] = m.out;
        if (is_linear(a) && axis + 2 < in[0].rank && m.out != m.in)
            return sal_fail_(err, SAL_E_UNSUPPORTED,
                             "linear along axis %zu of rank %zu: only the "
                             "last two axes can be done",
                             axis, in[0].rank);
    }
    return sal_pick_check_(&in[0], out, err);
}

/* ---- nearest: a matter of tables ------------------------------------------------------------- */

static sal_pick pick_of(const sal_op_call *c)
{
    sal_pick p = sal_pick_start_(c);
    for (size_t axis = 1; axis < c->out_shape->rank; axis++) {
        axis_map m = map_of(c->attrs, &c->in_shape[0], axis);
        bool moves = entry_of(c->attrs, axis) < c->attrs->n_axes;
        size_t width = sal_shape_count_from_(&c->in_shape[0], axis + 1);
        int32_t *table = sal_pick_axis_(&p, (size_t)m.out);
        for (int64_t i = 0; i < m.out; i++) {
            double x = coordinate(c->attrs->mode, &m, i);
            int64_t at = moves ? nearest(c->attrs->mode, x, m.in) : i;
            table[i] = (int32_t)((size_t)at * width);
        }
    }
    return p;
}

/* ---- linear: two places per axis and the share of the second --------------------------------- */

typedef struct {
    size_t size;
    int32_t *low, *high;
    float *share;
} taps;

static taps taps_of(const sal_op_call *c, size_t axis, size_t width, float **free)
{
    axis_map m = {1, 1, 1, 1};
    bool moves = axis > 0 && entry_of(c->attrs, axis) < c->attrs->n_axes;
    if (axis > 0) m = map_of(c->attrs, &c->in_shape[0], axis);
    taps t = {.size = (size_t)m.out, .share = *free};
    t.low = (void *)(t.share + t.size);
    t.high = t.low + t.size;
    *free += 3 * t.size;
    for (size_t i = 0; i < t.size; i++) {
        double x = moves ? coordinate(c->attrs->mode, &m, (int64_t)i) : (double)i;
        double below = floor(x);
        t.low[i] = (int32_t)((size_t)clamp(below, m.in) * width);
        t.high[i] = (int32_t)((size_t)clamp(below + 1, m.in) * width);
        t.share[i] = (float)(x - below);
    }
    return t;
}

/* y given: forward; else adds gy's shares to gx */
static void bilinear(const sal_op_call *c, float *y, const float *gy, float *gx)
{
    const sal_shape *in = &c->in_shape[0];
    float *free = c->scratch;
    size_t rank = in->rank, width = (size_t)in->dims[rank - 1];
    taps rows = taps_of(c, rank > 2 ? rank - 2 : 0, width, &free);
    taps columns = taps_of(c, rank - 1, 1, &free);
    size_t plane = width * (rank > 2 ? (size_t)in->dims[rank - 2] : 1);
    for (size_t p = 0, at = 0; at < c->n_out; p++)
        for (size_t r = 0; r < rows.size; r++)
            for (size_t q = 0; q < columns.size; q++, at++) {
                size_t ll = p * plane + (size_t)(rows.low[r] + columns.low[q]);
                size_t lh = p * plane + (size_t)(rows.low[r] + columns.high[q]);
                size_t hl = p * plane + (size_t)(rows.high[r] + columns.low[q]);
                size_t hh = p * plane + (size_t)(rows.high[r] + columns.high[q]);
                float v = rows.share[r], u = columns.share[q];
                if (y) {
                    const float *x = c->in[0];
                    y[at] =
                        (1 - v) * ((1 - u) * x[ll] + u * x[lh]) + v * ((1 - u) * x[hl] + u * x[hh]);
                } else {
                    gx[ll] += (1 - v) * (1 - u) * gy[at];
                    gx[lh] += (1 - v) * u * gy[at];
                    gx[hl] += v * (1 - u) * gy[at];
                    gx[hh] += v * u * gy[at];
                }
            }
}

static size_t scratch(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    return is_linear(a) ? 3 * sal_pick_scratch_(a, in, out) : sal_pick_scratch_(a, in, out);
}

static void forward(const sal_op_call *c, float *y)
{
    if (is_linear(c->attrs)) {
        bilinear(c, y, NULL, NULL);
        return;
    }
    sal_pick p = pick_of(c);
    sal_pick_forward_(&p, c->n, c->in[0], y);
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    if (!gx[0]) return;
    if (is_linear(c->attrs)) {
        bilinear(c, NULL, gy, gx[0]);
        return;
    }
    sal_pick p = pick_of(c);
    sal_pick_backward_(&p, c->n, gy, gx[0]);
}

static const sal_op_sample samples[] = {
    {.name = "nearest, up",
     .attrs = {.n_axes = 2, .axes = {2, 3}, .scales = {2, 3}},
     .n_in = 1,
     .in = {{4, {2, 2, 2, 3}}}},
    {.name = "nearest, to a size, channels too",
     .attrs = {.mode = SAL_RESIZE_ASYMMETRIC | SAL_RESIZE_FLOOR,
               .n_axes = 2,
               .axes = {1, 2},
               .ends = {3, 2}},
     .n_in = 1,
     .in = {{3, {2, 2, 5}}}},
    {.name = "bilinear",
     .attrs = {.mode = SAL_RESIZE_LINEAR, .n_axes = 2, .axes = {2, 3}, .scales = {2, 0.6}},
     .n_in = 1,
     .in = {{4, {2, 2, 3, 5}}}},
    {.name = "linear, corners aligned",
     .attrs = {.mode = SAL_RESIZE_LINEAR | SAL_RESIZE_ALIGN_CORNERS,
               .n_axes = 1,
               .axes = {2},
               .ends = {7}},
     .n_in = 1,
     .in = {{3, {2, 2, 3}}}},
};

const sal_op_def sal_op_resize = {
    .name = "Resize",
    .summary = "axes to another size, nearest or linear",
    .least = 1,
    .most = 1,
    .shape = shape,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
