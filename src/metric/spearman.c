/* metric/spearman.c - Pearson of mid-ranks: signed, folded to its absolute value, or of the
 * absolute values (Adebayo et al. 2018: the first and the last). Prepared: centred, of norm 1. */
#include "metric/vector.h"
#include "stats/rank.h"

static sal_status setup(sal_metric *m, sal_spec *spec, sal_error *err)
{
    (void)spec, (void)err;
    m->scratch = 2 * m->prepared;
    return SAL_OK;
}

static const char *prepare(const sal_metric *m, const double *map, double *out, double *scratch)
{
    sal_rank_(m->prepared, map, out, scratch);
    return sal_centre_(m->prepared, out, out);
}

#define SOURCE "Spearman 1904"

const sal_metric_def sal_metric_spearman = {
    .info = {.name = SAL_SPEARMAN,
             .summary = "rank correlation of the signed maps",
             .source = SOURCE,
             .lowest = -1,
             .highest = 1,
             .for_checks = true},
    .setup = setup,
    .prepare = prepare,
    .compare = sal_compare_units_,
};

const sal_metric_def sal_metric_spearman_folded = {
    .info = {.name = SAL_SPEARMAN_FOLDED,
             .summary = "absolute value of the rank correlation of the signed maps",
             .source = SOURCE,
             .lowest = 0,
             .highest = 1,
             .for_checks = true},
    .folded = true,
    .setup = setup,
    .prepare = prepare,
    .compare = sal_compare_units_,
};

const sal_metric_def sal_metric_spearman_abs = {
    .info = {.name = SAL_SPEARMAN_ABS,
             .summary = "rank correlation of the maps' absolute values",
             .source = SOURCE,
             .lowest = 0,
             .highest = 1,
             .for_checks = true},
    .absolute = true,
    .setup = setup,
    .prepare = prepare,
    .compare = sal_compare_units_,
};
