/* graph/ops/conv_depthwise.c - see conv_depthwise.h. A product with one row would waste most of what
 * it loads; here each tap is one pass over a line, which the compiler vectorises. */
#include "graph/ops/conv_depthwise.h"

/* The outputs [from, to) of a line whose tap `shift` lies inside of the data. */
static void inside(size_t shift, size_t before, size_t size, size_t stride, size_t out,
                   size_t *from, size_t *to)
{
    *from = shift < before ? (before - shift + stride - 1) / stride : 0;
    *to = size + before > shift ? (size + before - shift - 1) / stride + 1 : 0;
    if (*to > out) *to = out;
    if (*from > *to) *from = *to;
}

SAL_CLONES static void add_line(size_t n, float weight, const float *restrict x, size_t stride,
                                float *restrict y)
{
    if (stride == 1)
        for (size_t i = 0; i < n; i++) y[i] += weight * x[i];
    else
        for (size_t i = 0; i < n; i++) y[i] += weight * x[i * stride];
}

SAL_CLONES static void spread_line(size_t n, float weight, const float *restrict gy, size_t stride,
                                   float *restrict gx)
{
    if (stride == 1)
        for (size_t i = 0; i < n; i++) gx[i] += weight * gy[i];
    else
        for (size_t i = 0; i < n; i++) gx[i * stride] += weight * gy[i];
}

/* Runs over output lines and taps; forward (y given) gathers, backward spreads. */
static void run(const sal_window *w, const float *kernel, const float *x, float *y, const float *gy,
                float *gx)
{
    for (size_t r = 0; r < w->out_h; r++)
        for (size_t kr = 0; kr < w->kernel[0]; kr++) {
            size_t row = r * w->stride[0] + kr * w->dilation[0];
            if (row < w->top || row - w->top >= w->in_h) continue;
            for (size_t kc = 0; kc < w->kernel[1]; kc++) {
                size_t shift = kc * w->dilation[1], s = w->stride[1], from, to;
                inside(shift, w->left, w->in_w, s, w->out_w, &from, &to);
                if (from == to) continue;
                size_t data = (row - w->top) * w->in_w + (from * s + shift - w->left);
                size_t line = r * w->out_w + from;
                float weight = kernel[kr * w->kernel[1] + kc];
                if (y)
                    add_line(to - from, weight, x + data, s, y + line);
                else
                    spread_line(to - from, weight, gy + line, s, gx + data);
            }
        }
}

void sal_depthwise_forward_(const sal_window *w, const float *kernel, float bias, const float *x,
                            float *y)
{
    for (size_t i = 0; i < w->out_h * w->out_w; i++) y[i] = bias;
    run(w, kernel, x, y, NULL, NULL);
}

void sal_depthwise_backward_(const sal_window *w, const float *kernel, const float *gy, float *gx)
{
    run(w, kernel, NULL, NULL, gy, gx);
}
