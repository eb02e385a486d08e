/* What a change of one or both maps must not do to a similarity, for every row of the registry. */
#include "metric_pair.h"

#include "base/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 28, N = SIDE * SIDE, ROUNDS = 6 };

static const sal_map_shape shape = {1, SIDE, SIDE};

/* Each changes map a; values are kept distinct in float, so that ranks stay. */
typedef void (*change)(float *a);

static void unchanged(float *a)
{
    (void)a;
}

static void scaled(float *a)
{
    for (size_t i = 0; i < N; i++) a[i] *= 8;
}

static void scaled_and_shifted(float *a)
{
    for (size_t i = 0; i < N; i++) a[i] = 4 * a[i] + 3;
}

static void negated(float *a)
{
    for (size_t i = 0; i < N; i++) a[i] = -a[i];
}

static void cubed(float *a)
{
    for (size_t i = 0; i < N; i++) a[i] = a[i] * a[i] * a[i];
}

static void some_signs(float *a)
{
    for (size_t i = 0; i < N; i += 3) a[i] = -a[i];
}

/* What leaves the value alone (same), and what only changes its sign (sign). */
typedef struct {
    const char *spec;
    change same[5];
    change sign[2];
    double self; /* value of a map with itself */
} property;

static const property properties[] = {
    {"pearson", {scaled, scaled_and_shifted}, {negated}, 1},
    {"pearson-folded", {scaled, scaled_and_shifted, negated}, {NULL}, 1},
    {"pearson-abs", {scaled, negated, some_signs}, {NULL}, 1},
    {"spearman", {scaled, scaled_and_shifted, cubed}, {negated}, 1},
    {"spearman-folded", {scaled, scaled_and_shifted, cubed, negated}, {NULL}, 1},
    {"spearman-abs", {scaled, cubed, negated, some_signs}, {NULL}, 1},
    {"cosine", {scaled}, {negated}, 1},
    {"ssim", {scaled}, {NULL}, 1},
    {"ssim:scale=minmax,window=gaussian", {scaled, scaled_and_shifted}, {NULL}, 1},
    {"ssim:scale=none", {unchanged}, {NULL}, 1},
    {"hog", {scaled, scaled_and_shifted}, {NULL}, 1},
    {"hog:by=spearman,block=2", {scaled, scaled_and_shifted}, {NULL}, 1},
    {"mse", {unchanged}, {NULL}, 0},
};

enum { PROPERTIES = sizeof properties / sizeof properties[0] };

/* Multiples of 1/4096 that cubes, 4x + 3 and sums hold exactly, each magnitude once. */
static void draw(float *a, float *b, size_t round)
{
    sal_rng rng = sal_rng_for(12, "invariances", round);
    size_t order[2][N];
    sal_rng_shuffle_(&rng, N, order[0]);
    sal_rng_shuffle_(&rng, N, order[1]);
    for (size_t i = 0; i < N; i++) {
        double sign = sal_rng_uniform_(&rng) < 0.5 ? -1 : 1;
        a[i] = (float)(sign * (double)(1 + order[0][i]) / 1024);
        b[i] = 0.25f * (float)round * a[i] + (float)order[1][i] / 4096 - 0.09f;
    }
}

static double value(const char *spec, const float *a, const float *b)
{
    sal_similarity s = pair_similarity(spec, shape, a, b);
    if (!s.defined || !isfinite(s.value)) fail_msg("%s: undefined, %s", spec, s.undefined);
    return s.value;
}

static void every_row_has_a_property(void **state)
{
    (void)state;
    for (size_t i = 0; sal_metric_get(i); i++) {
        const char *name = sal_metric_get(i)->name;
        size_t k = 0;
        while (k < PROPERTIES && strcmp(properties[k].spec, name)) k++;
        if (k == PROPERTIES) fail_msg("%s: no row in the table of properties", name);
    }
}

static void symmetric(void **state)
{
    (void)state;
    float a[N], b[N];
    for (size_t p = 0; p < PROPERTIES; p++)
        for (size_t round = 0; round < ROUNDS; round++) {
            draw(a, b, round);
            const char *spec = properties[p].spec;
            assert_near(spec, value(spec, a, b), value(spec, b, a), 1e-15);
            assert_near(spec, value(spec, a, a), properties[p].self, 1e-14);
        }
}

