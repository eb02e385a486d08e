/* graph/broadcast.c - walks the output row by row. Axes that all inputs walk alike are joined, so a
 * row is as long as it can be; an input that is constant along it is written into a block of
 * scratch, so that kernels see contiguous numbers only. Sums over a row are made in double, in an
 * order that depends on the row's length alone, and rows of an activation lie within one image. */
#include "graph/broadcast.h"

#include <string.h>

typedef struct walk {
    size_t n_in, rank; /* joined axes, the innermost first; at least one */
    size_t dims[SAL_MAX_RANK];
    size_t index[SAL_MAX_RANK]; /* of the row, but for axis 0 */
    size_t stride[SAL_BROADCAST_MOST][SAL_MAX_RANK];
    size_t at[SAL_BROADCAST_MOST]; /* where the row starts */
} walk;

static bool is_fixed(const sal_op_attrs *a, size_t k)
{
    return a->fixed_ >> k & 1;
}

/* ---- shapes --------------------------------------------------------------------------------- */

static sal_status misfit(const sal_shape *in, size_t k, const char *why, const sal_shape *like,
                         sal_error *err)
{
    char one[SAL_SHAPE_TEXT], other[SAL_SHAPE_TEXT];
    return sal_fail_(err, SAL_E_SHAPE, "input %zu is %s, %s %s", k,
                     sal_shape_text_(&in[k], one, sizeof one), why,
                     sal_shape_text_(like, other, sizeof other));
}

static sal_status widen(const sal_op_attrs *a, const sal_shape *in, size_t k, sal_shape *out,
                        sal_error *err)
{
    const sal_shape *s = &in[k];
    if (!is_fixed(a, k) && s->rank != out->rank)
        return misfit(in, k, "another has not its rank (N included):", out, err);
    if (s->rank > out->rank || (is_fixed(a, k) && s->rank == out->rank && s->dims[0] != 1))
        return misfit(in, k, "a parameter that would reach the N of", out, err);
    size_t missing = out->rank - s->rank;
    for (size_t i = missing ? 0 : 1; i < s->rank; i++) {
        int64_t *d = &out->dims[missing + i];
        if (*d == 1) *d = s->dims[i];
        if (s->dims[i] != 1 && s->dims[i] != *d)
            return misfit(in, k, "which does not broadcast with", out, err);
    }
    return SAL_OK;
}

sal_status sal_broadcast_shape_(const sal_op_attrs *a, size_t n_in, const sal_shape *in,
                                sal_shape *out, sal_error *err)
{
    size_t first = 0;
    while (first < n_in && is_fixed(a, first)) first++;
    if (first == n_in)
        return sal_fail_(err, SAL_E_SHAPE, "all inputs are parameters, one must be an activation");
    sal_shape wide = in[first];
    for (size_t k = 0; k < n_in; k++) {
        sal_status st = widen(a, in, k, &wide, err);
        if (st != SAL_OK) return st;
    }
    return sal_shape_make_(wide.rank, wide.dims, out, NULL, err);
}

size_t sal_broadcast_scratch_two_(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    (void)out;
    return !a->fixed_ && sal_shape_equal_(&in[0], &in[1]) ? 0 : 3 * SAL_BROADCAST_BLOCK;
}

size_t sal_broadcast_scratch_(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    (void)a;
    (void)in;
    (void)out;
    return (SAL_BROADCAST_MOST + 1) * SAL_BROADCAST_BLOCK;
}

/* ---- the walk ------------------------------------------------------------------------------- */

/* Puts one more axis outside of those that are there, or joins it with the last. */
static void add_axis(walk *w, size_t extent, const size_t *stride)
{
    if (extent == 1) return;
    size_t last = w->rank - 1;
    bool joins = w->rank > 0;
    for (size_t k = 0; joins && k < w->n_in; k++)
        joins = stride[k] == w->stride[k][last] * w->dims[last];
    if (joins) {
        w->dims[last] *= extent;
        return;
    }
    w->dims[w->rank] = extent;
    for (size_t k = 0; k < w->n_in; k++) w->stride[k][w->rank] = stride[k];
    w->rank++;
}

