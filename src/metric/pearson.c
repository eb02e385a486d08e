/* metric/pearson.c - r = sum (a - mean a)(b - mean b) / (norm of each): signed, folded to |r|, or
 * of the absolute values. Prepared: the map centred, of norm 1, so that a pair is one product. */
#include "metric/vector.h"

static const char *prepare(const sal_metric *m, const double *map, double *out, double *scratch)
{
    (void)scratch;
    return sal_centre_(m->prepared, map, out);
}

#define SOURCE "Pearson 1896"

const sal_metric_def sal_metric_pearson = {
    .info = {.name = SAL_PEARSON,
             .summary = "correlation of the signed maps",
             .source = SOURCE,
             .lowest = -1,
             .highest = 1,
             .for_checks = true},
    .prepare = prepare,
    .compare = sal_compare_units_,
};

const sal_metric_def sal_metric_pearson_folded = {
    .info = {.name = SAL_PEARSON_FOLDED,
             .summary = "absolute value of the correlation of the signed maps",
             .source = SOURCE,
             .lowest = 0,
             .highest = 1,
             .for_checks = true},
    .folded = true,
    .prepare = prepare,
    .compare = sal_compare_units_,
};

const sal_metric_def sal_metric_pearson_abs = {
    .info = {.name = SAL_PEARSON_ABS,
             .summary = "correlation of the maps' absolute values",
             .source = SOURCE,
             .lowest = 0,
             .highest = 1,
             .for_checks = true},
    .absolute = true,
    .prepare = prepare,
    .compare = sal_compare_units_,
};
