/* Two unrelated maps with zeros in the same places are alike by rank of absolute values, for that
 * reason alone: with a share z of zeros, rho = 3z / (1 + z + z^2). That is why gradient times input
 * looks unchanged after randomising (digits: z near .85). Signed ranks do not see it.
 * Derived from mid-ranks: the zeros are one tied group, lowest in both maps. */
#include "metric_pair.h"

#include "base/base.h"

#include <math.h>
#include <stdio.h>

enum { N = 784, RUNS = 300 };

static const sal_map_shape shape = {1, 28, 28};

typedef struct {
    double mean, error; /* standard error of the mean */
} estimate;

/* Zeros at the first n0 places of a random order; elsewhere independent normal magnitudes, with
 * signs that agree with expectation c. */
static void draw(sal_rng *rng, size_t n0, double c, float *a, float *b)
{
    size_t order[N];
    sal_rng_shuffle_(rng, N, order);
    for (size_t i = 0; i < N; i++) {
        double sign = sal_rng_uniform_(rng) < 0.5 ? -1 : 1;
        double other = sal_rng_uniform_(rng) < (1 + c) / 2 ? sign : -sign;
        bool zero = i < n0;
        a[order[i]] = zero ? 0 : (float)(sign * fabs(sal_rng_normal_(rng)));
        b[order[i]] = zero ? 0 : (float)(other * fabs(sal_rng_normal_(rng)));
    }
}

static estimate simulate(const char *metric, size_t n0, double c)
{
    double sum = 0, squares = 0;
    for (size_t run = 0; run < RUNS; run++) {
        float a[N], b[N];
        sal_rng rng = sal_rng_for(21, metric, sal_index_pair_(n0, run));
        draw(&rng, n0, c, a, b);
        sal_similarity s = pair_similarity(metric, shape, a, b);
        if (!s.defined) fail_msg("%s, %zu zeros: %s", metric, n0, s.undefined);
        sum += s.value;
        squares += s.value * s.value;
    }
    const double mean = sum / RUNS, variance = squares / RUNS - mean * mean;
    return (estimate){mean, sqrt(variance / RUNS)};
}

static const size_t zeros[] = {0, 157, 392, 627, 706}; /* z = 0, .2003, .5, .7997, .9005 */

enum { SHARES = sizeof zeros / sizeof zeros[0] };

static void absolute_values_follow_the_mask(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHARES; i++) {
        const double n = N, n0 = (double)zeros[i], z = n0 / n;
        /* expectation for finite n */
        const double want = 3 * n * n0 * (n - n0) / (n * n * n - n - n0 * n0 * n0 + n0);
        const double spread = (1 - z) * (1 - z) / ((1 + z + z * z) * sqrt(n - n0 - 1));
        const estimate got = simulate("spearman-abs", zeros[i], 0);
        char name[32];
        snprintf(name, sizeof name, "absolute, %zu zeros", zeros[i]);
        assert_near(name, want, 3 * z / (1 + z + z * z), 2e-6);
        assert_near(name, got.mean, want, 4 * spread / sqrt(RUNS));
        assert_near(name, got.error * sqrt(RUNS) / spread, 1, 0.2);
    }
}

static void signed_ranks_do_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHARES; i++) {
        const estimate got = simulate("spearman", zeros[i], 0);
        assert_near("signed, no agreement", got.mean, 0, 4 * got.error);
        assert_true(got.error * sqrt(RUNS) < 0.15);
    }
}

/* Signs that agree with expectation c: rho = 3/4 c (1 + z)^2 / (1 + z + z^2). */
static void agreeing_signs(void **state)
{
    (void)state;
    static const double want[SHARES] = {.450, .523, .579, .598, .600};
    for (size_t i = 0; i < SHARES; i++) {
        const double z = (double)zeros[i] / N, c = 0.6;
        const double formula = 0.75 * c * (1 + z) * (1 + z) / (1 + z + z * z);
        const estimate got = simulate("spearman", zeros[i], c);
        assert_near("formula", formula, want[i], 6e-4);
        assert_near("agreeing signs", got.mean, formula, 4 * got.error + 1.5 / N);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absolute_values_follow_the_mask),
        cmocka_unit_test(signed_ranks_do_not),
        cmocka_unit_test(agreeing_signs),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
