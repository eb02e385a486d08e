/* metric/mse.c - mean of (a - b)^2: a distance, 0 for equal maps, without an upper bound. */
#include "metric/metric.h"

#include <math.h>
#include <string.h>

static const char *prepare(const sal_metric *m, const double *map, double *out, double *scratch)
{
    (void)scratch;
    memcpy(out, map, m->prepared * sizeof *out);
    return NULL;
}

static const char *compare(const sal_metric *m, const double *a, const double *b, double *scratch,
                           double *value)
{
    (void)scratch;
    double sum = 0;
    for (size_t i = 0; i < m->prepared; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    *value = sum / (double)m->prepared;
    return NULL;
}

const sal_metric_def sal_metric_mse = {
    .info = {.name = SAL_MSE,
             .summary = "mean squared difference of the signed maps: a distance, 0 for equal ones",
             .source = "definition",
             .lowest = 0,
             .highest = HUGE_VAL,
             .for_checks = false},
    .prepare = prepare,
    .compare = compare,
};
