/* Known values of the Pearson and Spearman families, cosine and mse, and what they refuse. */
#include "metric_pair.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST = 8 };

typedef struct {
    const char *name, *metric;
    size_t n;
    float a[MOST], b[MOST];
    double want;
} known;

static const known knowns[] = {
    {"one line", "pearson", 4, {1, 2, 3, 4}, {10, 30, 50, 70}, 1},
    {"opposite", "pearson", 4, {1, 2, 3, 4}, {1, 0, -1, -2}, -1},
    {"opposite", "pearson-folded", 4, {1, 2, 3, 4}, {1, 0, -1, -2}, 1},
    {"orthogonal", "pearson", 4, {1, -1, 1, -1}, {1, 1, -1, -1}, 0},
    /* deviations (-1, 0, 1) and (-4, -1, 5) / 3: 3 / sqrt(2 * 14/3) */
    {"by hand", "pearson", 3, {1, 2, 3}, {1, 2, 4}, 0.98198050606196574},
    {"by hand, absolute", "pearson-abs", 3, {1, -2, 3}, {-1, 2, -4}, 0.98198050606196574},
    {"two values", "pearson", 2, {0, 1e-30f}, {5, 4}, -1},
    {"ties", "spearman", 5, {1, 2, 2, 3, 0}, {1, 3, 2, 2, 0}, 0.76315789473684215},
    {"ties, falling",
     "spearman-folded",
     5,
     {1, 2, 2, 3, 0},
     {-1, -3, -2, -2, 0},
     0.76315789473684215},
    {"ties, absolute",
     "spearman-abs",
     5,
     {1, -2, 2, -3, 0},
     {-1, 3, -2, 2, 0},
     0.76315789473684215},
    {"signed zeros tie", "spearman", 4, {0.f, -0.f, 0.f, 1}, {-0.f, 0.f, 0.f, 2}, 1},
    {"monotone", "spearman", 5, {1, 2, 3, 4, 5}, {-9, 0, 1e-9f, 2, 1e9f}, 1},
    {"right angle", "cosine", 2, {1, 0}, {0, 3}, 0},
    {"sides 3, 4, 5", "cosine", 2, {2, 0}, {3, 4}, 0.6},
    {"opposite", "cosine", 3, {1, 2, 3}, {-2, -4, -6}, -1},
    {"constant, not zero", "cosine", 2, {1, 1}, {3, 3}, 1},
    {"mean of 1, 4, 9", "mse", 3, {0, 0, 0}, {1, -2, 3}, 14.0 / 3},
    {"equal", "mse", 3, {1, 2, 3}, {1, 2, 3}, 0},
    {"constants have a distance", "mse", 2, {1, 1}, {0, 0}, 1},
};

static void known_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof knowns / sizeof knowns[0]; i++) {
        const known *k = &knowns[i];
        sal_similarity s = pair_similarity(k->metric, (sal_map_shape){1, 1, k->n}, k->a, k->b);
        const char *name = case_name(k->name, k->metric);
        if (!s.defined) fail_msg("%s: undefined, %s", name, s.undefined);
        assert_near(name, s.value, k->want, 1e-15);
    }
}

/* X_ij = ((7i + 13j + ij) mod 17) / 16, Y_ij = ((5i + 3j + 2ij) mod 19) / 18, 16 x 16 */
static void formula_maps(void **state)
{
    (void)state;
    static const struct {
        const char *metric;
        double want;
    } rows[] = {{"pearson", -.00338574}, {"spearman", -.00710706}, {"cosine", .72492337}};
    double x[256], y[256];
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 16; j++) {
            x[16 * i + j] = (7 * i + 13 * j + i * j) % 17 / 16.0;
            y[16 * i + j] = (5 * i + 3 * j + 2 * i * j) % 19 / 18.0;
        }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_near(rows[i].metric, plane_similarity(rows[i].metric, 16, 16, x, y).value,
                    rows[i].want, 5e-9);
}

typedef struct {
    const char *name, *metric;
    sal_map_shape shape;
    float a[MOST];
    const char *why;
} refusal;

