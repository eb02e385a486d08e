/* metric/cosine.c - a.b / (norm a * norm b). Prepared: the map divided by its norm. */
#include "metric/vector.h"

#include <math.h>

static const char *prepare(const sal_metric *m, const double *map, double *out, double *scratch)
{
    (void)scratch;
    const double norm = sqrt(sal_dot_(m->prepared, map, map));
    if (norm == 0) return SAL_MAP_ZERO;
    for (size_t i = 0; i < m->prepared; i++) out[i] = map[i] / norm;
    return NULL;
}

const sal_metric_def sal_metric_cosine = {
    .info = {.name = SAL_COSINE,
             .summary = "cosine of the angle between the signed maps",
             .source = "Salton & McGill 1983",
             .lowest = 0,
             .highest = 1,
             .for_checks = true},
    .prepare = prepare,
    .compare = sal_compare_units_,
};
