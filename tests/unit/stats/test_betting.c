#include "support.h"

#include "stats/betting.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NO_DRAW                                                                                    \
    {                                                                                              \
        0, 0, 0, false                                                                             \
    }
#define NO_NUMBER ((double)NAN)
#define ENDLESS ((double)INFINITY)

enum { MOST = 256 };

static const sal_rule plain = {
    .limit = .5, .alpha = .01, .highest = 1, .fixed_r = true, .steps = 1};

static double between(sal_rng *rng, double low, double high)
{
    return low + (high - low) * sal_rng_uniform_(rng);
}

static sal_decision decide(const char *name, const sal_rule *rule, const sal_draw *draws, size_t n,
                           size_t min_draws)
{
    sal_decision d;
    sal_error err = {SAL_OK, ""};
    if (sal_decide(rule, draws, n, min_draws, &d, &err) != SAL_OK)
        fail_msg("%s: %s", name, err.text);
    return d;
}

/* Z at every corner of the box of (r, a, u): the bounds are the extremes. */
static void bounds_are_the_corners(void **state)
{
    static const struct {
        const char *name;
        sal_rule rule;
    } cases[] = {{"folded", {.highest = 1, .fixed_r = true}},
                 {"signed", {.lowest = -1, .highest = 1, .fixed_r = true}},
                 {"folded, random r", {.highest = 1}},
                 {"signed, random r", {.lowest = -1, .highest = 1}},
                 {"mean", {.highest = 1, .mean = true}},
                 {"signed mean", {.lowest = -1, .highest = 1, .mean = true}}};
    static const double limits[] = {.01, .3, .5, .99};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
        for (size_t i = 0; i < 8; i++) {
            const sal_rule *rule = &cases[k].rule;
            double limit = limits[i % 4] + (i < 4 || rule->mean ? 0 : 1), low, high;
            double least = 1e9, most = -1e9;
            for (int corner = 0; corner < 8; corner++) {
                sal_draw d = {corner & 1 ? rule->lowest : rule->highest,
                              corner & 2 ? rule->lowest : rule->highest,
                              corner & 4 ? rule->lowest : rule->highest, true};
                if (rule->fixed_r) d.r = 1;
                double z = sal_rule_z_(rule, limit, &d);
                least = fmin(least, z);
                most = fmax(most, z);
            }
            sal_rule_bounds_(rule, limit, &low, &high);
            assert_near(cases[k].name, low, least, 1e-15);
            assert_near(cases[k].name, high, most, 1e-15);
        }
}

/* One draw by hand: r = 1, a = .2, u = .1 at limit .5: Z = .35, bounds [-.5, 1]. */
static void one_bet_by_hand(void **state)
{
    double up = .125 * 1.035 + .125 * 1.105 + .25 * 1.28 + .5 * 1.665;
    double down = .125 * .9825 + .125 * .9475 + .25 * .86 + .5 * .6675;
    sal_draw d = {1, .2, .1, true};
    (void)state;
    sal_decision got = decide("by hand", &plain, &d, 1, 0);
    assert_near("up", got.log_up, log(up), 1e-14);
    assert_near("down", got.log_down, log(down), 1e-14);
    assert_near("D", got.statistic, .8 / .9, 1e-14);
    assert_int_equal(got.outcome, SAL_INCONCLUSIVE);
    assert_near("pass at", sal_rule_pass_at_(&plain), log(200), 1e-14);
    sal_rule four = plain;
    four.steps = 4;
    assert_near("fail at", sal_rule_fail_at_(&four), log(800), 1e-14);
}

