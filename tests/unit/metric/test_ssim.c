/* ssim: known values, a plain double loop over windows for every option, and what it refuses. */
#include "metric_pair.h"

#include "base/base.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 16 };

static void formula_maps(double *x, double *y)
{
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            x[SIDE * i + j] = (7 * i + 13 * j + i * j) % 17 / 16.0;
            y[SIDE * i + j] = (5 * i + 3 * j + 2 * i * j) % 19 / 18.0;
        }
}

/* Uniform windows: exact rational arithmetic; Gaussian ones: means of products of differences with
 * correctly rounded sums. scikit-image 0.19.3 agrees to 2e-10. */
static void known_values(void **state)
{
    (void)state;
    static const struct {
        const char *metric;
        bool half; /* X with (X + Y) / 2 */
        double want;
    } rows[] = {{"ssim:scale=none,range=1,window=gaussian", false, -.006996393319486472},
                {"ssim:scale=none,range=2,window=gaussian", false, .007709765985848962},
                {"ssim:scale=none,range=2,window=gaussian", true, .6350810999107794},
                {"ssim:scale=none,range=1", false, -.006203976339285281},
                {"ssim:scale=none,range=2", false, .008284775822827353},
                {"ssim:scale=none,range=2,window=uniform5", false, .005629635506663082}};
    double x[SIDE * SIDE], y[SIDE * SIDE], half[SIDE * SIDE];
    formula_maps(x, y);
    for (size_t i = 0; i < SIDE * SIDE; i++) half[i] = (x[i] + y[i]) / 2;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const double *other = rows[i].half ? half : y;
        assert_near(rows[i].metric, plane_similarity(rows[i].metric, SIDE, SIDE, x, other).value,
                    rows[i].want, 1e-15);
    }
}

typedef struct {
    const char *spec;
    size_t size;
    bool gaussian, population;
    double range; /* 0 = joint */
    int scale;    /* 0 none, 1 peak, 2 minmax */
} setting;

static const setting settings[] = {
    {"ssim", 7, false, false, 2, 1},
    {"ssim:window=uniform5", 5, false, false, 2, 1},
    {"ssim:window=gaussian,scale=minmax", 11, true, false, 2, 2},
    {"ssim:window=gaussian,covariance=population,range=joint", 11, true, true, 0, 1},
    {"ssim:scale=none", 7, false, false, 0, 0},
    {"ssim:scale=none,range=joint,covariance=population", 7, false, true, 0, 0},
    {"ssim:scale=minmax,range=1", 7, false, false, 1, 2},
    {"ssim:scale=none,range=0.25,window=uniform5", 5, false, false, .25, 0},
};

static double weight(const setting *s, size_t i, size_t k)
{
    if (!s->gaussian) return 1;
    double y = (double)i - 5, x = (double)k - 5;
    return exp(-(y * y + x * x) / (2 * 1.5 * 1.5));
}

static void rescale(const setting *s, size_t n, const double *map, double *out, double *low,
                    double *high)
{
    double least = map[0], largest = map[0];
    for (size_t i = 0; i < n; i++) {
        least = fmin(least, map[i]);
        largest = fmax(largest, map[i]);
    }
    double base = s->scale == 2 ? least : 0, by = 1;
    if (s->scale == 1) by = fmax(largest, -least);
    if (s->scale == 2) by = largest - least;
    for (size_t i = 0; i < n; i++) out[i] = (map[i] - base) / by;
    *low = (least - base) / by;
    *high = (largest - base) / by;
}

/* One window, from the definition: weighted means, then means of products of differences. */
static double window(const setting *s, size_t width, const double *a, const double *b, double range)
{
    double sum = 0, ua = 0, ub = 0, va = 0, vb = 0, vab = 0;
    for (size_t i = 0; i < s->size; i++)
        for (size_t k = 0; k < s->size; k++) {
            double w = weight(s, i, k);
            sum += w;
            ua += w * a[i * width + k];
            ub += w * b[i * width + k];
        }
    ua /= sum;
    ub /= sum;
    for (size_t i = 0; i < s->size; i++)
        for (size_t k = 0; k < s->size; k++) {
            double w = weight(s, i, k) / sum;
            double da = a[i * width + k] - ua, db = b[i * width + k] - ub;
            va += w * da * da;
            vb += w * db * db;
            vab += w * da * db;
        }
    double n = (double)(s->size * s->size), cn = s->population ? 1 : n / (n - 1);
    double c1 = 1e-4 * range * range, c2 = 9e-4 * range * range;
    return (2 * ua * ub + c1) * (2 * cn * vab + c2) /
           ((ua * ua + ub * ub + c1) * (cn * va + cn * vb + c2));
}

static double plain(const setting *s, size_t height, size_t width, const double *a, const double *b)
{
    const size_t n = height * width;
    double *x = calloc(n, sizeof *x), *y = calloc(n, sizeof *y), sum = 0;
    double low, high, other_low, other_high;
    rescale(s, n, a, x, &low, &high);
    rescale(s, n, b, y, &other_low, &other_high);
    const double joint = fmax(high, other_high) - fmin(low, other_low);
    for (size_t i = 0; i + s->size <= height; i++)
        for (size_t k = 0; k + s->size <= width; k++)
            sum += window(s, width, x + i * width + k, y + i * width + k,
                          s->range > 0 ? s->range : joint);
    free(x);
    free(y);
    return sum / (double)((height - s->size + 1) * (width - s->size + 1));
}

