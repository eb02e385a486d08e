/* graph/ops/conv_transpose.c - the transpose of a convolution: data [N, C, H, W] or [N, C, L],
 * weight [C, O/groups, kh, kw], bias [O] (may be left out); stride, padding per side (cut off),
 * dilation, groups, attrs.ends[0], ends[1] = rows, columns added at the end. It is a convolution's
 * gradient, so its window goes over the output. One product per image and group, padded as in
 * conv.c. */
#include "graph/columns.h"
#include "graph/pick.h"
#include "tensor/blas.h"

#include <string.h>

typedef struct {
    sal_columns m;
    size_t groups, in_c; /* channels of the data per group */
    size_t plane;        /* of the output */
} geometry;

/* Size of an output axis; before it is known to be positive. */
static int64_t extent(const sal_op_attrs *a, int axis, int64_t in)
{
    return (in - 1) * a->stride[axis] + (a->kernel[axis] - 1) * a->dilation[axis] + 1 +
           a->ends[axis] - a->pad[axis] - a->pad[axis + 2];
}

static geometry geometry_of(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    geometry g = {.groups = (size_t)a->groups};
    sal_window w = sal_window_of_(a, out);
    w.out_h = in[0].rank == 3 ? 1 : (size_t)in[0].dims[2];
    w.out_w = (size_t)in[0].dims[in[0].rank - 1];
    g.m = sal_columns_of_(&w, w.channels / g.groups);
    g.in_c = (size_t)in[0].dims[1] / g.groups;
    g.plane = w.in_h * w.in_w;
    return g;
}

static sal_status weights_fit(const sal_op_attrs *a, size_t n_in, const sal_shape *in,
                              sal_error *err)
{
    const int64_t *d = in[1].dims, groups = a->groups;
    if (in[1].rank != in[0].rank || d[in[1].rank - 1] != a->kernel[1] ||
        (in[1].rank == 4 && d[2] != a->kernel[0]))
        return sal_fail_(err, SAL_E_SHAPE, "weight does not have the kernel %lldx%lld",
                         (long long)a->kernel[0], (long long)a->kernel[1]);
    if (d[0] != in[0].dims[1])
        return sal_fail_(err, SAL_E_SHAPE, "weight has %lld input channels, data has %lld",
                         (long long)d[0], (long long)in[0].dims[1]);
    if (groups < 1 || d[0] % groups || d[1] > INT32_MAX || groups > INT32_MAX)
        return sal_fail_(err, SAL_E_SHAPE, "%lld groups do not divide %lld channels",
                         (long long)groups, (long long)d[0]);
    if (n_in > 2 && (in[2].rank != 1 || in[2].dims[0] != d[1] * groups))
        return sal_fail_(err, SAL_E_SHAPE, "bias has %lld elements, weight has %lld outputs",
                         (long long)in[2].dims[0], (long long)(d[1] * groups));
    return SAL_OK;
}

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    sal_status st = sal_window_check_(a, &in[0], err);
    if (st == SAL_OK) st = weights_fit(a, n_in, in, err);
    if (st == SAL_OK) st = sal_pick_check_(&in[0], &in[0], err);
    if (st != SAL_OK) return st;
    for (int i = 0; i < 2; i++)
        if (a->ends[i] < 0 || a->ends[i] > INT32_MAX || (i == 0 && in[0].rank == 3 && a->ends[i]))
            return sal_fail_(err, SAL_E_SHAPE, "output padding out of range");
    *out = in[0];
    out->dims[1] = in[1].dims[1] * a->groups;
    for (size_t i = 2; i < in[0].rank; i++) {
        int axis = (int)(i + 2 - in[0].rank);
        out->dims[i] = extent(a, axis, in[0].dims[i]);
        if (out->dims[i] < 1)
            return sal_fail_(err, SAL_E_SHAPE, "the padding cuts off all of axis %zu", i);
    }
    return sal_pick_check_(&in[0], out, err);
}

