/* check/sane.c - params, reproducible and faithful in one, combined like steps. */
#include "check/check.h"

extern const sal_check_def sal_check_params_, sal_check_reproducible_, sal_check_faithful_;

static const sal_check_def *const parts[] = {&sal_check_params_, &sal_check_reproducible_,
                                             &sal_check_faithful_, NULL};

const sal_check_def sal_check_sane_ = {
    .info = {.name = SAL_CHECK_SANE,
             .summary = "params, reproducible and faithful",
             .source = "its parts",
             .metric = SAL_PEARSON_FOLDED,
             .limit = 0.5},
    .claims = {"is sane", "does not hold up", "does not clearly hold up or not",
               "does not get a verdict on its sanity"},
    .statistic_name = 'D',
    .scale = "",
    .meaning = "",
    .changes_params = true,
    .parts = parts,
};
