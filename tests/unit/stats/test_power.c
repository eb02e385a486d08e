#include "support.h"

#include "base/base.h"

#include <salcheck/stats.h>

#include <math.h>
#include <string.h>

static size_t required(double d, double spread, double limit, double alpha)
{
    size_t draws = 77;
    sal_error err = {SAL_OK, ""};
    if (sal_required_draws(d, spread, limit, alpha, &draws, &err) != SAL_OK)
        fail_msg("D %g, spread %g: %s", d, spread, err.text);
    return draws;
}

static double detectable(size_t draws, double spread, double limit, double alpha)
{
    double distance = -1;
    sal_error err = {SAL_OK, ""};
    if (sal_min_detectable(draws, spread, limit, alpha, &distance, &err) != SAL_OK)
        fail_msg("%zu draws, spread %g: %s", draws, spread, err.text);
    return distance;
}

static const struct {
    const char *name;
    double d, limit, alpha;
} plans[] = {{"all", 1, .5, .01},      {"nothing", 0, .5, .01},      {"much", .9, .5, .05},
             {"little", .15, .5, .01}, {"high limit", .95, .8, .05}, {"near", .55, .5, .01},
             {"strict", .8, .5, 1e-6}};

/* Without spread every gate is the same sequence: sal_decide says when it ends. */
static void no_spread_agrees_with_the_rule(void **state)
{
    static sal_draw draws[4096];
    (void)state;
    for (size_t k = 0; k < sizeof plans / sizeof plans[0]; k++) {
        sal_rule rule = {.limit = plans[k].limit,
                         .alpha = plans[k].alpha,
                         .highest = 1,
                         .fixed_r = true,
                         .steps = 1};
        sal_decision want;
        for (size_t j = 0; j < 4096; j++) draws[j] = (sal_draw){1, 1 - plans[k].d, 0, true};
        assert_int_equal(sal_decide(&rule, draws, 4096, 0, &want, NULL), SAL_OK);
        size_t got = required(plans[k].d, 0, plans[k].limit, plans[k].alpha);
        if (got != want.stop) fail_msg("%s: %zu, wanted %zu", plans[k].name, got, want.stop);
    }
}

/* Beta variables that have a closed form, from a uniform u and the mean. */
static double coin(double u, double mean)
{
    return u < mean;
}

static double even(double u, double mean) /* Beta(1, 1) */
{
    (void)mean;
    return u;
}

static double arcsine(double u, double mean) /* Beta(1/2, 1/2) */
{
    (void)mean;
    return pow(sin(u * 1.5707963267948966), 2);
}

static double power(double u, double mean) /* Beta(k, 1), k = mean/(1 - mean) */
{
    return pow(u, (1 - mean) / mean);
}

static const struct {
    const char *name;
    double (*draw)(double u, double mean);
    double d, variance, limit, alpha;
} shapes[] = {{"coin", coin, .9, .09, .5, .05},
              {"coin, low", coin, .15, .1275, .5, .01},
              {"coin, high limit", coin, .95, .0475, .8, .05},
              {"even, above", even, .5, 1. / 12, .35, .01},
              {"even, below", even, .5, 1. / 12, .65, .05},
              {"arcsine, above", arcsine, .5, 1. / 8, .3, .01},
              {"arcsine, below", arcsine, .5, 1. / 8, .7, .05},
              {"power", power, .2, 4. / 150, .5, .01}};

/* Run through sal_decide, half of gates made otherwise must have ended at the answer and not
 * before, within 4 sigma of both simulations. */
static void other_simulations_agree(void **state)
{
    enum { GATES = 400, MOST = 600 };
    static sal_draw draws[MOST];
    double slack = 4 * sqrt(.25 / GATES + .25 / 1000);
    (void)state;
    for (size_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++) {
        size_t got =
            required(shapes[k].d, sqrt(shapes[k].variance), shapes[k].limit, shapes[k].alpha);
        size_t before = 0, within = 0;
        sal_rule rule = {.limit = shapes[k].limit,
                         .alpha = shapes[k].alpha,
                         .highest = 1,
                         .fixed_r = true,
                         .steps = 1};
        for (size_t g = 0; g < GATES; g++) {
            sal_rng rng = sal_rng_for(21, "shapes", g);
            sal_decision one;
            for (size_t j = 0; j < MOST; j++)
                draws[j] =
                    (sal_draw){1, shapes[k].draw(sal_rng_uniform_(&rng), 1 - shapes[k].d), 0, true};
            assert_int_equal(sal_decide(&rule, draws, MOST, 0, &one, NULL), SAL_OK);
            within += one.outcome != SAL_INCONCLUSIVE && one.stop <= got;
            before += one.outcome != SAL_INCONCLUSIVE && one.stop < got;
        }
        if ((double)within < (.5 - slack) * GATES || (double)before > (.5 + slack) * GATES)
            fail_msg("%s: %zu draws, but of %d gates %zu ended before and %zu by then",
                     shapes[k].name, got, GATES, before, within);
    }
}

