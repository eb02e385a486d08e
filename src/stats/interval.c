/* stats/interval.c - the interval of D: every limit is tried on the whole history.
 *
 * With r = 1, and for a mean, both wealths are monotone in the limit: bisection. Else a grid. The
 * decided limit itself is never tried again: how its bets went is known, so that outcome and
 * interval cannot disagree by rounding. */
#include "stats/product.h"

#include <math.h>

enum { GRID = 400 }; /* steps over [0, 2] */

static const double close_enough = 1e-10;

typedef struct {
    const sal_rule *rule;
    const sal_draw *draws;
    size_t n;
    double pass_at, fail_at; /* as plain numbers */
} history;

static bool any_beyond_zero(const history *h, double limit, double sign)
{
    for (size_t j = 0; j < h->n; j++)
        if (h->draws[j].defined && sign * sal_rule_z_(h->rule, limit, &h->draws[j]) > 0)
            return true;
    return false;
}

static bool crosses(const history *h, double limit, double scale, double at)
{
    sal_product p = sal_product_start_();
    for (size_t j = 0; j < h->n; j++)
        if (h->draws[j].defined &&
            sal_product_add_(&p, sal_rule_z_(h->rule, limit, &h->draws[j]) * scale) >= at)
            return true;
    return false;
}

/* Is "D <= limit" rejected? Where Z cannot be negative, by any gain. */
static bool rejects_up(const history *h, double limit)
{
    double low, high;
    sal_rule_bounds_(h->rule, limit, &low, &high);
    return low < 0 ? crosses(h, limit, 1 / -low, h->pass_at) : any_beyond_zero(h, limit, 1);
}

/* Is "D >= limit" rejected? */
static bool rejects_down(const history *h, double limit)
{
    double low, high;
    sal_rule_bounds_(h->rule, limit, &low, &high);
    return high > 0 ? crosses(h, limit, -1 / high, h->fail_at) : any_beyond_zero(h, limit, -1);
}

/* The last free limit beside the change of a monotone test between x, where it gives at_x, and y,
 * where it does not; the free one of the two when it does not change in between. */
static double edge(const history *h, bool (*test)(const history *, double), double x, double y,
                   bool at_x)
{
    for (int i = 0; i < 60 && y - x > close_enough; i++) { /* 60: wide ranges have wide ulps */
        double middle = x + (y - x) / 2;
        if (test(h, middle) == at_x)
            x = middle;
        else
            y = middle;
    }
    return at_x ? y : x;
}

static double low_end(const history *h, bool crossed, double bottom, double top)
{
    double limit = h->rule->limit;
    if (crossed) return edge(h, rejects_up, limit, top, true);
    if (!rejects_up(h, bottom)) return bottom;
    return edge(h, rejects_up, bottom, limit, true);
}

static double high_end(const history *h, bool crossed, double bottom, double top)
{
    double limit = h->rule->limit;
    if (crossed) return edge(h, rejects_down, bottom, limit, false);
    if (!rejects_down(h, top)) return top;
    return edge(h, rejects_down, limit, top, false);
}

/* Hull of the grid's free limits, on the side that the outcome leaves open. Wealth need not be
 * monotone here: a limit beyond the decided one may look free, but the decision excludes it. */
static void hull_of_grid(const history *h, sal_outcome outcome, double *low, double *high)
{
    double limit = h->rule->limit;
    size_t first = GRID + 1, last = 0;
    size_t not_up = GRID + 1, not_down = 0; /* lowest and highest of each side alone */
    for (size_t i = 0; i <= GRID; i++) {
        double at = 2.0 * (double)i / GRID;
        if (outcome == SAL_PASS && at <= limit) continue;
        if (outcome == SAL_FAIL && at >= limit) break;
        bool up = rejects_up(h, at), down = rejects_down(h, at);
        if (!up && not_up > GRID) not_up = i;
        if (!down) not_down = i;
        if (up || down) continue;
        if (first > GRID) first = i;
        last = i;
    }
    if (first > GRID) first = last = outcome == SAL_FAIL ? not_down : not_up;
    if (first > GRID) first = last = GRID;
    *low = 2.0 * (double)first / GRID;
    *high = 2.0 * (double)last / GRID;
    if (outcome != SAL_INCONCLUSIVE) return;
    *low = fmin(*low, limit); /* the limit is free, on the grid or not */
    *high = fmax(*high, limit);
}

void sal_trial_interval_(const sal_trial *t, const sal_draw *draws, double *low, double *high)
{
    const sal_rule *rule = &t->rule;
    history h = {rule, draws, t->counted, 2 / rule->alpha, 2 * (double)rule->steps / rule->alpha};
    if (!rule->mean && !rule->fixed_r) {
        hull_of_grid(&h, t->outcome, low, high);
        return;
    }
    double bottom = rule->mean ? rule->lowest : 0, top = rule->mean ? rule->highest : 2;
    *low = low_end(&h, t->crossed_up, bottom, top);
    *high = high_end(&h, t->crossed_down, bottom, top);
    if (*low <= *high) return;
    if (t->outcome == SAL_FAIL) /* draws that contradict each other: the first crossing stands */
        *low = *high;
    else
        *high = *low;
}

void sal_rule_interval_(const sal_rule *rule, const sal_draw *draws, size_t n, double *low,
                        double *high)
{
    sal_trial t;
    sal_trial_start_(&t, rule);
    for (size_t j = 0; j < n; j++) sal_trial_add_(&t, &draws[j]);
    sal_trial_interval_(&t, draws, low, high);
}
