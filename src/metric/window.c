/* metric/window.c - uniform windows as running sums of rows; the Gaussian (sigma 1.5, cut at 3.5
 * sigma: 11 x 11, weights of sum 1) as two passes. */
#include "metric/window.h"

#include <string.h>

const char *const sal_window_names_[] = {"uniform7", "uniform5", "gaussian", NULL};

static const size_t sizes[] = {7, 5, 11};

/* exp(-k^2 / 4.5), k = 0 .. 5, over the sum for k = -5 .. 5 */
static const double gaussian[] = {0.26601172486179436, 0.2130055377112537,   0.10936068950970002,
                                  0.03600077212843083, 0.007598758135239184, 0.0010283800844791099};

size_t sal_window_size_(size_t kind)
{
    return sizes[kind];
}

size_t sal_window_scratch_(size_t kind, size_t map_width)
{
    return (sizes[kind] + 1) * (map_width - sizes[kind] + 1);
}

sal_window sal_window_start_(size_t kind, size_t map_width, double *scratch)
{
    sal_window w = {.kind = kind, .size = sizes[kind], .width = map_width - sizes[kind] + 1};
    w.ring = scratch;
    w.sum = scratch + w.size * w.width;
    memset(scratch, 0, (w.size + 1) * w.width * sizeof *scratch);
    return w;
}

static void along_uniform(size_t n, size_t size, const double *restrict x, double *restrict out)
{
    if (size == 7)
        for (size_t j = 0; j < n; j++)
            out[j] = (x[j] + x[j + 1]) + (x[j + 2] + x[j + 3]) + (x[j + 4] + x[j + 5]) + x[j + 6];
    else
        for (size_t j = 0; j < n; j++)
            out[j] = (x[j] + x[j + 1]) + (x[j + 2] + x[j + 3]) + x[j + 4];
}

static void along_gaussian(size_t n, const double *restrict x, double *restrict out)
{
    const double *g = gaussian;
    for (size_t j = 0; j < n; j++)
        out[j] = g[0] * x[j + 5] + g[1] * (x[j + 4] + x[j + 6]) + g[2] * (x[j + 3] + x[j + 7]) +
                 g[3] * (x[j + 2] + x[j + 8]) + g[4] * (x[j + 1] + x[j + 9]) +
                 g[5] * (x[j] + x[j + 10]);
}

static void across_uniform(size_t n, const double *restrict sum, double scale,
                           double *restrict means)
{
    for (size_t j = 0; j < n; j++) means[j] = sum[j] * scale;
}

static void across_gaussian(const sal_window *w, size_t oldest, double *restrict means)
{
    const double *r[11], *g = gaussian;
    for (size_t k = 0; k < 11; k++) r[k] = w->ring + (oldest + k) % 11 * w->width;
    for (size_t j = 0; j < w->width; j++)
        means[j] = g[0] * r[5][j] + g[1] * (r[4][j] + r[6][j]) + g[2] * (r[3][j] + r[7][j]) +
                   g[3] * (r[2][j] + r[8][j]) + g[4] * (r[1][j] + r[9][j]) +
                   g[5] * (r[0][j] + r[10][j]);
}

bool sal_window_push_(sal_window *w, const double *row, double *means)
{
    double *restrict into = w->ring + w->rows % w->size * w->width, *restrict sum = w->sum;
    const bool full = ++w->rows >= w->size;
    if (w->kind == SAL_WINDOW_GAUSSIAN) {
        along_gaussian(w->width, row, into);
        if (full) across_gaussian(w, w->rows % w->size, means);
        return full;
    }
    for (size_t j = 0; j < w->width; j++) sum[j] -= into[j];
    along_uniform(w->width, w->size, row, into);
    for (size_t j = 0; j < w->width; j++) sum[j] += into[j];
    if (full) across_uniform(w->width, sum, 1 / (double)(w->size * w->size), means);
    return full;
}