/* Constant draws: D = 1 multiplies up by 1 + g, D = 0 with u = 0 multiplies down by 1 + g/2. */
static void constant_draws_are_decided_when_they_must(void **state)
{
    static const struct {
        const char *name;
        double a, factor;
        size_t steps;
        sal_outcome outcome;
    } cases[] = {{"nothing left", 0, 1, 1, SAL_PASS},
                 {"nothing changed", 1, .5, 1, SAL_FAIL},
                 {"nothing left, 5 steps", 0, 1, 5, SAL_PASS},
                 {"nothing changed, 5 steps", 1, .5, 5, SAL_FAIL}};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        sal_draw draws[64];
        sal_rule rule = plain;
        rule.steps = cases[k].steps;
        double at = cases[k].outcome == SAL_FAIL ? 200 * (double)rule.steps : 200, wealth = 0;
        size_t want = 0;
        while (wealth < at) {
            want++;
            wealth = 0;
            for (size_t i = 0; i < SAL_BETS; i++)
                wealth += sal_bet_weights_[i] *
                          pow(1 + sal_bet_sizes_[i] * cases[k].factor, (double)want);
        }
        for (size_t j = 0; j < 64; j++) draws[j] = (sal_draw){1, cases[k].a, 0, true};
        sal_decision got = decide(cases[k].name, &rule, draws, 64, 0);
        if (got.outcome != cases[k].outcome || got.stop != want || got.counted != want)
            fail_msg("%s: %s at %zu, wanted %zu", cases[k].name, sal_outcome_name(got.outcome),
                     got.stop, want);
    }
}

static void nothing_defined_is_inconclusive(void **state)
{
    sal_draw draws[10] = {{.r = NO_NUMBER, .a = 5}};
    (void)state;
    for (size_t n = 0; n <= 10; n += 10) {
        sal_decision got = decide("undefined", &plain, draws, n, 0);
        assert_int_equal(got.outcome, SAL_INCONCLUSIVE);
        assert_false(got.has_statistic);
        assert_true(got.stop == n && got.defined == 0);
        assert_true(got.low == 0 && got.high == 2 && got.log_up == 0 && got.log_down == 0);
    }
    sal_draw same = {.r = .4, .a = .2, .u = .4, .defined = true};
    sal_rule rule = plain;
    rule.fixed_r = false;
    assert_false(decide("nothing to compare", &rule, &same, 1, 0).has_statistic);
}

static void undefined_draws_are_counted_but_not_bet_on(void **state)
{
    sal_draw draws[80], kept[40];
    (void)state;
    for (size_t j = 0; j < 40; j++) {
        kept[j] = (sal_draw){1, .9, .05, true};
        draws[2 * j] = (sal_draw){1, 0, 0, false};
        draws[2 * j + 1] = kept[j];
    }
    sal_decision a = decide("with", &plain, draws, 80, 0);
    sal_decision b = decide("without", &plain, kept, 40, 0);
    assert_int_equal(a.stop, 2 * b.stop);
    assert_int_equal(a.defined, b.defined);
    assert_true(a.low == b.low && a.high == b.high && a.log_down == b.log_down);
    for (size_t j = 1; j < 80; j += 2) draws[j].a = 1;
    a = decide("nothing changed", &plain, draws, 80, 0);
    assert_true(a.outcome == SAL_FAIL && a.low == 0);
}

static void min_draws_tighten_but_do_not_decide(void **state)
{
    sal_draw draws[128];
    sal_rng rng = sal_rng_for(3, "min-draws", 0);
    (void)state;
    for (size_t j = 0; j < 128; j++)
        draws[j] = (sal_draw){1, between(&rng, .8, 1), between(&rng, 0, .2), true};
    sal_decision first = decide("first", &plain, draws, 128, 0), more, all;
    more = decide("more", &plain, draws, 128, 100);
    all = decide("all", &plain, draws, 128, 1000);
    assert_int_equal(first.outcome, SAL_FAIL);
    assert_true(first.counted == first.stop && more.counted == 100 && all.counted == 128);
    assert_true(more.stop == first.stop && all.stop == first.stop && more.outcome == SAL_FAIL);
    assert_true(more.high < first.high && more.low > first.low && all.high < more.high);
    for (size_t j = 30; j < 128; j++) draws[j].a = 0; /* and now the opposite */
    sal_decision torn = decide("torn", &plain, draws, 128, 128);
    assert_true(torn.outcome == SAL_FAIL && torn.high < .5 && torn.low <= torn.high);
}