static void changes(void **state)
{
    (void)state;
    float a[N], b[N], changed[N];
    for (size_t p = 0; p < PROPERTIES; p++)
        for (size_t round = 0; round < ROUNDS; round++) {
            const property *row = &properties[p];
            draw(a, b, round);
            double want = value(row->spec, a, b);
            for (size_t k = 0; k < 7; k++) {
                const bool flips = k >= 5;
                change c = flips ? row->sign[k - 5] : row->same[k];
                if (!c) continue;
                memcpy(changed, a, sizeof a);
                c(changed);
                double got = value(row->spec, changed, b), sign = flips ? -1 : 1;
                if (!(fabs(got - sign * want) < 1e-7))
                    fail_msg("%s, change %zu, round %zu: %.9g, wanted %.9g", row->spec, k, round,
                             got, sign * want);
            }
        }
}

/* Correlations do not know where a pixel lies: both maps permuted alike. */
static void order_of_pixels(void **state)
{
    (void)state;
    float a[N], b[N], pa[N], pb[N];
    size_t order[N];
    static const char *const specs[] = {"pearson", "spearman", "spearman-abs", "cosine", "mse"};
    for (size_t p = 0; p < sizeof specs / sizeof specs[0]; p++)
        for (size_t round = 0; round < ROUNDS; round++) {
            draw(a, b, round);
            sal_rng rng = sal_rng_for(12, "order", round);
            sal_rng_shuffle_(&rng, N, order);
            for (size_t i = 0; i < N; i++) {
                pa[i] = a[order[i]];
                pb[i] = b[order[i]];
            }
            assert_near(specs[p], value(specs[p], pa, pb), value(specs[p], a, b), 1e-14);
        }
}

/* Folded is the absolute value of signed, -abs is signed on absolute values. */
static void families(void **state)
{
    (void)state;
    static const char *const rows[][3] = {{"pearson", "pearson-folded", "pearson-abs"},
                                          {"spearman", "spearman-folded", "spearman-abs"}};
    float a[N], b[N];
    for (size_t r = 0; r < 2; r++)
        for (size_t round = 0; round < ROUNDS; round++) {
            draw(a, b, round);
            double is_signed = value(rows[r][0], a, b), folded = value(rows[r][1], a, b);
            double absolute = value(rows[r][2], a, b);
            assert_near(rows[r][1], folded, fabs(is_signed), 0);
            for (size_t i = 0; i < N; i++) {
                a[i] = fabsf(a[i]);
                b[i] = fabsf(b[i]);
            }
            assert_near(rows[r][2], absolute, value(rows[r][0], a, b), 0);
        }
}

/* Clipped values of checks lie in the row's range, whatever the maps. */
static void in_range(void **state)
{
    (void)state;
    float a[N], b[N];
    for (size_t p = 0; p < PROPERTIES; p++)
        for (size_t round = 0; round < ROUNDS; round++) {
            sal_metric m;
            if (sal_metric_open_(properties[p].spec, shape, true, &m, NULL) != SAL_OK) continue;
            double *pa = calloc(m.prepared, sizeof *pa), *pb = calloc(m.prepared, sizeof *pb);
            double *scratch = calloc(m.scratch, sizeof *scratch);
            draw(a, b, round);
            if (round % 2) memcpy(b, a, sizeof a);
            if (round % 2) negated(b);
            assert_null(sal_metric_prepare_(&m, a, pa, scratch));
            assert_null(sal_metric_prepare_(&m, b, pb, scratch));
            sal_similarity s = sal_metric_compare_(&m, pa, pb, scratch, true);
            if (!s.defined || !(s.value >= m.def->info.lowest && s.value <= m.def->info.highest))
                fail_msg("%s, round %zu: %g", properties[p].spec, round, s.value);
            free(pa);
            free(pb);
            free(scratch);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_a_property),
        cmocka_unit_test(symmetric),
        cmocka_unit_test(changes),
        cmocka_unit_test(order_of_pixels),
        cmocka_unit_test(families),
        cmocka_unit_test(in_range),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
