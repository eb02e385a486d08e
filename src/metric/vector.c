/* metric/vector.c - see vector.h. */
#include "metric/vector.h"

#include <math.h>

enum { LANES = 8 };

static double add_lanes(const double lane[LANES])
{
    const double even = (lane[0] + lane[4]) + (lane[2] + lane[6]);
    return even + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

double sal_sum_(size_t n, const double *x)
{
    double lane[LANES] = {0}, rest = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) lane[k] += x[i + k];
    for (; i < n; i++) rest += x[i];
    return add_lanes(lane) + rest;
}

double sal_dot_(size_t n, const double *x, const double *y)
{
    double lane[LANES] = {0}, rest = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) lane[k] += x[i + k] * y[i + k];
    for (; i < n; i++) rest += x[i] * y[i];
    return add_lanes(lane) + rest;
}

void sal_extremes_(size_t n, const double *x, double *least, double *largest)
{
    double low[LANES], high[LANES];
    size_t i = 0;
    for (size_t k = 0; k < LANES; k++) low[k] = high[k] = x[0];
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            low[k] = x[i + k] < low[k] ? x[i + k] : low[k];
            high[k] = x[i + k] > high[k] ? x[i + k] : high[k];
        }
    for (; i < n; i++) {
        low[0] = x[i] < low[0] ? x[i] : low[0];
        high[0] = x[i] > high[0] ? x[i] : high[0];
    }
    *least = low[0];
    *largest = high[0];
    for (size_t k = 1; k < LANES; k++) {
        *least = low[k] < *least ? low[k] : *least;
        *largest = high[k] > *largest ? high[k] : *largest;
    }
}

const char *sal_centre_(size_t n, const double *x, double *out)
{
    size_t same = 1;
    while (same < n && x[same] == x[0]) same++;
    if (same >= n) return SAL_MAP_CONSTANT;
    const double mean = sal_sum_(n, x) / (double)n;
    for (size_t i = 0; i < n; i++) out[i] = x[i] - mean;
    const double scale = 1 / sqrt(sal_dot_(n, out, out));
    for (size_t i = 0; i < n; i++) out[i] *= scale;
    return NULL;
}

const char *sal_compare_units_(const sal_metric *m, const double *a, const double *b,
                               double *scratch, double *value)
{
    (void)scratch;
    const double r = sal_dot_(m->prepared, a, b);
    *value = r > 1 ? 1 : r < -1 ? -1 : r;
    return NULL;
}