static void farther_and_steadier_needs_fewer_draws(void **state)
{
    static const double ds[] = {.55, .6, .7, .85};
    static const double spreads[] = {0, .1, .2, .3};
    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++) {
            size_t here = required(ds[i], spreads[k], .5, .01);
            if (i && here >= required(ds[i - 1], spreads[k], .5, .01))
                fail_msg("D %g, spread %g: %zu draws, not fewer", ds[i], spreads[k], here);
            if (k && here + 1 < required(ds[i], spreads[k - 1], .5, .01))
                fail_msg("D %g, spread %g: %zu draws, fewer", ds[i], spreads[k], here);
        }
    assert_int_equal(required(.5, .2, .5, .01), 0); /* on the limit: mostly never */
}

/* At the distance found half of the gates decide in time on both sides; well inside, not. */
static void detectable_and_required_agree(void **state)
{
    static const struct {
        size_t draws;
        double spread, limit, alpha;
    } cases[] = {{20, .1, .5, .01}, {64, .2, .5, .01}, {256, .3, .5, .05}, {100, .15, .65, .01}};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        double limit = cases[k].limit, spread = cases[k].spread, alpha = cases[k].alpha;
        double distance = detectable(cases[k].draws, spread, limit, alpha);
        bool in_time[2][2];
        for (int side = 0; side < 2; side++)
            for (int inside = 0; inside < 2; inside++) {
                double d = limit + (side ? 1 : -1) * distance * (inside ? .9 : 1);
                size_t n = required(d, spread, limit, alpha);
                in_time[side][inside] = n && n <= cases[k].draws;
            }
        if (!(distance > 0 && distance <= fmin(limit, 1 - limit)) || !in_time[0][0] ||
            !in_time[1][0] || (in_time[0][1] && in_time[1][1]))
            fail_msg("%zu draws: distance %g", cases[k].draws, distance);
    }
}

static void too_few_draws_detect_nothing(void **state)
{
    (void)state;
    assert_true(detectable(1, 0, .5, .01) == 0);
    assert_true(detectable(15, 0, .5, .01) == 0); /* D = 0 needs 16 */
    assert_true(detectable(16, 0, .5, .01) > .4);
}

static void more_spread_than_can_be_is_the_widest(void **state)
{
    (void)state;
    assert_int_equal(required(.9, .5, .5, .01), required(.9, .3, .5, .01));
    assert_int_equal(required(1, .5, .5, .01), required(1, 0, .5, .01));
}

static void equal_questions_have_equal_answers(void **state)
{
    (void)state;
    assert_int_equal(required(.7, .2, .5, .01), required(.7, .2, .5, .01));
    assert_true(detectable(40, .2, .5, .01) == detectable(40, .2, .5, .01));
}

static void bad_arguments_are_named(void **state)
{
    static const struct {
        const char *name;
        double d, spread, limit, alpha;
        const char *says;
    } cases[] = {{"D below", -.1, 0, .5, .01, "D is -0.1"},
                 {"D above", 1.1, 0, .5, .01, "D is 1.1"},
                 {"D NaN", (double)NAN, 0, .5, .01, "D is nan"},
                 {"spread below", .7, -.1, .5, .01, "spread is -0.1"},
                 {"spread too wide", .9, .51, .5, .01, "spread is 0.51, wanted 0 to 0.5"},
                 {"limit 0", .7, .1, 0, .01, "limit is 0"},
                 {"limit 1", .7, .1, 1, .01, "limit is 1"},
                 {"alpha 0", .7, .1, .5, 0, "alpha is 0"},
                 {"alpha 1", .7, .1, .5, 1, "alpha is 1"}};
    sal_error err;
    size_t draws = 77;
    double distance = 77;
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        sal_status st = sal_required_draws(cases[k].d, cases[k].spread, cases[k].limit,
                                           cases[k].alpha, &draws, &err);
        if (st != SAL_E_ARG || !strstr(err.text, cases[k].says) || draws != 77)
            fail_msg("%s: status %d, '%s'", cases[k].name, st, err.text);
    }
    assert_int_equal(sal_min_detectable(0, .1, .5, .01, &distance, &err), SAL_E_ARG);
    assert_non_null(strstr(err.text, "0 draws"));
    assert_int_equal(sal_min_detectable(4097, .1, .5, .01, &distance, &err), SAL_E_ARG);
    assert_int_equal(sal_min_detectable(20, .6, .5, .01, &distance, &err), SAL_E_ARG);
    assert_int_equal(sal_min_detectable(20, .1, 0, .01, &distance, &err), SAL_E_ARG);
    assert_int_equal(sal_min_detectable(20, .1, .5, .01, NULL, &err), SAL_E_ARG);
    assert_int_equal(sal_required_draws(.7, .1, .5, .01, NULL, NULL), SAL_E_ARG);
    assert_true(distance == 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_spread_agrees_with_the_rule),
        cmocka_unit_test(other_simulations_agree),
        cmocka_unit_test(farther_and_steadier_needs_fewer_draws),
        cmocka_unit_test(detectable_and_required_agree),
        cmocka_unit_test(too_few_draws_detect_nothing),
        cmocka_unit_test(more_spread_than_can_be_is_the_widest),
        cmocka_unit_test(equal_questions_have_equal_answers),
        cmocka_unit_test(bad_arguments_are_named),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
