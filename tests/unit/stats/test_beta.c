#include "support.h"

#include "stats/beta.h"

#include <math.h>

/* Raw moments E x^n = prod (p + i)/(p + q + i); the sample's lie within 5 standard errors. */
static void moments_are_those_of_the_distribution(void **state)
{
    static const struct {
        const char *name;
        double p, q;
    } cases[] = {{"two points", 1e-6, 3e-6},
                 {"U", .02, .05},
                 {"arcsine", .5, .5},
                 {"slope", 4, 1},
                 {"even", 1, 1},
                 {"hump", 2.5, 7},
                 {"mixed", .3, 30},
                 {"narrow", 2000, 500}};
    enum { MANY = 100000 };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        sal_rng rng = sal_rng_for(41, cases[k].name, 0);
        double moment[5] = {0}, want[9] = {1};
        for (size_t n = 0; n < 8; n++)
            want[n + 1] =
                want[n] * (cases[k].p + (double)n) / (cases[k].p + cases[k].q + (double)n);
        for (size_t i = 0; i < MANY; i++) {
            double x = sal_beta_variable_(&rng, cases[k].p, cases[k].q), power = 1;
            if (!(x >= 0 && x <= 1)) fail_msg("%s: %g", cases[k].name, x);
            for (size_t n = 1; n <= 4; n++) moment[n] += power *= x;
        }
        for (size_t n = 1; n <= 4; n++)
            assert_near(cases[k].name, moment[n] / MANY, want[n],
                        5 * sqrt((want[2 * n] - want[n] * want[n]) / MANY));
        double mean = moment[1] / MANY, variance = moment[2] / MANY - mean * mean;
        double p = cases[k].p, q = cases[k].q, exact = p * q / ((p + q) * (p + q) * (p + q + 1));
        assert_near(cases[k].name, variance / exact, 1, .03);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_those_of_the_distribution),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
