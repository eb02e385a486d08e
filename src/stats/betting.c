/* stats/betting.c - bets against a limit.
 *
 * W+ = sum_g w_g prod_j (1 + g Z_j/|low|) is a non-negative supermartingale when mean Z <= 0, and
 * W- = sum_g w_g prod_j (1 - g Z_j/high) when mean Z >= 0: each then ever reaches 2/alpha with
 * chance <= alpha/2 (Ville). Waudby-Smith & Ramdas 2023, section 4. */
#include "stats/betting.h"

#include <math.h>

const double sal_bet_sizes_[SAL_BETS] = {.05, .15, .4, .95};
const double sal_bet_weights_[SAL_BETS] = {1. / 8, 1. / 8, 1. / 4, 1. / 2};

void sal_wealth_start_(sal_wealth *w, double low, double high)
{
    *w = (sal_wealth){.low = low, .high = high};
}

void sal_wealth_add_(sal_wealth *w, double z)
{
    for (size_t i = 0; i < SAL_BETS; i++) {
        w->up[i] += log1p(sal_bet_sizes_[i] * z / -w->low);
        w->down[i] += log1p(-sal_bet_sizes_[i] * z / w->high);
    }
}

static double log_weighted_sum(const double logs[SAL_BETS])
{
    double most = logs[0], sum = 0;
    for (size_t i = 1; i < SAL_BETS; i++)
        if (logs[i] > most) most = logs[i];
    for (size_t i = 0; i < SAL_BETS; i++) sum += sal_bet_weights_[i] * exp(logs[i] - most);
    return most + log(sum);
}

double sal_wealth_up_(const sal_wealth *w)
{
    return log_weighted_sum(w->up);
}

double sal_wealth_down_(const sal_wealth *w)
{
    return log_weighted_sum(w->down);
}

double sal_rule_z_(const sal_rule *rule, double limit, const sal_draw *d)
{
    if (rule->mean) return d->a - limit;
    return (1 - limit) * d->r - d->a + limit * d->u;
}

void sal_rule_bounds_(const sal_rule *rule, double limit, double *low, double *high)
{
    double m = rule->lowest, M = rule->highest;
    if (rule->mean) {
        *low = m - limit;
        *high = M - limit;
        return;
    }
    double r_low = rule->fixed_r ? 1 : m, r_high = rule->fixed_r ? 1 : M;
    *low = (1 - limit) * (limit <= 1 ? r_low : r_high) - M + limit * m;
    *high = (1 - limit) * (limit <= 1 ? r_high : r_low) - m + limit * M;
}

double sal_rule_pass_at_(const sal_rule *rule)
{
    return log(2 / rule->alpha);
}

double sal_rule_fail_at_(const sal_rule *rule)
{
    return log(2 * (double)rule->steps / rule->alpha);
}

void sal_trial_start_(sal_trial *t, const sal_rule *rule)
{
    double low, high;
    sal_rule_bounds_(rule, rule->limit, &low, &high);
    *t = (sal_trial){.rule = *rule, .outcome = SAL_INCONCLUSIVE};
    t->pass_at = sal_rule_pass_at_(rule);
    t->fail_at = sal_rule_fail_at_(rule);
    sal_wealth_start_(&t->wealth, low, high);
}

void sal_trial_add_(sal_trial *t, const sal_draw *d)
{
    t->counted++;
    if (!d->defined) return;
    t->defined++;
    t->sum_a += d->a;
    if (!t->rule.mean) {
        t->sum_r += d->r;
        t->sum_u += d->u;
    }
    sal_wealth_add_(&t->wealth, sal_rule_z_(&t->rule, t->rule.limit, d));
    bool up = sal_wealth_up_(&t->wealth) >= t->pass_at;
    bool down = sal_wealth_down_(&t->wealth) >= t->fail_at;
    t->crossed_up |= up;
    t->crossed_down |= down;
    if (t->stop || !(up || down)) return;
    t->outcome = up ? SAL_PASS : SAL_FAIL;
    t->stop = t->counted;
}

void sal_trial_report_(const sal_trial *t, sal_decision *out)
{
    sal_decision d = {.outcome = t->outcome, .counted = t->counted, .defined = t->defined};
    d.stop = t->stop ? t->stop : t->counted;
    d.log_up = sal_wealth_up_(&t->wealth);
    d.log_down = sal_wealth_down_(&t->wealth);
    if (t->defined) {
        d.mean_r = t->sum_r / (double)t->defined;
        d.mean_a = t->sum_a / (double)t->defined;
        d.mean_u = t->sum_u / (double)t->defined;
    }
    double range = d.mean_r - d.mean_u;
    d.has_statistic = t->defined && (t->rule.mean || range != 0);
    if (d.has_statistic) d.statistic = t->rule.mean ? d.mean_a : (d.mean_r - d.mean_a) / range;
    *out = d;
}