static void a_mean_is_judged_by_a_alone(void **state)
{
    sal_rule rule = {.limit = .65, .alpha = .01, .highest = 1, .mean = true, .steps = 1};
    sal_draw draws[60];
    (void)state;
    for (size_t j = 0; j < 60; j++)
        draws[j] = (sal_draw){NO_NUMBER, j % 4 < 3 ? 1 : .875, NO_NUMBER, true};
    sal_decision got = decide("faithful", &rule, draws, 60, 60);
    assert_int_equal(got.outcome, SAL_PASS);
    assert_near("mean", got.statistic, .96875, 1e-15);
    assert_true(got.low > .65 && got.low < .96875 && got.high > .96875 && got.high < 1);
    assert_true(got.mean_r == 0 && got.mean_u == 0);
    for (size_t j = 0; j < 60; j++) draws[j].a = 0;
    got = decide("nothing", &rule, draws, 60, 0);
    assert_true(got.outcome == SAL_FAIL && got.low == 0 && got.high < .65);
}

/* Log wealth of one side anywhere in the sequence, the slow way. */
static bool rejected(const sal_rule *rule, double limit, const sal_draw *draws, size_t n, bool up)
{
    double low, high;
    sal_wealth w;
    sal_rule_bounds_(rule, limit, &low, &high);
    sal_wealth_start_(&w, low, high);
    for (size_t j = 0; j < n; j++) {
        if (!draws[j].defined) continue;
        sal_wealth_add_(&w, sal_rule_z_(rule, limit, &draws[j]));
        if (up ? sal_wealth_up_(&w) >= sal_rule_pass_at_(rule)
               : sal_wealth_down_(&w) >= sal_rule_fail_at_(rule))
            return true;
    }
    return false;
}

/* A sequence of random character: level, spread, undefined share, and sometimes a turn. */
static void make_sequence(sal_rng *rng, const sal_rule *rule, sal_draw *draws, size_t n)
{
    double lowest = rule->lowest, highest = rule->highest;
    double at[3], width = pow(sal_rng_uniform_(rng), 2), missing = between(rng, -.3, .3);
    size_t turn = sal_rng_below_(rng, 3) ? n : sal_rng_below_(rng, n);
    for (size_t i = 0; i < 3; i++) at[i] = between(rng, lowest, highest);
    for (size_t j = 0; j < n; j++) {
        double v[3];
        if (j == turn) at[1] = lowest + highest - at[1];
        for (size_t i = 0; i < 3; i++) {
            double range = width * (highest - lowest) / 2;
            v[i] = fmin(fmax(at[i] + between(rng, -range, range), lowest), highest);
        }
        draws[j] = (sal_draw){v[0], v[1], v[2], sal_rng_uniform_(rng) >= missing};
        if (rule->fixed_r) draws[j].r = 1;
    }
}

static void random_rule(sal_rng *rng, sal_rule *rule)
{
    static const double alphas[] = {.3, .05, .01, 1e-6};
    size_t kind = sal_rng_below_(rng, 3);
    *rule = (sal_rule){.alpha = alphas[sal_rng_below_(rng, 4)], .highest = 1};
    rule->lowest = sal_rng_below_(rng, 2) ? -1 : 0;
    rule->fixed_r = kind == 0;
    rule->mean = kind == 2;
    rule->steps = 1 + sal_rng_below_(rng, 5);
    if (rule->mean)
        rule->limit = between(rng, rule->lowest, 1);
    else
        rule->limit = sal_rng_below_(rng, 2) ? .5 : between(rng, .02, 1.98);
}

