/* graph/columns.c - patches to columns and back; see columns.h. */
#include "graph/columns.h"

#include <string.h>

sal_columns sal_columns_of_(const sal_window *w, size_t channels)
{
    sal_columns g = {.w = *w, .channels = channels};
    g.rows = channels * w->kernel[0] * w->kernel[1];
    g.pixels = w->out_h * w->out_w;
    g.wide = (g.pixels + 15) / 16 * 16;
    return g;
}

/* The columns [from, to) of an output row whose tap lies inside of the data. */
static void inside(const sal_columns *g, size_t shift, size_t *from, size_t *to)
{
    const sal_window *w = &g->w;
    size_t s = w->stride[1];
    *from = shift < w->left ? (w->left - shift + s - 1) / s : 0;
    *to = w->in_w + w->left > shift ? (w->in_w + w->left - shift - 1) / s + 1 : 0;
    if (*to > w->out_w) *to = w->out_w;
    if (*from > *to) *from = *to;
}

SAL_CLONES static void take(const sal_columns *g, const float *x, float *columns)
{
    const sal_window *w = &g->w;
    for (size_t c = 0; c < g->channels; c++, x += w->in_h * w->in_w)
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

SAL_CLONES static void add(const sal_columns *g, const float *columns, float *x)
{
    const sal_window *w = &g->w;
    for (size_t c = 0; c < g->channels; c++, x += w->in_h * w->in_w)
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

void sal_columns_take_(const sal_columns *g, const float *x, float *columns)
{
    take(g, x, columns);
}

void sal_columns_add_(const sal_columns *g, const float *columns, float *x)
{
    add(g, columns, x);
}
