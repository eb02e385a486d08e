/* graph/ops/max_pool.c - the largest value of each window; the gradient goes to the first largest
 * in row-major order; padding never wins. Winners are kept from forward to backward. */
#include "graph/op.h"

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)n_in;
    sal_window w;
    sal_status st = sal_window_make_(a, &in[0], &w, err);
    if (st == SAL_OK) st = sal_window_sees_data_(&w, err);
    if (st == SAL_OK) sal_window_shape_(&w, &in[0], w.channels, out);
    return st;
}

static size_t keep(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    (void)a;
    (void)in;
    return sal_shape_count_from_(out, 1);
}

static void pool_plane(const sal_window *w, const float *x, float *y, int32_t *winner)
{
    for (size_t r = 0; r < w->out_h; r++)
        for (size_t q = 0; q < w->out_w; q++) {
            float best = 0.0f;
            int32_t at = -1;
            for (size_t kr = 0; kr < w->kernel[0]; kr++) {
                size_t row = r * w->stride[0] + kr * w->dilation[0];
                if (row < w->top || row - w->top >= w->in_h) continue;
                for (size_t kc = 0; kc < w->kernel[1]; kc++) {
                    size_t column = q * w->stride[1] + kc * w->dilation[1];
                    if (column < w->left || column - w->left >= w->in_w) continue;
                    size_t i = (row - w->top) * w->in_w + column - w->left;
                    if (at >= 0 && !(x[i] > best)) continue;
                    best = x[i];
                    at = (int32_t)i;
                }
            }
            *y++ = best;
            *winner++ = at;
        }
}

/* Windows of 2 x 2, as far apart, nothing padded: without a branch, for the compiler to vectorise. */
SAL_CLONES static void pool_quarters(const sal_window *w, const float *restrict x,
                                     float *restrict y, int32_t *restrict winner)
{
    for (size_t r = 0; r < w->out_h; r++)
        for (size_t q = 0; q < w->out_w; q++) {
            int32_t at = (int32_t)(2 * r * w->in_w + 2 * q), below = at + (int32_t)w->in_w;
            float a = x[at], b = x[at + 1], c = x[below], d = x[below + 1];
            float upper = b > a ? b : a, lower = d > c ? d : c;
            int32_t in_upper = at + (b > a), in_lower = below + (d > c);
            y[r * w->out_w + q] = lower > upper ? lower : upper;
            winner[r * w->out_w + q] = lower > upper ? in_lower : in_upper;
        }
}

static bool is_quarters(const sal_op_attrs *a)
{
    return a->kernel[0] == 2 && a->kernel[1] == 2 && a->stride[0] == 2 && a->stride[1] == 2 &&
           a->dilation[0] == 1 && a->dilation[1] == 1 && !a->pad[0] && !a->pad[1] && !a->pad[2] &&
           !a->pad[3] && !a->ceil_mode;
}

static void forward(const sal_op_call *c, float *y)
{
    sal_window w = sal_window_of_(c->attrs, &c->in_shape[0]);
    int32_t *winner = c->keep;
    bool quarters = is_quarters(c->attrs);
    size_t from = w.in_h * w.in_w, to = w.out_h * w.out_w;
    for (size_t i = 0; i < c->n * w.channels; i++)
        (quarters ? pool_quarters : pool_plane)(&w, c->in[0] + i * from, y + i * to,
                                                winner + i * to);
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    sal_window w = sal_window_of_(c->attrs, &c->in_shape[0]);
    const int32_t *winner = c->keep;
    size_t from = w.in_h * w.in_w, to = w.out_h * w.out_w;
    for (size_t i = 0; gx[0] && i < c->n * w.channels; i++)
        for (size_t p = 0; p < to; p++)
            if (winner[i * to + p] >= 0)
                gx[0][i * from + (size_t)winner[i * to + p]] += gy[i * to + p];
}

static const sal_op_sample samples[] = {
    {.name = "2x2",
     .attrs = {.kernel = {2, 2}, .stride = {2, 2}},
     .n_in = 1,
     .in = {{4, {2, 2, 4, 6}}},
     .fill = {SAL_FILL_DISTINCT}},
    {.name = "3x3 overlapping, padded",
     .attrs = {.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1, 0, 1}},
     .n_in = 1,
     .in = {{4, {1, 2, 6, 5}}},
     .fill = {SAL_FILL_DISTINCT}},
    {.name = "line",
     .attrs = {.kernel = {1, 3}, .stride = {1, 3}},
     .n_in = 1,
     .in = {{3, {2, 2, 9}}},
     .fill = {SAL_FILL_DISTINCT}},
    {.name = "2x2 hanging over the end",
     .attrs = {.kernel = {2, 2}, .stride = {2, 2}, .ceil_mode = true},
     .n_in = 1,
     .in = {{4, {2, 2, 3, 5}}},
     .fill = {SAL_FILL_DISTINCT}},
    {.name = "hanging over the end",
     .attrs = {.kernel = {3, 2}, .stride = {2, 2}, .dilation = {1, 2}, .ceil_mode = true},
     .n_in = 1,
     .in = {{4, {2, 2, 4, 6}}},
     .fill = {SAL_FILL_DISTINCT}},
};

const sal_op_def sal_op_max_pool = {
    .name = "MaxPool",
    .summary = "largest value of each window",
    .least = 1,
    .most = 1,
    .shape = shape,
    .keep = keep,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
