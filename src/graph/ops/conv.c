/* graph/ops/conv.c - convolution: data [N, C, H, W] or [N, C, L], weight [O, C/groups, kh, kw],
 * bias [O] (may be left out); stride, padding per side, dilation, groups. One product per image and
 * group: its width does not follow the batch. Columns are padded to a multiple of 16, so that every
 * output pixel adds up in one order: equal patches give equal sums, and ties stay ties. */
#include "graph/op.h"
#include "tensor/blas.h"

#include <string.h>

typedef struct {
    sal_window w;
    size_t groups, in_c, out_c; /* channels per group */
    size_t rows, pixels, wide;  /* of the column matrix; wide = pixels padded */
} geometry;

static geometry geometry_of(const sal_op_attrs *a, const sal_shape *in)
{
    geometry g = {.w = sal_window_of_(a, &in[0]), .groups = (size_t)a->groups};
    g.in_c = g.w.channels / g.groups;
    g.out_c = (size_t)in[1].dims[0] / g.groups;
    g.rows = g.in_c * g.w.kernel[0] * g.w.kernel[1];
    g.pixels = g.w.out_h * g.w.out_w;
    g.wide = (g.pixels + 15) / 16 * 16;
    return g;
}

static sal_status check_weight(const sal_op_attrs *a, const sal_shape *in, sal_error *err)
{
    const int64_t *d = in[1].dims, channels = in[0].dims[1], groups = a->groups;
    if (groups < 1 || channels % groups || d[0] % groups)
        return sal_fail_(err, SAL_E_SHAPE, "%lld groups do not divide %lld and %lld channels",
                         (long long)groups, (long long)channels, (long long)d[0]);
    sal_shape want = {4, {d[0], d[1], a->kernel[0], a->kernel[1]}};
    if (in[0].rank == 3) want = (sal_shape){3, {d[0], d[1], a->kernel[1]}};
    if (sal_shape_equal_(&in[1], &want) && d[1] != channels / groups)
        return sal_fail_(err, SAL_E_SHAPE,
                         "weight has %lld input channels, data has %lld%s", (long long)d[1],
                         (long long)(channels / groups), groups > 1 ? " in each group" : "");
    want.dims[1] = channels / groups;
    if (!sal_shape_equal_(&in[1], &want)) {
        char got[SAL_SHAPE_TEXT], wanted[SAL_SHAPE_TEXT];
        return sal_fail_(err, SAL_E_SHAPE, "weight is %s, wanted %s",
                         sal_shape_text_(&in[1], got, sizeof got),
                         sal_shape_text_(&want, wanted, sizeof wanted));
    }
    size_t terms = sal_shape_count_from_(&in[1], 1);
    if (terms > INT32_MAX || d[0] / groups > INT32_MAX) /* BLAS counts in int32 */
        return sal_fail_(err, SAL_E_SHAPE, "a product of [%lld, %zu], wanted at most %d each",
                         (long long)(d[0] / groups), terms, INT32_MAX);
    return SAL_OK;
}

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    sal_window w;
    char text[SAL_SHAPE_TEXT];
    sal_status st = sal_window_make_(a, &in[0], &w, err);
    if (st == SAL_OK) st = check_weight(a, in, err);
    if (st != SAL_OK) return st;
    int64_t filters = in[1].dims[0];
    if (n_in > 2 && (in[2].rank != 1 || in[2].dims[0] != filters))
        return sal_fail_(err, SAL_E_SHAPE, "bias is %s, wanted [%lld]",
                         sal_shape_text_(&in[2], text, sizeof text), (long long)filters);
    sal_window_shape_(&w, &in[0], (size_t)filters, out);
    return SAL_OK;
}

static size_t scratch(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    (void)out;
    geometry g = geometry_of(a, in);
    return (g.rows + g.out_c) * g.wide;
}

/* The columns [from, to) of an output row whose tap lies inside of the data. */
static void inside(const geometry *g, size_t shift, size_t *from, size_t *to)
{
    const sal_window *w = &g->w;
    size_t s = w->stride[1];
    *from = shift < w->left ? (w->left - shift + s - 1) / s : 0;
    *to = w->in_w + w->left > shift ? (w->in_w + w->left - shift - 1) / s + 1 : 0;
    if (*to > w->out_w) *to = w->out_w;
    if (*from > *to) *from = *to;
}

SAL_CLONES static void to_columns(const geometry *g, const float *x, float *columns)
{
    const sal_window *w = &g->w;
    for (size_t c = 0; c < g->in_c; c++, x += w->in_h * w->in_w)
        for (size_t kr = 0; kr < w->kernel[0]; kr++)
            for (size_t kc = 0; kc < w->kernel[1]; kc++, columns += g->wide) {
                size_t shift = kc * w->dilation[1], from, to;
                inside(g, shift, &from, &to);
                for (size_t r = 0; r < w->out_h; r++) {
                    float *line = columns + r * w->out_w;
                    size_t row = r * w->stride[0] + kr * w->dilation[0];
                    if (row < w->top || row - w->top >= w->in_h) {
                        memset(line, 0, w->out_w * sizeof *line);
                        continue;
                    }
                    const float *data = x + (row - w->top) * w->in_w;
                    memset(line, 0, from * sizeof *line);
                    if (w->stride[1] == 1 && to > from)
                        memcpy(line + from, data + from + shift - w->left,
                               (to - from) * sizeof *line);
                    else
                        for (size_t i = from; i < to; i++)
                            line[i] = data[i * w->stride[1] + shift - w->left];
                    memset(line + to, 0, (w->out_w - to) * sizeof *line);
                }
                memset(columns + g->pixels, 0, (g->wide - g->pixels) * sizeof *columns);
            }
}