static bool agrees(const sal_rule *rule, const sal_decision *d)
{
    double limit = rule->limit;
    if (!(d->low <= d->high)) return false;
    if (d->outcome == SAL_PASS) return d->low > limit;
    if (d->outcome == SAL_FAIL) return d->high < limit;
    return d->low <= limit && d->high >= limit;
}

static void outcome_and_interval_never_disagree(void **state)
{
    sal_rng rng = sal_rng_for(5, "agree", 0);
    size_t seen[3] = {0};
    (void)state;
    for (size_t k = 0; k < 3000; k++) {
        sal_draw draws[MOST];
        sal_rule rule;
        char name[128];
        random_rule(&rng, &rule);
        size_t n = 1 + sal_rng_below_(&rng, 200);
        size_t min_draws = sal_rng_below_(&rng, 2) ? 0 : sal_rng_below_(&rng, 250);
        make_sequence(&rng, &rule, draws, n);
        snprintf(name, sizeof name, "sequence %zu (limit %g, mean %d, fixed %d, steps %zu)", k,
                 rule.limit, rule.mean, rule.fixed_r, rule.steps);
        sal_decision d = decide(name, &rule, draws, n, min_draws);
        double bottom = rule.mean ? rule.lowest : 0, top = rule.mean ? 1 : 2;
        bool good = d.low >= bottom && d.high <= top && agrees(&rule, &d);
        if (!good)
            fail_msg("%s: %s, [%.17g, %.17g]", name, sal_outcome_name(d.outcome), d.low, d.high);
        seen[d.outcome]++;
    }
    for (size_t i = 0; i < 3; i++)
        if (seen[i] < 300) fail_msg("only %zu of outcome %zu", seen[i], i);
}

/* The limit is driven to the last bit at which the outcome changes: both neighbours must agree
 * with their own intervals. */
static void decisions_by_a_hair_agree(void **state)
{
    sal_rng rng = sal_rng_for(8, "hair", 0);
    size_t tried = 0;
    (void)state;
    for (size_t k = 0; k < 300; k++) {
        sal_draw draws[64];
        sal_rule at[2];
        sal_decision d[2];
        random_rule(&rng, &at[0]);
        at[0].alpha = .3;
        make_sequence(&rng, &at[0], draws, 64);
        at[1] = at[0];
        for (int i = 0; i < 2; i++) {
            at[i].limit = at[i].mean ? at[i].lowest : 0;
            at[i].limit += i ? 1e-3 : (at[i].mean ? 1 - at[i].lowest : 2) - 1e-3;
            d[i] = decide("far", &at[i], draws, 64, 64);
        }
        if (d[0].outcome == d[1].outcome) continue;
        tried++;
        for (int step = 0; step < 60; step++) {
            sal_rule middle = at[0];
            middle.limit = at[0].limit + (at[1].limit - at[0].limit) / 2;
            sal_decision got = decide("between", &middle, draws, 64, 64);
            int i = got.outcome == d[1].outcome;
            at[i] = middle;
            d[i] = got;
        }
        for (int i = 0; i < 2; i++)
            if (!agrees(&at[i], &d[i]))
                fail_msg("sequence %zu: limit %.17g, %s, [%.17g, %.17g]", k, at[i].limit,
                         sal_outcome_name(d[i].outcome), d[i].low, d[i].high);
    }
    assert_true(tried > 150);
}

