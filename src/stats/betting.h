/* stats/betting.h - the rule draw by draw, for checks that end early.
 *
 * A draw that stands for several (all draws of one trained twin) is their mean: Z is linear in
 * (r, a, u), so betting on the mean draw is betting on the mean Z. */
#ifndef SAL_STATS_BETTING_H
#define SAL_STATS_BETTING_H

#include "base/base.h"

#include <salcheck/stats.h>

enum { SAL_BETS = 4 };

extern const double sal_bet_sizes_[SAL_BETS], sal_bet_weights_[SAL_BETS];

/* Log wealth of the four bets on each side, at one limit. */
typedef struct sal_wealth {
    double low, high; /* bounds of Z: low < 0 < high */
    double up[SAL_BETS], down[SAL_BETS];
} sal_wealth;

void sal_wealth_start_(sal_wealth *w, double low, double high);
void sal_wealth_add_(sal_wealth *w, double z);
double sal_wealth_up_(const sal_wealth *w); /* log of the weighted sum */
double sal_wealth_down_(const sal_wealth *w);

/* SAL_E_ARG unless the terms make sense; SAL_E_VALUE when draw `index` is out of the range. */
sal_status sal_rule_check_(const sal_rule *rule, sal_error *err);
sal_status sal_rule_check_draw_(const sal_rule *rule, const sal_draw *d, size_t index,
                                sal_error *err);

/* Z and its bounds at a limit. */
double sal_rule_z_(const sal_rule *rule, double limit, const sal_draw *d);
void sal_rule_bounds_(const sal_rule *rule, double limit, double *low, double *high);

/* log(2/alpha) and log(2 steps/alpha). */
double sal_rule_pass_at_(const sal_rule *rule);
double sal_rule_fail_at_(const sal_rule *rule);

/* A sequence being judged. The rule has been checked. */
typedef struct sal_trial {
    sal_rule rule;
    sal_wealth wealth;
    double pass_at, fail_at;
    sal_outcome outcome; /* of the first crossing; SAL_INCONCLUSIVE before it */
    size_t stop;         /* index of the deciding draw + 1; 0 before it */
    size_t counted, defined;
    bool crossed_up, crossed_down; /* at any draw so far */
    double sum_r, sum_a, sum_u;
} sal_trial;

void sal_trial_start_(sal_trial *t, const sal_rule *rule);
void sal_trial_add_(sal_trial *t, const sal_draw *d); /* undefined draws count, no bet */

/* Everything but the interval. */
void sal_trial_report_(const sal_trial *t, sal_decision *out);

/* Limits rejected by neither side at any of the draws, which are those added to t, in order. After
 * a pass low > limit, after a fail high < limit, else low <= limit <= high. */
void sal_trial_interval_(const sal_trial *t, const sal_draw *draws, double *low, double *high);

/* The same for draws[0..n-1] at once. The rule has been checked. */
void sal_rule_interval_(const sal_rule *rule, const sal_draw *draws, size_t n, double *low,
                        double *high);

#endif
