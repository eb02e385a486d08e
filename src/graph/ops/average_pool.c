/* graph/ops/average_pool.c - mean of each window; places in the padding do not count, unless
 * attrs.count_padding is set. Places beyond the padding, where a window of ceil_mode hangs over the
 * end, never count. */
#include "graph/op.h"

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)n_in;
    sal_window w;
    sal_status st = sal_window_make_(a, &in[0], &w, err);
    if (st == SAL_OK && !a->count_padding) st = sal_window_sees_data_(&w, err);
    if (st == SAL_OK) sal_window_shape_(&w, &in[0], w.channels, out);
    return st;
}

/* What the taps of a window range over when padding counts: all of it is data. */
static sal_window padding_as_data(const sal_window *w)
{
    sal_window all = *w;
    all.in_h += w->top + w->bottom;
    all.in_w += w->left + w->right;
    all.top = all.left = 0;
    return all;
}

/* forward: y from x; backward (gy given): adds into gx */
static void pool_plane(const sal_window *w, bool whole, const float *x, float *y, const float *gy,
                       float *gx)
{
    sal_window counted = whole ? padding_as_data(w) : *w;
    for (size_t r = 0; r < w->out_h; r++)
        for (size_t q = 0; q < w->out_w; q++) {
            size_t r0, r1, q0, q1, place = r * w->out_w + q;
            sal_window_taps_(&counted, 0, r, &r0, &r1);
            sal_window_taps_(&counted, 1, q, &q0, &q1);
            float scale = 1.0f / (float)((r1 - r0) * (q1 - q0)), sum = 0.0f;
            sal_window_taps_(w, 0, r, &r0, &r1);
            sal_window_taps_(w, 1, q, &q0, &q1);
            for (size_t i = r0; i < r1; i++)
                for (size_t j = q0; j < q1; j++) {
                    size_t row = r * w->stride[0] + i * w->dilation[0] - w->top;
                    size_t column = q * w->stride[1] + j * w->dilation[1] - w->left;
                    if (gx) gx[row * w->in_w + column] += gy[place] * scale;
                    if (x) sum += x[row * w->in_w + column];
                }
            if (y) y[place] = sum * scale;
        }
}

static void forward(const sal_op_call *c, float *y)
{
    sal_window w = sal_window_of_(c->attrs, &c->in_shape[0]);
    size_t from = w.in_h * w.in_w, to = w.out_h * w.out_w;
    for (size_t i = 0; i < c->n * w.channels; i++)
        pool_plane(&w, c->attrs->count_padding, c->in[0] + i * from, y + i * to, NULL, NULL);
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    sal_window w = sal_window_of_(c->attrs, &c->in_shape[0]);
    size_t from = w.in_h * w.in_w, to = w.out_h * w.out_w;
    for (size_t i = 0; gx[0] && i < c->n * w.channels; i++)
        pool_plane(&w, c->attrs->count_padding, NULL, NULL, gy + i * to, gx[0] + i * from);
}

static const sal_op_sample samples[] = {
    {.name = "2x2",
     .attrs = {.kernel = {2, 2}, .stride = {2, 2}},
     .n_in = 1,
     .in = {{4, {2, 2, 4, 6}}}},
    {.name = "3x3, padding not counted",
     .attrs = {.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1, 1, 1}},
     .n_in = 1,
     .in = {{4, {1, 2, 5, 5}}}},
    {.name = "padding counted",
     .attrs = {.kernel = {3, 2}, .pad = {1, 1, 1, 0}, .count_padding = true},
     .n_in = 1,
     .in = {{4, {1, 1, 4, 4}}}},
    {.name = "hanging over the end",
     .attrs = {.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 0, 1, 0}, .ceil_mode = true},
     .n_in = 1,
     .in = {{4, {1, 1, 5, 6}}}},
    {.name = "hanging over the end, padding counted",
     .attrs = {.kernel = {2, 3},
               .stride = {2, 2},
               .pad = {0, 1, 1, 1},
               .ceil_mode = true,
               .count_padding = true},
     .n_in = 1,
     .in = {{4, {1, 1, 4, 4}}}},
};

const sal_op_def sal_op_average_pool = {
    .name = "AveragePool",
    .summary = "mean of each window",
    .least = 1,
    .most = 1,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