/* Just outside an end its side rejects, just inside it does not: by logarithms, limit by limit. */
static void ends_are_where_the_bets_turn(void **state)
{
    sal_rng rng = sal_rng_for(6, "ends", 0);
    size_t tried = 0;
    (void)state;
    for (size_t k = 0; k < 1000; k++) {
        sal_draw draws[MOST];
        sal_rule rule;
        char name[64];
        random_rule(&rng, &rule);
        make_sequence(&rng, &rule, draws, MOST);
        snprintf(name, sizeof name, "sequence %zu", k);
        if (!rule.mean && !rule.fixed_r) continue;
        sal_decision d = decide(name, &rule, draws, MOST, 0);
        double bottom = rule.mean ? rule.lowest : 0, top = rule.mean ? 1 : 2, step = 1e-8;
        if (d.low == d.high) continue; /* all limits rejected */
        tried++;
        if (d.low > bottom + step && (!rejected(&rule, d.low - step, draws, d.counted, true) ||
                                      rejected(&rule, d.low + step, draws, d.counted, true)))
            fail_msg("%s: low end %.12g", name, d.low);
        if (d.high < top - step && (!rejected(&rule, d.high + step, draws, d.counted, false) ||
                                    rejected(&rule, d.high - step, draws, d.counted, false)))
            fail_msg("%s: high end %.12g", name, d.high);
    }
    assert_true(tried > 400);
}

static void a_check_that_stops_early_agrees(void **state)
{
    sal_rng rng = sal_rng_for(7, "early", 0);
    (void)state;
    for (size_t k = 0; k < 200; k++) {
        sal_draw draws[MOST];
        sal_rule rule;
        sal_trial t;
        sal_decision early;
        random_rule(&rng, &rule);
        make_sequence(&rng, &rule, draws, MOST);
        sal_decision whole = decide("whole", &rule, draws, MOST, 0);
        sal_trial_start_(&t, &rule);
        while (!t.stop && t.counted < MOST) sal_trial_add_(&t, &draws[t.counted]);
        sal_trial_report_(&t, &early);
        sal_trial_interval_(&t, draws, &early.low, &early.high);
        double low, high;
        sal_rule_interval_(&rule, draws, t.counted, &low, &high);
        assert_true(low == early.low && high == early.high);
        if (early.outcome != whole.outcome || early.stop != whole.stop || early.low != whole.low ||
            early.high != whole.high || early.statistic != whole.statistic ||
            early.log_up != whole.log_up)
            fail_msg("sequence %zu differs", k);
    }
}

static void limits_beyond_reach_end_at_the_border(void **state)
{
    sal_draw draws[64];
    sal_rule rule = plain;
    (void)state;
    for (size_t j = 0; j < 64; j++) draws[j] = (sal_draw){1, 0, .9, true}; /* D = 10 */
    sal_decision d = decide("above", &rule, draws, 64, 64);
    assert_true(d.outcome == SAL_PASS && d.low == 2 && d.high == 2);
    rule.fixed_r = false;
    d = decide("above, random r", &rule, draws, 64, 64);
    assert_true(d.outcome == SAL_PASS && d.low == 2 && d.high == 2);
    for (size_t j = 0; j < 64; j++) draws[j] = (sal_draw){.5, 1, 0, true}; /* D = -1 */
    d = decide("below, random r", &rule, draws, 64, 64);
    assert_true(d.outcome == SAL_FAIL && d.low == 0 && d.high == 0);
}