static void agrees_with_plain_loops(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{11, 11}, {12, 31}, {28, 28}};
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            const size_t height = sizes[k][0], width = sizes[k][1], n = height * width;
            sal_rng rng = sal_rng_for(5, "ssim", 8 * i + k);
            double *a = calloc(n, sizeof *a), *b = calloc(n, sizeof *b);
            for (size_t p = 0; p < n; p++) {
                a[p] = sal_rng_normal_(&rng) + 3;
                b[p] = 1 - a[p] * sal_rng_uniform_(&rng); /* the largest magnitude is negative */
            }
            assert_near(settings[i].spec,
                        plane_similarity(settings[i].spec, height, width, a, b).value,
                        plain(&settings[i], height, width, a, b), 1e-12);
            free(a);
            free(b);
        }
}

static void same_map_is_one(void **state)
{
    (void)state;
    float map[SIDE * SIDE];
    sal_rng rng = sal_rng_for(5, "same", 0);
    for (size_t i = 0; i < SIDE * SIDE; i++) map[i] = (float)sal_rng_normal_(&rng);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        sal_map_shape shape = {1, SIDE, SIDE};
        assert_near(settings[i].spec, pair_similarity(settings[i].spec, shape, map, map).value, 1,
                    0);
    }
}

/* channels=each is the mean over channels; channels=sum compares the sums. */
static void channels(void **state)
{
    (void)state;
    enum { N = 12 * 14 };
    static float a[3 * N], b[3 * N], sum_a[N], sum_b[N];
    const sal_map_shape one = {1, 12, 14}, all = {3, 12, 14};
    sal_rng rng = sal_rng_for(5, "channels", 0);
    for (size_t i = 0; i < 3 * N; i++) {
        a[i] = (float)sal_rng_below_(&rng, 64) / 8;
        b[i] = a[i] + (float)sal_rng_below_(&rng, 64) / 8;
        sum_a[i % N] += a[i];
        sum_b[i % N] += b[i];
    }
    double mean = 0;
    for (size_t c = 0; c < 3; c++)
        mean += pair_similarity("ssim:scale=none,range=4", one, a + c * N, b + c * N).value / 3;
    assert_near("each", pair_similarity("ssim:scale=none,range=4,channels=each", all, a, b).value,
                mean, 1e-13);
    assert_near("sum", pair_similarity("ssim", all, a, b).value,
                pair_similarity("ssim", one, sum_a, sum_b).value, 1e-15);
}

static void undefined_maps(void **state)
{
    (void)state;
    static float zero[64], half[64], third[64], ramp[64];
    const sal_map_shape shape = {1, 8, 8};
    for (size_t i = 0; i < 64; i++) {
        half[i] = .5f;
        third[i] = 1.f / 3;
        ramp[i] = (float)i;
    }
    static const struct {
        const char *name, *spec;
        const float *a, *b;
        bool defined;
    } cases[] = {{"zero", "ssim", zero, ramp, false},
                 {"constant", "ssim", ramp, third, false},
                 {"constant", "ssim:scale=minmax", half, ramp, false},
                 {"constants, joint range", "ssim:scale=none", half, half, false},
                 {"different constants, joint range", "ssim:scale=none", half, third, true},
                 {"constants, given range", "ssim:scale=none,range=1", half, half, true},
                 {"constant and ramp, joint range", "ssim:scale=none", zero, ramp, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_similarity s = pair_similarity(cases[i].spec, shape, cases[i].a, cases[i].b);
        if (s.defined != cases[i].defined || s.defined != !s.undefined || !isfinite(s.value))
            fail_msg("%s: %s, value %g", case_name(cases[i].name, cases[i].spec),
                     s.defined ? "defined" : "undefined", s.value);
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        sal_map_shape shape;
        sal_status status;
        const char *text;
    } cases[] = {
        {"ssim",
         {1, 1, 144},
         SAL_E_SHAPE,
         "ssim with window uniform7 needs maps of at least 7 x 7, got 1 x 144"},
        {"ssim:window=gaussian",
         {3, 28, 10},
         SAL_E_SHAPE,
         "ssim with window gaussian needs maps of at least 11 x 11, got 28 x 10"},
        {"ssim:window=uniform5",
         {1, 4, 28},
         SAL_E_SHAPE,
         "ssim with window uniform5 needs maps of at least 5 x 5, got 4 x 28"},
        {"ssim:window=uniform9",
         {1, 28, 28},
         SAL_E_ARG,
         "unknown value of window: 'uniform9'; did you mean 'uniform7'?"},
        {"ssim:range=wide",
         {1, 28, 28},
         SAL_E_ARG,
         "'ssim': range=wide, wanted joint or a number from 1e-30 to 1e+30"},
        {"ssim:range=0",
         {1, 28, 28},
         SAL_E_ARG,
         "'ssim': range=0, wanted joint or a number from 1e-30 to 1e+30"},
        {"ssim:sigma=2",
         {1, 28, 28},
         SAL_E_ARG,
         "'ssim' has no option 'sigma', only window, scale, covariance, channels, range"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_metric m;
        sal_error err = {SAL_OK, ""};
        sal_status st = sal_metric_open_(cases[i].spec, cases[i].shape, true, &m, &err);
        if (st != cases[i].status || strcmp(err.text, cases[i].text))
            fail_msg("%s: %s, '%s'", cases[i].spec, sal_status_name(st), err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),    cmocka_unit_test(agrees_with_plain_loops),
        cmocka_unit_test(same_map_is_one), cmocka_unit_test(channels),
        cmocka_unit_test(undefined_maps),  cmocka_unit_test(refused),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