static size_t scratch(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    geometry g = geometry_of(a, in, out);
    return (g.m.rows + g.in_c) * g.m.wide;
}

static void forward(const sal_op_call *c, float *y)
{
    geometry g = geometry_of(c->attrs, c->in_shape, c->out_shape);
    size_t rows = g.m.rows, wide = g.m.wide, pixels = g.m.pixels, out_c = g.m.channels;
    float *columns = c->scratch, *padded = columns + rows * wide;
    for (size_t i = 0; i < c->n * g.groups; i++) {
        size_t group = i % g.groups;
        const float *x = c->in[0] + i * g.in_c * pixels;
        float *to = y + i * out_c * g.plane;
        for (size_t k = 0; k < g.in_c; k++) {
            memcpy(padded + k * wide, x + k * pixels, pixels * sizeof *x);
            memset(padded + k * wide + pixels, 0, (wide - pixels) * sizeof *x);
        }
        sal_gemm_(true, false, rows, wide, g.in_c, c->in[1] + group * g.in_c * rows, rows, padded,
                  wide, 0.0f, columns, wide);
        for (size_t p = 0; p < out_c * g.plane; p++)
            to[p] = c->n_in > 2 ? c->in[2][group * out_c + p / g.plane] : 0.0f;
        sal_columns_add_(&g.m, columns, to);
    }
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    geometry g = geometry_of(c->attrs, c->in_shape, c->out_shape);
    size_t rows = g.m.rows, wide = g.m.wide, pixels = g.m.pixels, out_c = g.m.channels;
    float *columns = c->scratch, *result = columns + rows * wide;
    for (size_t i = 0; i < c->n * g.groups; i++) {
        size_t group = i % g.groups, at = group * g.in_c * rows;
        const float *from = gy + i * out_c * g.plane;
        for (size_t o = 0; c->n_in > 2 && gx[2] && o < out_c; o++) {
            double sum = 0;
            for (size_t p = 0; p < g.plane; p++) sum += (double)from[o * g.plane + p];
            gx[2][group * out_c + o] += (float)sum;
        }
        if (!gx[0] && !gx[1]) continue;
        sal_columns_take_(&g.m, from, columns);
        if (gx[1])
            sal_gemm_(false, true, g.in_c, rows, pixels, c->in[0] + i * g.in_c * pixels, pixels,
                      columns, wide, 1.0f, gx[1] + at, rows);
        if (!gx[0]) continue;
        sal_gemm_(false, false, g.in_c, wide, rows, c->in[1] + at, rows, columns, wide, 0.0f,
                  result, wide);
        for (size_t k = 0; k < g.in_c; k++)
            for (size_t p = 0; p < pixels; p++)
                gx[0][(i * g.in_c + k) * pixels + p] += result[k * wide + p];
    }
}

static const sal_op_sample samples[] = {
    {.name = "stride 2, uneven padding",
     .attrs = {.kernel = {3, 2}, .stride = {2, 3}, .pad = {0, 1, 2, 0}},
     .n_in = 3,
     .in = {{4, {2, 2, 3, 4}}, {4, {2, 3, 3, 2}}, {1, {3}}}},
    {.name = "groups, dilation, output padding",
     .attrs = {.kernel = {2, 3}, .stride = {2, 2}, .dilation = {2, 1}, .ends = {1, 1}, .groups = 2},
     .n_in = 2,
     .in = {{4, {2, 4, 3, 2}}, {4, {4, 2, 2, 3}}}},
    {.name = "line",
     .attrs = {.kernel = {1, 3}, .stride = {1, 2}, .pad = {0, 1, 0, 1}},
     .n_in = 3,
     .in = {{3, {2, 2, 5}}, {3, {2, 2, 3}}, {1, {2}}}},
};

const sal_op_def sal_op_conv_transpose = {
    .name = "ConvTranspose",
    .summary = "transposed convolution, 1-D and 2-D, groups",
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