static void bad_terms_are_named(void **state)
{
    static const struct {
        const char *name;
        sal_rule rule;
        sal_draw draw;
        sal_status want;
        const char *says;
    } cases[] = {
        {"alpha 0", {.5, 0, 0, 1, false, true, 1}, NO_DRAW, SAL_E_ARG, "alpha is 0"},
        {"alpha 1", {.5, 1, 0, 1, false, true, 1}, NO_DRAW, SAL_E_ARG, "alpha is 1"},
        {"alpha NaN", {.5, NO_NUMBER, 0, 1, false, true, 1}, NO_DRAW, SAL_E_ARG, "alpha is nan"},
        {"limit 0", {0, .01, 0, 1, false, true, 1}, NO_DRAW, SAL_E_ARG, "limit is 0"},
        {"limit 2", {2, .01, 0, 1, false, true, 1}, NO_DRAW, SAL_E_ARG, "limit is 2"},
        {"limit NaN", {NO_NUMBER, .01, 0, 1, false, true, 1}, NO_DRAW, SAL_E_ARG, "limit is nan"},
        {"mean at its end", {1, .01, 0, 1, true, false, 1}, NO_DRAW, SAL_E_ARG, "limit is 1"},
        {"mean below", {-1, .01, -1, 1, true, false, 1}, NO_DRAW, SAL_E_ARG, "limit is -1"},
        {"empty range", {.5, .01, 1, 1, false, true, 1}, NO_DRAW, SAL_E_ARG, "from 1 to 1"},
        {"endless", {.5, .01, 0, ENDLESS, true, false, 1}, NO_DRAW, SAL_E_ARG, "from 0 to inf"},
        {"fixed r, to 2", {.5, .01, 0, 2, false, true, 1}, NO_DRAW, SAL_E_ARG, "r is fixed"},
        {"no step", {.5, .01, 0, 1, false, true, 0}, NO_DRAW, SAL_E_ARG, "0 steps"},
        {"a above",
         {.5, .01, 0, 1, false, true, 1},
         {1, 1.1, 0, true},
         SAL_E_VALUE,
         "draw 0: a is 1.1, wanted 0 to 1"},
        {"a NaN",
         {.5, .01, 0, 1, false, true, 1},
         {1, NO_NUMBER, 0, true},
         SAL_E_VALUE,
         "a is nan"},
        {"u below", {.5, .01, 0, 1, false, true, 1}, {1, .5, -.1, true}, SAL_E_VALUE, "u is -0.1"},
        {"r not 1", {.5, .01, 0, 1, false, true, 1}, {.9, .5, .1, true}, SAL_E_VALUE, "r is 0.9"},
        {"r NaN",
         {.5, .01, 0, 1, false, true, 1},
         {NO_NUMBER, .5, .1, true},
         SAL_E_VALUE,
         "r is nan"},
        {"random r above",
         {.5, .01, 0, 1, false, false, 1},
         {1.5, .5, .1, true},
         SAL_E_VALUE,
         "r is 1.5"},
        {"a mean has no r", {.5, .01, 0, 2, true, true, 1}, {3, .5, 3, true}, SAL_OK, ""},
        {"rounding is let through",
         {.5, .01, 0, 1, false, true, 1},
         {1, 1 + 1e-12, 0, true},
         SAL_OK,
         ""},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        sal_decision d = {.stop = 77};
        sal_error err = {SAL_OK, ""};
        sal_status st = sal_decide(&cases[k].rule, &cases[k].draw, 1, 0, &d, &err);
        if (st != cases[k].want || !strstr(err.text, cases[k].says))
            fail_msg("%s: status %d, '%s'", cases[k].name, st, err.text);
        if (st != SAL_OK && d.stop != 77) fail_msg("%s: out was written", cases[k].name);
    }
    assert_int_equal(sal_decide(NULL, NULL, 0, 0, NULL, NULL), SAL_E_ARG);
    assert_int_equal(sal_decide(&plain, NULL, 1, 0, &(sal_decision){0}, NULL), SAL_E_ARG);
    assert_int_equal(sal_decide(&plain, NULL, 0, 0, NULL, NULL), SAL_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_are_the_corners),
        cmocka_unit_test(one_bet_by_hand),
        cmocka_unit_test(constant_draws_are_decided_when_they_must),
        cmocka_unit_test(nothing_defined_is_inconclusive),
        cmocka_unit_test(undefined_draws_are_counted_but_not_bet_on),
        cmocka_unit_test(min_draws_tighten_but_do_not_decide),
        cmocka_unit_test(a_mean_is_judged_by_a_alone),
        cmocka_unit_test(outcome_and_interval_never_disagree),
        cmocka_unit_test(decisions_by_a_hair_agree),
        cmocka_unit_test(ends_are_where_the_bets_turn),
        cmocka_unit_test(a_check_that_stops_early_agrees),
        cmocka_unit_test(limits_beyond_reach_end_at_the_border),
        cmocka_unit_test(bad_terms_are_named),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