static const refusal refusals[] = {
    {"zeros", "pearson", {1, 1, 4}, {0}, SAL_MAP_CONSTANT},
    {"zeros", "cosine", {1, 1, 4}, {0}, SAL_MAP_ZERO},
    /* the mean of these rounds, so their variance is not exactly 0 */
    {"all 0.1", "pearson", {1, 1, 7}, {.1f, .1f, .1f, .1f, .1f, .1f, .1f}, SAL_MAP_CONSTANT},
    {"all 0.1", "pearson-folded", {1, 7, 1}, {.1f, .1f, .1f, .1f, .1f, .1f, .1f}, SAL_MAP_CONSTANT},
    {"all 0.1", "spearman", {1, 1, 7}, {.1f, .1f, .1f, .1f, .1f, .1f, .1f}, SAL_MAP_CONSTANT},
    {"one pixel", "pearson", {1, 1, 1}, {3}, SAL_MAP_CONSTANT},
    {"one size, two signs", "pearson-abs", {1, 1, 4}, {2, -2, 2, -2}, SAL_MAP_CONSTANT},
    {"one size, two signs", "spearman-abs", {1, 1, 4}, {2, -2, 2, -2}, SAL_MAP_CONSTANT},
    {"channels cancel", "pearson", {2, 1, 3}, {1, 2, 3, -1, -2, -3}, SAL_MAP_CONSTANT},
    {"channels cancel", "cosine", {2, 1, 3}, {1, 2, 3, -1, -2, -3}, SAL_MAP_ZERO},
    {"channels complete each other", "spearman", {2, 1, 3}, {1, 2, 3, 3, 2, 1}, SAL_MAP_CONSTANT},
    {"NaN", "pearson", {1, 1, 3}, {1, NAN, 3}, SAL_MAP_NOT_FINITE},
    {"infinity", "spearman", {1, 1, 3}, {1, INFINITY, 3}, SAL_MAP_NOT_FINITE},
    {"infinities cancel", "cosine", {2, 1, 2}, {1, INFINITY, 3, -INFINITY}, SAL_MAP_NOT_FINITE},
    {"minus infinity", "mse", {1, 1, 3}, {1, 2, -INFINITY}, SAL_MAP_NOT_FINITE},
};

static void undefined_maps(void **state)
{
    (void)state;
    static const float fine[MOST] = {1, 5, 2, 8, 3, 3, 9, 0};
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        for (int side = 0; side < 2; side++) {
            const refusal *r = &refusals[i];
            const char *name = case_name(r->name, r->metric);
            sal_similarity s =
                pair_similarity(r->metric, r->shape, side ? fine : r->a, side ? r->a : fine);
            if (s.defined) fail_msg("%s: %g, wanted undefined", name, s.value);
            if (strcmp(s.undefined, r->why))
                fail_msg("%s: '%s', wanted '%s'", name, s.undefined, r->why);
            assert_near(name, s.value, 0, 0);
        }
}

/* Signed metrics see the sum of the channels, -abs metrics the sum of absolute values. */
static void channels(void **state)
{
    (void)state;
    const float a[] = {1, -2, 4, 3, 1, -1}, b[] = {2, 2, 9};
    const float sum[] = {4, -1, 3}, absolute[] = {4, 3, 5};
    static const char *const pairs[][2] = {{"pearson", "pearson"},   {"pearson-abs", "pearson"},
                                           {"spearman", "spearman"}, {"spearman-abs", "spearman"},
                                           {"cosine", "cosine"},     {"mse", "mse"}};
    const float two[] = {2, 2, 9, 0, 0, 0};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const float *one = strstr(pairs[i][0], "-abs") ? absolute : sum;
        double got = pair_similarity(pairs[i][0], (sal_map_shape){2, 1, 3}, a, two).value;
        double want = pair_similarity(pairs[i][1], (sal_map_shape){1, 1, 3}, one, b).value;
        assert_near(pairs[i][0], got, want, 1e-15);
    }
}

/* Neither the smallest nor the largest floats, nor one step of rounding, leave the range. */
static void extremes(void **state)
{
    (void)state;
    static const float maps[][4] = {{FLT_MAX, -FLT_MAX, 0, 1},
                                    {1e-45f, 0, 0, 0},
                                    {1, 1, 1, 1 + FLT_EPSILON},
                                    {-1e-45f, 1e-45f, 0, 3e-45f},
                                    {1e30f, 1e-30f, -1e-30f, 1e-30f}};
    static const char *const metrics[] = {"pearson", "spearman", "cosine"};
    for (size_t m = 0; m < sizeof metrics / sizeof metrics[0]; m++)
        for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
            for (size_t k = 0; k < sizeof maps / sizeof maps[0]; k++) {
                sal_similarity s =
                    pair_similarity(metrics[m], (sal_map_shape){1, 2, 2}, maps[i], maps[k]);
                if (!s.defined || !(fabs(s.value) <= 1) || (i == k && !(s.value > 1 - 1e-15)))
                    fail_msg("%s, maps %zu and %zu: %.17g", metrics[m], i, k, s.value);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),   cmocka_unit_test(formula_maps),
        cmocka_unit_test(undefined_maps), cmocka_unit_test(channels),
        cmocka_unit_test(extremes),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
