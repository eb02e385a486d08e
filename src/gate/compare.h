/* gate/compare.h - one step against its baseline. */
#ifndef SAL_GATE_COMPARE_H
#define SAL_GATE_COMPARE_H

#include "base/base.h"

#include <salcheck/gate.h>

/* What the t test knows of a drop. */
typedef struct sal_drop {
    double drop, error, freedom; /* estimate, its standard error, degrees of freedom */
} sal_drop;

/* Fills how, n, n_before, values, drop, p and note of a row whose now and before are set; note is ""
 * or holds text already. *t is zero unless the t test was made. SAL_E_NOMEM. */
sal_status sal_compare_(const sal_env *env, const sal_gate_options *options, sal_gate_row *row,
                        sal_drop *t, sal_error *err);

/* The drop that is seen at alpha with 90 % chance by the t test. */
double sal_smallest_drop_(const sal_drop *t, double margin, double alpha);

/* ---- bets (bets.c) ---------------------------------------------------------------------------- */

/* Differences of which the mean is not below zero where nothing got worse by more than the margin;
 * pairs of draws if they are, else draws of both sides in their order. */
typedef struct sal_differences {
    const sal_env *env;
    size_t n;
    double *values;         /* owned */
    double low, high, unit; /* bounds; how much of them is 1 of the statistic */
} sal_differences;

sal_status sal_differences_make_(const sal_env *env, const sal_gate_row *row, double margin,
                                 sal_differences *out, sal_error *err);
void sal_differences_drop_(sal_differences *d);

/* One over the most that a bet on "worse" ever won. */
double sal_bets_p_(const sal_differences *d);

/* As sal_smallest_drop_, by bets on the same differences moved; 0 = none of those up to 1. */
double sal_bets_smallest_drop_(const sal_differences *d, double margin, double alpha);

#endif
