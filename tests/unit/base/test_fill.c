/* Random numbers in bulk: their laws, and that a longer fill starts as a shorter one. */
#include "support.h"

#include "base/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 200000 };

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static double normal_below(double z)
{
    return 0.5 * erfc(-z / sqrt(2));
}

static double uniform_below(double z)
{
    return z;
}

static double truncated_below(double z)
{
    double low = normal_below(-2);
    return (normal_below(z) - low) / (1 - 2 * low);
}

/* Kolmogorov-Smirnov: the largest distance of the sample's distribution from the law, times sqrt n;
 * 1.95 is exceeded by chance once in a thousand. */
static double distance(float *sample, double (*below)(double))
{
    double worst = 0;
    qsort(sample, N, sizeof *sample, by_size);
    for (int i = 0; i < N; i++) {
        double p = below((double)sample[i]), low = p - i / (double)N,
               high = (i + 1) / (double)N - p;
        if (low > worst) worst = low;
        if (high > worst) worst = high;
    }
    return worst * sqrt(N);
}

static void fills_follow_their_laws(void **state)
{
    static const struct {
        const char *name;
        void (*fill)(sal_rng *, size_t, float *);
        double (*below)(double);
    } cases[] = {{"normal", sal_rng_fill_normal_, normal_below},
                 {"truncated", sal_rng_fill_truncated_, truncated_below},
                 {"uniform", sal_rng_fill_uniform_, uniform_below}};
    (void)state;
    float *x = malloc(N * sizeof *x);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (uint64_t seed = 1; seed <= 4; seed++) {
            sal_rng rng = sal_rng_for(seed, cases[i].name, 0);
            cases[i].fill(&rng, N, x);
            double d = distance(x, cases[i].below);
            if (!(d < 1.95)) fail_msg("%s, seed %d: distance %g", cases[i].name, (int)seed, d);
        }
    free(x);
}

/* Both numbers of a pair, and neighbours, have nothing in common. */
static void normals_are_not_correlated(void **state)
{
    (void)state;
    float *x = malloc(N * sizeof *x);
    sal_rng rng = sal_rng_for(3, "pairs", 0);
    sal_rng_fill_normal_(&rng, N, x);
    static const int lags[] = {1, 2, 256, 512, 1024};
    for (size_t k = 0; k < sizeof lags / sizeof lags[0]; k++) {
        double sum = 0, squares = 0;
        for (int i = 0; i + lags[k] < N; i++) {
            double a = (double)x[i], b = (double)x[i + lags[k]];
            sum += a * b;
            squares += (a * a - 1) * (b * b - 1) / 2;
        }
        assert_near("product", sum / sqrt(N), 0, 4);
        assert_near("product of squares", squares / sqrt(N), 0, 4);
    }
    free(x);
}

static void words_are_those_of_philox(void **state)
{
    (void)state;
    float x[1024];
    sal_rng rng = sal_rng_for(5, "words", 9), copy = rng;
    sal_rng_fill_uniform_(&rng, 1024, x);
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t counter[4] = {copy.counter[0] + i, copy.counter[1], copy.counter[2],
                               copy.counter[3]},
                 out[4];
        sal_philox_(counter, copy.key, out);
        for (int k = 0; k < 4; k++)
            assert_true(x[256 * k + (int)i] * 16777216.0f == (float)(out[k] >> 8));
    }
}

static void a_longer_fill_starts_as_a_shorter_one(void **state)
{
    (void)state;
    float a[3000], b[3000];
    static const size_t lengths[] = {1, 7, 1023, 1024, 1025, 2999};
    for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
        sal_rng one = sal_rng_for(1, "prefix", 0), other = one;
        sal_rng_fill_normal_(&one, 3000, a);
        sal_rng_fill_normal_(&other, lengths[k], b);
        assert_memory_equal(a, b, lengths[k] * sizeof a[0]);
        one = other = sal_rng_for(2, "prefix", 0);
        sal_rng_fill_truncated_(&one, 3000, a);
        sal_rng_fill_truncated_(&other, lengths[k], b);
        assert_memory_equal(a, b, lengths[k] * sizeof a[0]);
    }
}

static void permuting_keeps_every_entry_and_prefers_no_place(void **state)
{
    enum { SIZE = 6, ROUNDS = 60000 };
    (void)state;
    size_t seen[SIZE][SIZE];
    memset(seen, 0, sizeof seen);
    for (uint64_t r = 0; r < ROUNDS; r++) {
        float v[SIZE];
        unsigned found = 0;
        for (int i = 0; i < SIZE; i++) v[i] = (float)i;
        sal_rng rng = sal_rng_for(4, "permute", r);
        sal_rng_permute_(&rng, SIZE, v);
        for (int i = 0; i < SIZE; i++) {
            found |= 1u << (int)v[i];
            seen[i][(int)v[i]]++;
        }
        assert_int_equal(found, (1u << SIZE) - 1);
    }
    for (int i = 0; i < SIZE; i++)
        for (int k = 0; k < SIZE; k++)
            assert_near("share of a place", (double)seen[i][k] / ROUNDS, 1.0 / SIZE, 0.0076);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_follow_their_laws),
        cmocka_unit_test(normals_are_not_correlated),
        cmocka_unit_test(words_are_those_of_philox),
        cmocka_unit_test(a_longer_fill_starts_as_a_shorter_one),
        cmocka_unit_test(permuting_keeps_every_entry_and_prefers_no_place),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
