#include "support.h"

#include "base/base.h"

#include <math.h>
#include <string.h>

enum { MANY = 200000 };

static void hash_gives_the_published_values(void **state)
{
    static const struct {
        const char *text;
        uint64_t want;
    } cases[] = {{"", UINT64_C(0xcbf29ce484222325)},
                 {"a", UINT64_C(0xaf63dc4c8601ec8c)},
                 {"foobar", UINT64_C(0x85944171f73967e8)}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t got = sal_hash_(0, cases[i].text, strlen(cases[i].text));
        if (got != cases[i].want) fail_msg("'%s': %llx", cases[i].text, (unsigned long long)got);
    }
    uint64_t whole = sal_hash_(0, "foobar", 6), parts = sal_hash_(sal_hash_(0, "foo", 3), "bar", 3);
    assert_true(whole == parts);
}

static void a_stream_is_its_blocks_in_order(void **state)
{
    (void)state;
    sal_rng r = sal_rng_for(7, "test", 3), start = r;
    for (uint32_t block = 0; block < 5; block++) {
        uint32_t counter[4], want[4];
        memcpy(counter, start.counter, sizeof counter);
        counter[0] = block;
        sal_philox_(counter, start.key, want);
        for (size_t i = 0; i < 4; i++)
            if (sal_rng_word_(&r) != want[i]) fail_msg("block %u, word %zu", block, i);
    }
}

static void equal_addresses_give_equal_numbers(void **state)
{
    (void)state;
    sal_rng a = sal_rng_for(1, "test", 2), b = sal_rng_for(1, "test", 2);
    for (size_t i = 0; i < 100; i++) assert_true(sal_rng_normal_(&a) == sal_rng_normal_(&b));
}

/* Neighbours in each part of the address: no shared words, no correlation beyond 5 sigma. */
static void streams_are_independent(void **state)
{
    static const struct {
        const char *name, *purpose;
        uint64_t seed, index;
    } others[] = {{"seed", "draw", 2, 0},
                  {"high seed", "draw", UINT64_C(1) << 32, 0},
                  {"purpose", "draws", 1, 0},
                  {"index", "draw", 1, 1},
                  {"high index", "draw", 1, UINT64_C(1) << 32}};
    (void)state;
    for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
        sal_rng a = sal_rng_for(1, "draw", 0);
        sal_rng b = sal_rng_for(others[k].seed, others[k].purpose, others[k].index);
        double product = 0;
        size_t equal = 0;
        for (size_t i = 0; i < MANY; i++) {
            product += (sal_rng_uniform_(&a) - .5) * (sal_rng_uniform_(&b) - .5);
            equal += a.block[0] == b.block[0];
        }
        assert_near(others[k].name, product / MANY * 12, 0, 5 / sqrt(MANY));
        if (equal > 4) fail_msg("%s: %zu equal words", others[k].name, equal);
    }
}

static void index_pairs_do_not_collide(void **state)
{
    uint64_t seen[32 * 32];
    (void)state;
    for (uint64_t i = 0; i < 32; i++)
        for (uint64_t j = 0; j < 32; j++) seen[i * 32 + j] = sal_index_pair_(i, j);
    for (size_t i = 0; i < 32 * 32; i++)
        for (size_t j = 0; j < i; j++)
            if (seen[i] == seen[j]) fail_msg("pairs %zu and %zu collide", i, j);
}

/* Moments within 5 standard errors of those of the distribution. */
static void moments_are_right(void **state)
{
    static const struct {
        const char *name;
        double (*draw)(sal_rng *);
        double mean, variance, fourth; /* central fourth moment */
    } cases[] = {{"uniform", sal_rng_uniform_, .5, 1. / 12, 1. / 80},
                 {"normal", sal_rng_normal_, 0, 1, 3},
                 {"truncated normal", sal_rng_truncated_normal_, 0, .773741, 1.416189}};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        sal_rng r = sal_rng_for(11, cases[k].name, 0);
        double m1 = 0, m2 = 0, m4 = 0;
        for (size_t i = 0; i < MANY; i++) {
            double d = cases[k].draw(&r) - cases[k].mean;
            m1 += d;
            m2 += d * d;
            m4 += d * d * d * d;
        }
        double var = cases[k].variance, fourth = cases[k].fourth;
        assert_near(cases[k].name, m1 / MANY, 0, 5 * sqrt(var / MANY));
        assert_near(cases[k].name, m2 / MANY, var, 5 * sqrt((fourth - var * var) / MANY));
        assert_near(cases[k].name, m4 / MANY, fourth, .03 * fourth);
    }
}

static void ranges_are_kept(void **state)
{
    (void)state;
    sal_rng r = sal_rng_for(12, "range", 0);
    for (size_t i = 0; i < MANY; i++) {
        double u = sal_rng_uniform_(&r);
        assert_true(u >= 0 && u < 1);
        assert_true(fabs(sal_rng_truncated_normal_(&r)) <= 2);
        assert_true(isfinite(sal_rng_normal_(&r)));
    }
}

/* Counts within 5 sigma. The last case has a third of all words beyond its multiple: a plain
 * remainder would give the lower half of the numbers twice the weight. */
static void below_is_unbiased(void **state)
{
    static const size_t bounds[] = {1, 2, 3, 7, 10, SIZE_MAX / 3 * 2};
    (void)state;
    for (size_t k = 0; k < sizeof bounds / sizeof bounds[0]; k++) {
        size_t n = bounds[k], bins = n < 10 ? n : 10, seen[10] = {0};
        sal_rng r = sal_rng_for(13, "below", k);
        for (size_t i = 0; i < MANY; i++) {
            size_t x = sal_rng_below_(&r, n);
            if (x >= n) fail_msg("below %zu gave %zu", n, x);
            seen[n <= 10 ? x : (size_t)((double)x / (double)n * 10)]++;
        }
        double want = (double)MANY / (double)bins;
        for (size_t b = 0; b < bins; b++)
            if (fabs((double)seen[b] - want) > 5 * sqrt(want))
                fail_msg("below %zu: bin %zu has %zu, wanted %.0f", n, b, seen[b], want);
    }
}

static void shuffles_are_permutations_and_fair(void **state)
{
    size_t order[50], seen[6] = {0};
    bool there[50] = {false};
    (void)state;
    sal_rng r = sal_rng_for(14, "shuffle", 0);
    sal_rng_shuffle_(&r, 50, order);
    for (size_t i = 0; i < 50; i++) {
        assert_true(order[i] < 50 && !there[order[i]]);
        there[order[i]] = true;
    }
    for (size_t i = 0; i < 60000; i++) {
        sal_rng_shuffle_(&r, 3, order);
        seen[order[0] * 2 + (order[1] > order[2])]++;
    }
    for (size_t i = 0; i < 6; i++)
        if (fabs((double)seen[i] - 10000) > 500)
            fail_msg("order %zu came %zu times of 60000", i, seen[i]);
    sal_rng_shuffle_(&r, 0, order); /* nothing to do */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_gives_the_published_values),
        cmocka_unit_test(a_stream_is_its_blocks_in_order),
        cmocka_unit_test(equal_addresses_give_equal_numbers),
        cmocka_unit_test(streams_are_independent),
        cmocka_unit_test(index_pairs_do_not_collide),
        cmocka_unit_test(moments_are_right),
        cmocka_unit_test(ranges_are_kept),
        cmocka_unit_test(below_is_unbiased),
        cmocka_unit_test(shuffles_are_permutations_and_fair),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
