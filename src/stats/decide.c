/* stats/decide.c - the rule over a whole sequence of draws. */
#include "stats/betting.h"

#include <math.h>

sal_status sal_rule_check_(const sal_rule *rule, sal_error *err)
{
    if (!rule) return sal_fail_(err, SAL_E_ARG, "rule is NULL");
    if (!(rule->alpha > 0 && rule->alpha < 1))
        return sal_fail_(err, SAL_E_ARG, "alpha is %s, wanted more than 0 and less than 1",
                         SAL_SHORT(rule->alpha));
    if (!(rule->lowest < rule->highest) || !isfinite(rule->highest - rule->lowest))
        return sal_fail_(err, SAL_E_ARG, "range from %s to %s, wanted lowest < highest",
                         SAL_SHORT(rule->lowest), SAL_SHORT(rule->highest));
    if (rule->fixed_r && !rule->mean && rule->highest != 1)
        return sal_fail_(err, SAL_E_ARG, "r is fixed at 1, but the range ends at %s",
                         SAL_SHORT(rule->highest));
    double bottom = rule->mean ? rule->lowest : 0, top = rule->mean ? rule->highest : 2;
    if (!(rule->limit > bottom && rule->limit < top))
        return sal_fail_(err, SAL_E_ARG, "limit is %s, wanted more than %s and less than %s",
                         SAL_SHORT(rule->limit), SAL_SHORT(bottom), SAL_SHORT(top));
    if (rule->steps == 0) return sal_fail_(err, SAL_E_ARG, "0 steps, wanted 1 or more");
    return SAL_OK;
}

static const double rounding = 1e-9; /* how far a similarity may stray by its own rounding */

static sal_status in_range(const sal_rule *rule, const char *name, double value, size_t index,
                           sal_error *err)
{
    if (value >= rule->lowest - rounding && value <= rule->highest + rounding) return SAL_OK;
    return sal_fail_(err, SAL_E_VALUE, "draw %zu: %s is %s, wanted %s to %s", index, name,
                     SAL_SHORT(value), SAL_SHORT(rule->lowest), SAL_SHORT(rule->highest));
}

sal_status sal_rule_check_draw_(const sal_rule *rule, const sal_draw *d, size_t index,
                                sal_error *err)
{
    if (!d->defined) return SAL_OK;
    sal_status st = in_range(rule, "a", d->a, index, err);
    if (st != SAL_OK || rule->mean) return st;
    st = in_range(rule, "u", d->u, index, err);
    if (st != SAL_OK) return st;
    if (rule->fixed_r && !(fabs(d->r - 1) <= rounding))
        return sal_fail_(err, SAL_E_VALUE, "draw %zu: r is %s, wanted 1 (r is fixed)", index,
                         SAL_SHORT(d->r));
    return in_range(rule, "r", d->r, index, err);
}

sal_status sal_decide(const sal_rule *rule, const sal_draw *draws, size_t n, size_t min_draws,
                      sal_decision *out, sal_error *err)
{
    sal_status st = sal_rule_check_(rule, err);
    if (st != SAL_OK) return st;
    if (!out || (n && !draws)) return sal_fail_(err, SAL_E_ARG, "draws or out is NULL");
    for (size_t j = 0; j < n; j++) {
        st = sal_rule_check_draw_(rule, &draws[j], j, err);
        if (st != SAL_OK) return st;
    }
    sal_trial t;
    sal_trial_start_(&t, rule);
    for (size_t j = 0; j < n && (!t.stop || j < min_draws); j++) sal_trial_add_(&t, &draws[j]);
    sal_trial_report_(&t, out);
    sal_trial_interval_(&t, draws, &out->low, &out->high);
    return SAL_OK;
}
