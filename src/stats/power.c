/* stats/power.c - planning by simulation of the rule. With r = 1 and u = 0, D is 1 - mean a, and a
 * is beta distributed. A pool of such values with exactly the wanted mean is resampled: as exact as
 * needed and ten times faster. */
#include "stats/beta.h"
#include "stats/product.h"

#include <math.h>

enum { GATES = 1000, HALF = GATES / 2, MOST_DRAWS = 4096, POOL_BITS = 12, POOL = 1 << POOL_BITS };

static const uint64_t plan_seed = SAL_SEED_DEFAULT;

/* `total` is the sum of the two shapes; where spread is too wide, the widest there is. */
static void fill_beta(double *pool, double mean, double spread)
{
    sal_rng rng = sal_rng_for(plan_seed, "plan-pool", 0);
    bool varies = spread > 0 && mean > 0 && mean < 1;
    double total = varies ? mean * (1 - mean) / (spread * spread) - 1 : 0;
    for (size_t i = 0; i < POOL; i++)
        if (!varies) {
            pool[i] = mean;
        } else if (total < 1e-6) { /* 1 and 0, and one between for the mean */
            pool[i] = fmin(fmax(mean * POOL - (double)i, 0), 1);
        } else {
            pool[i] = sal_beta_variable_(&rng, mean * total, (1 - mean) * total);
        }
}

/* Shrinks towards 0 or 1 until the mean is exact: by a hundredth or so. */
static void set_mean(double *pool, double mean)
{
    double sum = 0;
    for (size_t i = 0; i < POOL; i++) sum += pool[i];
    double got = sum / POOL;
    if (got == mean) return;
    for (size_t i = 0; i < POOL; i++)
        pool[i] = got > mean ? pool[i] * mean / got : 1 - (1 - pool[i]) * (1 - mean) / (1 - got);
}

/* First draw at which a gate decides, or 0. z: pool of Z. */
static size_t run_gate(const sal_rule *rule, const double *z, uint64_t gate, size_t most)
{
    double low, high, pass_at = 2 / rule->alpha, fail_at = pass_at * (double)rule->steps;
    sal_rule_bounds_(rule, rule->limit, &low, &high);
    sal_rng rng = sal_rng_for(plan_seed, "plan-gate", gate);
    sal_product up = sal_product_start_(), down = up;
    double to_up = -1 / low, to_down = -1 / high;
    for (size_t j = 1; j <= most; j++) {
        double one = z[sal_rng_word_(&rng) >> (32 - POOL_BITS)];
        if (sal_product_add_(&up, one * to_up) >= pass_at ||
            sal_product_add_(&down, one * to_down) >= fail_at)
            return j;
    }
    return 0;
}

/* Median draws to a decision, or 0 when more than half need more than `most`. */
static size_t median_draws(const sal_rule *rule, double d, double spread, size_t most)
{
    double z[POOL];
    size_t at[MOST_DRAWS + 1] = {0}; /* gates that decide at this draw */
    size_t decided = 0, undecided = 0;
    fill_beta(z, 1 - d, spread);
    set_mean(z, 1 - d);
    for (size_t i = 0; i < POOL; i++) {
        sal_draw draw = {.r = 1, .a = z[i]};
        z[i] = sal_rule_z_(rule, rule->limit, &draw);
    }
    for (uint64_t g = 0; g < GATES; g++) {
        size_t j = run_gate(rule, z, g, most); /* later than the median so far: no matter when */
        if (!j) {
            if (++undecided > GATES - HALF) return 0;
            continue;
        }
        at[j]++;
        decided++;
        while (decided - at[most] >= HALF) decided -= at[most--];
    }
    return decided >= HALF ? most : 0;
}

static sal_status check_plan(double limit, double alpha, double spread, sal_rule *rule,
                             sal_error *err)
{
    *rule = (sal_rule){.limit = limit, .alpha = alpha, .highest = 1, .fixed_r = true, .steps = 1};
    if (!(limit > 0 && limit < 1))
        return sal_fail_(err, SAL_E_ARG, "limit is %s, wanted more than 0 and less than 1",
                         SAL_SHORT(limit));
    if (!(spread >= 0 && spread <= .5))
        return sal_fail_(err, SAL_E_ARG, "spread is %s, wanted 0 to 0.5", SAL_SHORT(spread));
    return sal_rule_check_(rule, err);
}

sal_status sal_required_draws(double d, double spread, double limit, double alpha, size_t *draws,
                              sal_error *err)
{
    sal_rule rule;
    if (!draws) return sal_fail_(err, SAL_E_ARG, "draws is NULL");
    if (!(d >= 0 && d <= 1))
        return sal_fail_(err, SAL_E_ARG, "D is %s, wanted 0 to 1", SAL_SHORT(d));
    sal_status st = check_plan(limit, alpha, spread, &rule, err);
    if (st == SAL_OK) *draws = median_draws(&rule, d, spread, MOST_DRAWS);
    return st;
}

/* Smallest distance on one side (-1 or 1) that is decided, or 0. */
static double seen_from(const sal_rule *rule, double side, double spread, size_t draws)
{
    double near = 0, far = side > 0 ? 1 - rule->limit : rule->limit;
    if (!median_draws(rule, side > 0 ? 1 : 0, 0, draws)) return 0; /* no spread at the ends */
    while (far - near > .001) {
        double middle = (near + far) / 2, d = rule->limit + side * middle;
        if (median_draws(rule, d, spread, draws))
            far = middle;
        else
            near = middle;
    }
    return far;
}

sal_status sal_min_detectable(size_t draws, double spread, double limit, double alpha,
                              double *distance, sal_error *err)
{
    sal_rule rule;
    if (!distance) return sal_fail_(err, SAL_E_ARG, "distance is NULL");
    if (draws < 1 || draws > MOST_DRAWS)
        return sal_fail_(err, SAL_E_ARG, "%zu draws, wanted 1 to %d", draws, MOST_DRAWS);
    sal_status st = check_plan(limit, alpha, spread, &rule, err);
    if (st != SAL_OK) return st;
    double below = seen_from(&rule, -1, spread, draws);
    double above = below > 0 ? seen_from(&rule, 1, spread, draws) : 0;
    *distance = above > 0 ? fmax(below, above) : 0;
    return SAL_OK;
}
