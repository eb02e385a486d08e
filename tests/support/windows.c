/* tests/support/windows.c - see windows.h. */
#include "windows.h"

#include <stdio.h>

static int64_t between(sal_rng *rng, int64_t low, int64_t high)
{
    return low + (int64_t)sal_rng_below_(rng, (size_t)(high - low + 1));
}

static bool set_axis(geometry *g, sal_rng *rng, int axis, int64_t most_pad)
{
    sal_op_attrs *a = &g->attrs;
    g->size[axis] = between(rng, 1, 9);
    a->kernel[axis] = between(rng, 1, 4);
    a->stride[axis] = between(rng, 1, 3);
    a->dilation[axis] = between(rng, 1, 3);
    a->pad[axis] = between(rng, 0, most_pad);
    a->pad[axis + 2] = between(rng, 0, most_pad);
    int64_t span = (a->kernel[axis] - 1) * a->dilation[axis] + 1;
    int64_t room = g->size[axis] + a->pad[axis] + a->pad[axis + 2] - span;
    g->out[axis] = room < 0 ? 0 : room / a->stride[axis] + 1;
    return g->out[axis] > 0;
}

geometry random_geometry(sal_rng *rng, int64_t most_pad)
{
    geometry g = {.n = between(rng, 1, 3), .channels = between(rng, 1, 3)};
    g.line = between(rng, 0, 3) == 0;
    if (g.line) {
        g.size[0] = g.out[0] = 1;
        g.attrs.kernel[0] = g.attrs.stride[0] = g.attrs.dilation[0] = 1;
    } else {
        while (!set_axis(&g, rng, 0, most_pad)) continue;
    }
    while (!set_axis(&g, rng, 1, most_pad)) continue;
    const sal_op_attrs *a = &g.attrs;
    snprintf(g.text, sizeof g.text,
             "%dx%d kernel %dx%d stride %dx%d dilation %dx%d pad %d %d %d %d", (int)g.size[0],
             (int)g.size[1], (int)a->kernel[0], (int)a->kernel[1], (int)a->stride[0],
             (int)a->stride[1], (int)a->dilation[0], (int)a->dilation[1], (int)a->pad[0],
             (int)a->pad[1], (int)a->pad[2], (int)a->pad[3]);
    return g;
}

sal_shape data_shape(const geometry *g, int64_t channels)
{
    if (g->line) return (sal_shape){3, {g->n, channels, g->size[1]}};
    return (sal_shape){4, {g->n, channels, g->size[0], g->size[1]}};
}

int64_t tap_place(const geometry *g, int64_t p, int64_t k)
{
    const sal_op_attrs *a = &g->attrs;
    int64_t row = p / g->out[1] * a->stride[0] + k / a->kernel[1] * a->dilation[0] - a->pad[0];
    int64_t column = p % g->out[1] * a->stride[1] + k % a->kernel[1] * a->dilation[1] - a->pad[1];
    if (row < 0 || row >= g->size[0] || column < 0 || column >= g->size[1]) return -1;
    return row * g->size[1] + column;
}