static void walk_start(walk *w, const sal_op_call *c)
{
    size_t whole[SAL_BROADCAST_MOST], stride[SAL_BROADCAST_MOST], rank = c->out_shape->rank;
    w->n_in = c->n_in;
    w->rank = 0;
    for (size_t k = 0; k < c->n_in; k++) whole[k] = 1; /* elements to the right of the axis */
    for (size_t axis = rank; axis-- > 0;) {
        for (size_t k = 0; k < c->n_in; k++) {
            const sal_shape *s = &c->in_shape[k];
            size_t missing = rank - s->rank;
            size_t dim = axis < missing ? 1 : (size_t)s->dims[axis - missing];
            bool repeated = axis ? dim == 1 : is_fixed(c->attrs, k);
            stride[k] = repeated ? 0 : whole[k];
            whole[k] *= dim;
        }
        add_axis(w, axis ? (size_t)c->out_shape->dims[axis] : c->n, stride);
    }
    if (!w->rank) { /* one number */
        w->rank = 1;
        w->dims[0] = 1;
        for (size_t k = 0; k < c->n_in; k++) w->stride[k][0] = 1;
    }
    memset(w->index, 0, w->rank * sizeof w->index[0]);
    memset(w->at, 0, c->n_in * sizeof w->at[0]);
}

/* To the next row; false behind the last. */
static bool walk_on(walk *w)
{
    for (size_t axis = 1; axis < w->rank; axis++) {
        for (size_t k = 0; k < w->n_in; k++) w->at[k] += w->stride[k][axis];
        if (++w->index[axis] < w->dims[axis]) return true;
        for (size_t k = 0; k < w->n_in; k++) w->at[k] -= w->stride[k][axis] * w->dims[axis];
        w->index[axis] = 0;
    }
    return false;
}

/* How many elements kernels take at once: whole rows when no input is constant along them. */
static size_t block_of(const walk *w)
{
    for (size_t k = 0; k < w->n_in; k++)
        if (!w->stride[k][0] && w->dims[0] > SAL_BROADCAST_BLOCK) return SAL_BROADCAST_BLOCK;
    return w->dims[0];
}

static void open_row(const walk *w, const sal_op_call *c, size_t block, const float **in)
{
    for (size_t k = 0; k < w->n_in; k++) {
        in[k] = c->in[k] + w->at[k];
        if (w->stride[k][0]) continue;
        float *constant = c->scratch + k * SAL_BROADCAST_BLOCK, v = in[k][0];
        for (size_t i = 0; i < block; i++) constant[i] = v;
        in[k] = constant;
    }
}

static void advance(const walk *w, size_t n, const float **in)
{
    for (size_t k = 0; k < w->n_in; k++) in[k] += w->stride[k][0] * n;
}

void sal_broadcast_forward_(const sal_op_call *c, sal_value_fn value, float *y)
{
    walk w;
    walk_start(&w, c);
    size_t row = w.dims[0], block = block_of(&w);
    const float *in[SAL_BROADCAST_MOST];
    do {
        open_row(&w, c, block, in);
        for (size_t from = 0, n; from < row; from += n) {
            n = row - from < block ? row - from : block;
            value(c, n, in, y + from);
            advance(&w, n, in);
        }
        y += row;
    } while (walk_on(&w));
}

static double total(size_t n, const float *x)
{
    double lane[4] = {0, 0, 0, 0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t l = 0; l < 4; l++) lane[l] += (double)x[i + l];
    for (; i < n; i++) lane[0] += (double)x[i];
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

/* The gradient of input k, which is constant along the row, from the whole row. */
static double row_sum(const walk *w, const sal_op_call *c, sal_slope_fn slope, size_t k,
                      size_t block, const float **in, const float *gy)
{
    float *part = c->scratch + c->n_in * SAL_BROADCAST_BLOCK;
    double sum = 0;
    for (size_t from = 0, n; from < w->dims[0]; from += n) {
        n = w->dims[0] - from < block ? w->dims[0] - from : block;
        memset(part, 0, n * sizeof *part);
        slope(c, k, n, in, gy + from, part);
        sum += total(n, part);
        advance(w, n, in);
    }
    return sum;
}

void sal_broadcast_backward_(const sal_op_call *c, sal_slope_fn slope, const float *gy,
                             float *const *gx)
{
    walk w;
    const float *in[SAL_BROADCAST_MOST];
    for (size_t k = 0; k < c->n_in; k++) {
        if (!gx[k]) continue;
        walk_start(&w, c);
        size_t row = w.dims[0], block = block_of(&w);
        const float *of_row = gy;
        do {
            float *g = gx[k] + w.at[k];
            open_row(&w, c, block, in);
            if (!w.stride[k][0]) *g += (float)row_sum(&w, c, slope, k, block, in, of_row);
            for (size_t from = 0, n; w.stride[k][0] && from < row; from += n) {
                n = row - from < block ? row - from : block;
                slope(c, k, n, in, of_row + from, g + from);
                advance(&w, n, in);
            }
            of_row += row;
        } while (walk_on(&w));
    }
}
