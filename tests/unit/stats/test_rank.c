/* Mid-ranks against the definition: 1 + how many are smaller + half of how many others are equal. */
#include "support.h"

#include "base/base.h"
#include "stats/rank.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef double (*maker)(sal_rng *rng, size_t i);

static double floats(sal_rng *rng, size_t i)
{
    (void)i;
    return (double)(float)sal_rng_normal_(rng);
}

static double positive_floats(sal_rng *rng, size_t i)
{
    return fabs(floats(rng, i));
}

static double doubles(sal_rng *rng, size_t i)
{
    (void)i;
    return sal_rng_normal_(rng) * pow(10, 20 * sal_rng_uniform_(rng) - 10);
}

/* Sixty bits differ, the lowest four do not. */
static double coarse_doubles(sal_rng *rng, size_t i)
{
    double v = doubles(rng, i);
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    bits &= ~UINT64_C(15);
    memcpy(&v, &bits, sizeof v);
    return v;
}

static double close_doubles(sal_rng *rng, size_t i)
{
    (void)i;
    return 1 + (double)sal_rng_below_(rng, 500) * DBL_EPSILON;
}

static double levels(sal_rng *rng, size_t i)
{
    (void)i;
    return (double)sal_rng_below_(rng, 4) - 1;
}

static double mostly_zero(sal_rng *rng, size_t i)
{
    double sign = i % 2 ? -0.0 : 0.0;
    return sal_rng_uniform_(rng) < 0.8 ? sign : sal_rng_normal_(rng);
}

static double extremes(sal_rng *rng, size_t i)
{
    static const double all[] = {DBL_MAX, -DBL_MAX, DBL_MIN, -DBL_MIN, 4.9e-324, -4.9e-324, 0, 1};
    (void)i;
    return all[sal_rng_below_(rng, 8)];
}

static double constant(sal_rng *rng, size_t i)
{
    (void)rng, (void)i;
    return 0.1;
}

static double falling(sal_rng *rng, size_t i)
{
    (void)rng;
    return -(double)i;
}

static const struct {
    const char *name;
    maker make;
} cases[] = {
    {"floats", floats},           {"positive floats", positive_floats},
    {"doubles", doubles},         {"neighbouring doubles", close_doubles},
    {"four levels", levels},      {"zeros of both signs", mostly_zero},
    {"extreme values", extremes}, {"constant", constant},
    {"falling", falling},         {"doubles, low bits zero", coarse_doubles},
};

static void check(const char *name, size_t n, const double *v)
{
    double *ranks = calloc(n + 1, sizeof *ranks), *scratch = calloc(2 * n + 1, sizeof *scratch);
    sal_rank_(n, v, ranks, scratch);
    for (size_t i = 0; i < n; i++) {
        size_t below = 0, equal = 0;
        for (size_t k = 0; k < n; k++) {
            below += v[k] < v[i];
            equal += v[k] == v[i];
        }
        double rank = (double)below + 0.5 * (double)(equal + 1);
        if (!(ranks[i] == rank))
            fail_msg("%s, n %zu: rank of %g is %g, wanted %g", name, n, v[i], ranks[i], rank);
    }
    free(ranks);
    free(scratch);
}

static void ranks_by_definition(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 3, 10, 784, 2047, 2048, 2500};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            sal_rng rng = sal_rng_for(3, cases[c].name, s);
            double *v = calloc(sizes[s] + 1, sizeof *v);
            for (size_t i = 0; i < sizes[s]; i++) v[i] = cases[c].make(&rng, i);
            check(cases[c].name, sizes[s], v);
            free(v);
        }
}

static void five_values(void **state)
{
    (void)state;
    const double v[] = {1, 2, 2, 3, 0}, want[] = {2, 3.5, 3.5, 5, 1};
    double ranks[5], scratch[10];
    sal_rank_(5, v, ranks, scratch);
    for (size_t i = 0; i < 5; i++) assert_near("(1, 2, 2, 3, 0)", ranks[i], want[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_by_definition),
        cmocka_unit_test(five_values),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