SAL_CLONES static void add_columns(const geometry *g, const float *columns, float *x)
{
    const sal_window *w = &g->w;
    for (size_t c = 0; c < g->in_c; c++, x += w->in_h * w->in_w)
        for (size_t kr = 0; kr < w->kernel[0]; kr++)
            for (size_t kc = 0; kc < w->kernel[1]; kc++, columns += g->wide) {
                size_t shift = kc * w->dilation[1], from, to, s = w->stride[1];
                inside(g, shift, &from, &to);
                for (size_t r = 0; r < w->out_h; r++) {
                    size_t row = r * w->stride[0] + kr * w->dilation[0];
                    if (row < w->top || row - w->top >= w->in_h || to <= from) continue;
                    float *data = x + (row - w->top) * w->in_w + (from * s + shift - w->left);
                    const float *line = columns + r * w->out_w + from;
                    for (size_t i = 0; i < to - from; i++) data[i * s] += line[i];
                }
            }
}

static void forward(const sal_op_call *c, float *y)
{
    geometry g = geometry_of(c->attrs, c->in_shape);
    float *columns = c->scratch, *result = columns + g.rows * g.wide;
    size_t plane = g.w.in_h * g.w.in_w;
    for (size_t i = 0; i < c->n * g.groups; i++) {
        size_t group = i % g.groups;
        to_columns(&g, c->in[0] + i * g.in_c * plane, columns);
        sal_gemm_(false, false, g.out_c, g.wide, g.rows, c->in[1] + group * g.out_c * g.rows,
                  g.rows, columns, g.wide, 0.0f, result, g.wide);
        for (size_t o = 0; o < g.out_c; o++) {
            float bias = c->n_in > 2 ? c->in[2][group * g.out_c + o] : 0.0f;
            float *to = y + (i * g.out_c + o) * g.pixels;
            const float *from = result + o * g.wide;
            for (size_t p = 0; p < g.pixels; p++) to[p] = from[p] + bias;
        }
    }
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    geometry g = geometry_of(c->attrs, c->in_shape);
    float *columns = c->scratch, *padded = columns + g.rows * g.wide;
    size_t plane = g.w.in_h * g.w.in_w;
    for (size_t i = 0; i < c->n * g.groups; i++) {
        size_t group = i % g.groups, at = group * g.out_c * g.rows;
        const float *from = gy + i * g.out_c * g.pixels;
        if (gx[1]) {
            to_columns(&g, c->in[0] + i * g.in_c * plane, columns);
            sal_gemm_(false, true, g.out_c, g.rows, g.pixels, from, g.pixels, columns, g.wide, 1.0f,
                      gx[1] + at, g.rows);
        }
        for (size_t o = 0; c->n_in > 2 && gx[2] && o < g.out_c; o++) {
            float sum = 0.0f;
            for (size_t p = 0; p < g.pixels; p++) sum += from[o * g.pixels + p];
            gx[2][group * g.out_c + o] += sum;
        }
        if (!gx[0]) continue;
        for (size_t o = 0; o < g.out_c && g.wide > g.pixels; o++) {
            memcpy(padded + o * g.wide, from + o * g.pixels, g.pixels * sizeof *padded);
            memset(padded + o * g.wide + g.pixels, 0, (g.wide - g.pixels) * sizeof *padded);
        }
        sal_gemm_(true, false, g.rows, g.wide, g.out_c, c->in[1] + at, g.rows,
                  g.wide > g.pixels ? padded : from, g.wide, 0.0f, columns, g.wide);
        add_columns(&g, columns, gx[0] + i * g.in_c * plane);
    }
}

static const sal_op_sample samples[] = {
    {.name = "5x5, same",
     .attrs = {.kernel = {5, 5}, .pad = {2, 2, 2, 2}},
     .n_in = 3,
     .in = {{4, {2, 2, 6, 7}}, {4, {3, 2, 5, 5}}, {1, {3}}}},
    {.name = "stride 2, uneven padding",
     .attrs = {.kernel = {3, 2}, .stride = {2, 3}, .pad = {0, 1, 2, 3}},
     .n_in = 2,
     .in = {{4, {2, 3, 7, 8}}, {4, {2, 3, 3, 2}}}},
    {.name = "dilation",
     .attrs = {.kernel = {3, 3}, .dilation = {2, 3}, .pad = {1, 3, 1, 3}},
     .n_in = 3,
     .in = {{4, {1, 1, 8, 9}}, {4, {2, 1, 3, 3}}, {1, {2}}}},
    {.name = "groups",
     .attrs = {.kernel = {3, 3}, .pad = {1, 1, 1, 1}, .groups = 2},
     .n_in = 3,
     .in = {{4, {2, 4, 5, 5}}, {4, {6, 2, 3, 3}}, {1, {6}}}},
    {.name = "line",
     .attrs = {.kernel = {1, 3}},
     .n_in = 3,
     .in = {{3, {2, 2, 9}}, {3, {3, 2, 3}}, {1, {3}}}},
    {.name = "padding wider than the data",
     .attrs = {.kernel = {1, 2}, .stride = {1, 2}, .pad = {0, 4, 0, 5}},
     .n_in = 2,
     .in = {{3, {1, 1, 2}}, {3, {1, 1, 2}}}},
};

const sal_op_def sal_op_conv = {
    .name = "Conv",
    .summary = "convolution, 1-D and 2-D, groups",
    .least = 2,
    .most = 3,
    .params = 6,
    .backward_reads_in = true,
    .shape = shape,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
