/* stats/betting.h - the rule draw by draw, for checks that stop early. */
#ifndef SAL_STATS_BETTING_H
#define SAL_STATS_BETTING_H

#include "base/base.h"

#include <salcheck/stats.h>

/* Log wealth of the four bets on each side, at one limit. */
typedef struct sal_wealth {
    double low, high;       /* bounds of Z: low < 0 < high */
    double up[4], down[4];
} sal_wealth;

void sal_wealth_start_(sal_wealth *w, double low, double high);
void sal_wealth_add_(sal_wealth *w, double z);
double sal_wealth_up_(const sal_wealth *w);   /* log of the weighted sum */
double sal_wealth_down_(const sal_wealth *w);

/* Z and its bounds at a limit. */
double sal_rule_z_(const sal_rule *rule, double limit, const sal_draw *d);
void sal_rule_bounds_(const sal_rule *rule, double limit, double *low, double *high);

/* log(2/alpha) and log(2 steps/alpha). */
double sal_rule_pass_at_(const sal_rule *rule);
double sal_rule_fail_at_(const sal_rule *rule);

/* Interval over the defined draws among draws[0..n-1]. */
sal_status sal_rule_interval_(const sal_env *env, const sal_rule *rule, const sal_draw *draws,
                              size_t n, double *low, double *high, sal_error *err);

#endif
