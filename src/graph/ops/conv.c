/* graph/ops/conv.c - convolution: data [N, C, H, W] or [N, C, L], weight [O, C/groups, kh, kw],
 * bias [O] (may be left out); stride, padding per side, dilation, groups. One product per image and
 * group: its width does not follow the batch. Columns are padded to a multiple of 16, so that every
 * output pixel adds up in one order: equal patches give equal sums, and ties stay ties. */
#include "graph/columns.h"
#include "graph/ops/conv_depthwise.h"
#include "tensor/blas.h"

#include <string.h>

typedef struct {
    sal_columns m;
    size_t groups, out_c; /* output channels per group */
    bool direct;          /* 1 x 1: the data are their own columns */
    bool depthwise;       /* every channel has kernels of its own */
} geometry;

static geometry geometry_of(const sal_op_attrs *a, const sal_shape *in)
{
    geometry g = {.groups = (size_t)a->groups};
    sal_window w = sal_window_of_(a, &in[0]);
    g.m = sal_columns_of_(&w, w.channels / g.groups);
    g.out_c = (size_t)in[1].dims[0] / g.groups;
    g.depthwise = g.groups > 1 && g.m.channels == 1;
    g.direct = w.kernel[0] == 1 && w.kernel[1] == 1 && !w.top && !w.left &&
               g.m.pixels == w.in_h * w.in_w && g.m.wide == g.m.pixels;
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
        return sal_fail_(err, SAL_E_SHAPE, "weight has %lld input channels, data has %lld%s",
                         (long long)d[1], (long long)(channels / groups),
                         groups > 1 ? " in each group" : "");
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
    return (g.m.rows + g.out_c) * g.m.wide;
}

static void depthwise_forward(const sal_op_call *c, const geometry *g, float *y)
{
    size_t plane = g->m.w.in_h * g->m.w.in_w, outs = g->groups * g->out_c;
    for (size_t i = 0; i < c->n * outs; i++) {
        size_t o = i % outs, channel = i / outs * g->groups + o / g->out_c;
        sal_depthwise_forward_(&g->m.w, c->in[1] + o * g->m.rows, c->n_in > 2 ? c->in[2][o] : 0.0f,
                               c->in[0] + channel * plane, y + i * g->m.pixels);
    }
}

static void depthwise_backward(const sal_op_call *c, const geometry *g, const float *gy, float *gx)
{
    size_t plane = g->m.w.in_h * g->m.w.in_w, outs = g->groups * g->out_c;
    for (size_t i = 0; i < c->n * outs; i++) {
        size_t o = i % outs, channel = i / outs * g->groups + o / g->out_c;
        sal_depthwise_backward_(&g->m.w, c->in[1] + o * g->m.rows, gy + i * g->m.pixels,
                                gx + channel * plane);
    }
}

static void forward(const sal_op_call *c, float *y)
{
    geometry g = geometry_of(c->attrs, c->in_shape);
    float *columns = c->scratch, *result = columns + g.m.rows * g.m.wide;
    size_t plane = g.m.w.in_h * g.m.w.in_w;
    if (g.depthwise) {
        depthwise_forward(c, &g, y);
        return;
    }
    for (size_t i = 0; i < c->n * g.groups; i++) {
        size_t group = i % g.groups;
        const float *x = c->in[0] + i * g.m.channels * plane;
        if (!g.direct) sal_columns_take_(&g.m, x, columns);
        sal_gemm_(false, false, g.out_c, g.m.wide, g.m.rows, c->in[1] + group * g.out_c * g.m.rows,
                  g.m.rows, g.direct ? x : columns, g.m.wide, 0.0f, result, g.m.wide);
        for (size_t o = 0; o < g.out_c; o++) {
            float bias = c->n_in > 2 ? c->in[2][group * g.out_c + o] : 0.0f;
            float *to = y + (i * g.out_c + o) * g.m.pixels;
            const float *from = result + o * g.m.wide;
            for (size_t p = 0; p < g.m.pixels; p++) to[p] = from[p] + bias;
        }
    }
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    geometry g = geometry_of(c->attrs, c->in_shape);
    float *columns = c->scratch, *padded = columns + g.m.rows * g.m.wide;
    size_t plane = g.m.w.in_h * g.m.w.in_w;
    for (size_t i = 0; i < c->n * g.groups; i++) {
        size_t group = i % g.groups, at = group * g.out_c * g.m.rows;
        const float *from = gy + i * g.out_c * g.m.pixels;
        if (gx[1]) {
            sal_columns_take_(&g.m, c->in[0] + i * g.m.channels * plane, columns);
            sal_gemm_(false, true, g.out_c, g.m.rows, g.m.pixels, from, g.m.pixels, columns,
                      g.m.wide, 1.0f, gx[1] + at, g.m.rows);
        }
        for (size_t o = 0; c->n_in > 2 && gx[2] && o < g.out_c; o++) {
            float sum = 0.0f;
            for (size_t p = 0; p < g.m.pixels; p++) sum += from[o * g.m.pixels + p];
            gx[2][group * g.out_c + o] += sum;
        }
        if (!gx[0] || g.depthwise) continue;
        float *to = gx[0] + i * g.m.channels * plane;
        if (g.direct) {
            sal_gemm_(true, false, g.m.rows, g.m.wide, g.out_c, c->in[1] + at, g.m.rows, from,
                      g.m.wide, 1.0f, to, g.m.wide);
            continue;
        }
        for (size_t o = 0; o < g.out_c && g.m.wide > g.m.pixels; o++) {
            memcpy(padded + o * g.m.wide, from + o * g.m.pixels, g.m.pixels * sizeof *padded);
            memset(padded + o * g.m.wide + g.m.pixels, 0, (g.m.wide - g.m.pixels) * sizeof *padded);
        }
        sal_gemm_(true, false, g.m.rows, g.m.wide, g.out_c, c->in[1] + at, g.m.rows,
                  g.m.wide > g.m.pixels ? padded : from, g.m.wide, 0.0f, columns, g.m.wide);
        sal_columns_add_(&g.m, columns, to);
    }
    if (gx[0] && g.depthwise) depthwise_backward(c, &g, gy, gx[0]);
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
    {.name = "depthwise, two kernels a channel",
     .attrs = {.kernel = {3, 3}, .stride = {2, 1}, .pad = {1, 1, 0, 1}, .groups = 3},
     .n_in = 3,
     .in = {{4, {2, 3, 6, 5}}, {4, {6, 1, 3, 3}}, {1, {6}}}},
    {.name = "1x1",
     .attrs = {.kernel = {1, 1}},
     .n_in = 3,
     .in = {{4, {2, 3, 4, 4}}, {4, {5, 3, 1, 1}}, {1, {5}}}},
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
