/* hog: known values, a plain version with arc tangents for every option, and what it refuses. */
#include "metric_pair.h"

#include "base/base.h"
#include "metric/vector.h"
#include "stats/rank.h"

#include <math.h>
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

/* scikit-image's descriptor of X: its length, sum and first 9 values. The prepared form is centred
 * and of norm 1, so the sum and one value give the line on which the other values must lie. */
static void known_descriptors(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        double sum, first[9];
    } rows[] = {
        {"hog:cell=4",
         25.106697,
         {.233287, .01334, 0, .086863, .119315, 0, .02151, .01334, .024597}},
        {"hog:cell=4,block=2",
         39.594845,
         {.288583, .024619, 0, .160306, .220197, 0, .039697, .024619, .045395}},
    };
    double x[SIDE * SIDE], y[SIDE * SIDE];
    formula_maps(x, y);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n;
        double *got = prepare_plane(rows[i].spec, SIDE, SIDE, x, &n);
        assert_int_equal(n, 324);
        const double mean = rows[i].sum / 324, norm = (rows[i].first[0] - mean) / got[0];
        for (size_t k = 0; k < 9; k++)
            assert_near(rows[i].spec, mean + norm * got[k], rows[i].first[k], 2e-6);
        free(got);
    }
    assert_near("pearson", plane_similarity("hog:cell=4", SIDE, SIDE, x, y).value, .241929, 1e-6);
    assert_near("spearman", plane_similarity("hog:cell=4,by=spearman", SIDE, SIDE, x, y).value,
                .175008, 1e-6);
}

typedef struct {
    const char *spec;
    size_t cell, block, planes, height, width;
    bool by_ranks, weak; /* weak: all but one pixel is next to nothing */
} setting;

static const setting settings[] = {
    {"hog", 8, 3, 1, 28, 28, false, false},
    {"hog:block=2", 8, 2, 1, 25, 17, false, false},
    {"hog:cell=5", 5, 3, 1, 19, 33, false, false},
    {"hog:cell=4,block=2", 4, 2, 1, 20, 20, false, true},
    {"hog:cell=2,block=2", 2, 2, 1, 4, 5, false, false},
    {"hog:cell=16,by=spearman", 16, 3, 1, 50, 64, true, false},
    {"hog:cell=4,channels=each", 4, 3, 3, 20, 15, false, false},
    {"hog:cell=4,channels=each,by=spearman", 4, 3, 2, 15, 20, true, false},
};

static double at(const setting *s, const double *map, size_t p, size_t i, size_t j)
{
    return map[(p * s->height + i) * s->width + j];
}

/* Adds one pixel to the cells: largest plane, direction by atan2. */
static void add_pixel(const setting *s, const double *map, size_t i, size_t j, double *cells)
{
    double best = -1, degrees = 0;
    for (size_t p = 0; p < s->planes; p++) {
        double down = 0, along = 0;
        if (i > 0 && i + 1 < s->height) down = at(s, map, p, i + 1, j) - at(s, map, p, i - 1, j);
        if (j > 0 && j + 1 < s->width) along = at(s, map, p, i, j + 1) - at(s, map, p, i, j - 1);
        if (hypot(down, along) <= best) continue;
        best = hypot(down, along);
        degrees = atan2(down, along) * 180 / acos(-1);
    }
    if (degrees < 0) degrees += 180;
    if (degrees >= 180) degrees = 0;
    cells[(i / s->cell * (s->width / s->cell) + j / s->cell) * 9 + (size_t)(degrees / 20)] +=
        best / (double)(s->cell * s->cell);
}

static void normalise(size_t n, double *v)
{
    for (int again = 0; again < 2; again++) {
        double sum = 1e-10;
        for (size_t i = 0; i < n; i++) sum += v[i] * v[i];
        for (size_t i = 0; i < n; i++) v[i] = fmin(v[i] / sqrt(sum), again ? 1 : 0.2);
    }
}

/* Returns the descriptor's length. */
static size_t plain(const setting *s, const float *map, double *out)
{
    const size_t n = s->planes * s->height * s->width, columns = s->width / s->cell;
    const size_t rows = s->height / s->cell, b = s->block;
    double *scaled = calloc(n, sizeof *scaled), *cells = calloc(rows * columns * 9, sizeof *cells);
    double least = (double)map[0], largest = least;
    for (size_t i = 0; i < n; i++) {
        least = fmin(least, (double)map[i]);
        largest = fmax(largest, (double)map[i]);
    }
    for (size_t i = 0; i < n; i++) scaled[i] = ((double)map[i] - least) / (largest - least);
    for (size_t i = 0; i < rows * s->cell; i++)
        for (size_t j = 0; j < columns * s->cell; j++) add_pixel(s, scaled, i, j, cells);
    size_t length = 0;
    for (size_t y = 0; y + b <= rows; y++)
        for (size_t x = 0; x + b <= columns; x++) {
            double *block = out + length;
            for (size_t k = 0; k < b * b * 9; k++)
                out[length++] = cells[((y + k / 9 / b) * columns + x + k / 9 % b) * 9 + k % 9];
            normalise(b * b * 9, block);
        }
    free(scaled);
    free(cells);
    return length;
}

static void agrees_with_plain_version(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        const setting *s = &settings[i];
        const size_t n = s->planes * s->height * s->width;
        float *map = calloc(n, sizeof *map);
        sal_rng rng = sal_rng_for(6, "hog", i);
        for (size_t p = 0; p < n; p++)
            map[p] = (float)(sal_rng_normal_(&rng) * (s->weak ? 1e-5 : 1));
        if (s->weak) map[n / 2] = 1;
        sal_metric m;
        assert_int_equal(sal_metric_open_(s->spec, (sal_map_shape){s->planes, s->height, s->width},
                                          false, &m, NULL),
                         SAL_OK);
        double *got = calloc(m.prepared, sizeof *got);
        double *scratch = calloc(m.scratch, sizeof *scratch);
        double *want = calloc(m.prepared, sizeof *want), *ranks = calloc(m.prepared, sizeof *ranks);
        double *room = calloc(2 * m.prepared, sizeof *room);
        assert_null(sal_metric_prepare_(&m, map, got, scratch));
        assert_int_equal(plain(s, map, want), m.prepared);
        sal_rank_(m.prepared, want, ranks, room);
        sal_centre_(m.prepared, s->by_ranks ? ranks : want, want);
        for (size_t k = 0; k < m.prepared; k++) assert_near(s->spec, got[k], want[k], 1e-6);
        free(map);
        free(got);
        free(scratch);
        free(want);
        free(ranks);
        free(room);
    }
}

/* A ramp in one direction has one bin; opposite slopes share it. */
static void slopes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int down, along;
        size_t bin;
    } cases[] = {{"right", 0, 1, 0},  {"left", 0, -1, 0},    {"down", 1, 0, 4},
                 {"up", -1, 0, 4},    {"45", 1, 1, 2},       {"-135", -1, -1, 2},
                 {"135", 1, -1, 6},   {"-45", -1, 1, 6},     {"19.98", 4, 11, 0},
                 {"21.04", 5, 13, 1}, {"158.96", 5, -13, 7}, {"160.02", 4, -11, 8}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double map[36], inner[9] = {0};
        size_t n, best = 0;
        for (int p = 0; p < 36; p++) map[p] = cases[i].down * (p / 6) + cases[i].along * (p % 6);
        double *got = prepare_plane("hog:cell=2,block=3", 6, 6, map, &n);
        for (size_t k = 0; k < 9; k++) inner[k] = got[4 * 9 + k]; /* away from the border */
        for (size_t k = 0; k < 9; k++) best = inner[k] > inner[best] ? k : best;
        if (best != cases[i].bin)
            fail_msg("%s: bin %zu, wanted %zu", cases[i].name, best, cases[i].bin);
        free(got);
    }
}

/* 2e-17 down and 1 to the left is 180 degrees within rounding, so in bin 0 and not in bin 8. */
static void nearly_180_degrees(void **state)
{
    (void)state;
    double map[36];
    size_t n;
    for (int p = 0; p < 36; p++) map[p] = p % 6 < 3 ? 1 : 1e-17 * (p / 6);
    double *got = prepare_plane("hog:cell=2,block=3", 6, 6, map, &n);
    const double *inner = got + 4 * 9;
    assert_near("bin 8 is as empty as bin 5", inner[8], inner[5], 0);
    assert_true(inner[0] > inner[8]);
    free(got);
}

/* Of channels with equal magnitudes the first gives the direction. */
static void first_of_equal_channels(void **state)
{
    (void)state;
    float map[72];
    for (size_t p = 0; p < 36; p++) {
        map[p] = (float)(p / 6);
        map[36 + p] = (float)(p % 6);
    }
    sal_metric m;
    double got[81], scratch[1024];
    size_t best = 0;
    const char *spec = "hog:cell=2,channels=each";
    assert_int_equal(sal_metric_open_(spec, (sal_map_shape){2, 6, 6}, true, &m, NULL), SAL_OK);
    assert_true(m.prepared == 81 && m.scratch <= 1024);
    assert_null(sal_metric_prepare_(&m, map, got, scratch));
    for (size_t k = 0; k < 9; k++) best = got[36 + k] > got[36 + best] ? k : best;
    assert_int_equal(best, 4);
}

static void undefined_maps(void **state)
{
    (void)state;
    static float constant[25 * 25], corner[25 * 25], ramp[25 * 25];
    for (size_t i = 0; i < 625; i++) {
        constant[i] = .1f;
        ramp[i] = (float)i;
    }
    corner[624] = 1; /* beyond the last whole cell, and no cell's pixel sees it */
    const sal_map_shape shape = {1, 25, 25};
    assert_string_equal(pair_similarity("hog", shape, constant, ramp).undefined, SAL_MAP_CONSTANT);
    assert_string_equal(pair_similarity("hog", shape, ramp, corner).undefined,
                        "a map's gradient histograms are all equal");
    assert_string_equal(pair_similarity("hog:by=spearman", shape, ramp, corner).undefined,
                        "a map's gradient histograms are all equal");
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
        {"hog",
         {1, 1, 144},
         SAL_E_SHAPE,
         "hog with blocks of 3 x 3 cells of 8 x 8 needs maps of at least 24 x 24, got 1 x 144"},
        {"hog:cell=16",
         {1, 28, 28},
         SAL_E_SHAPE,
         "hog with blocks of 3 x 3 cells of 16 x 16 needs maps of at least 48 x 48, got 28 x 28"},
        {"hog:block=2,cell=4",
         {1, 8, 7},
         SAL_E_SHAPE,
         "hog with blocks of 2 x 2 cells of 4 x 4 needs maps of at least 8 x 8, got 8 x 7"},
        {"hog:cell=1",
         {1, 28, 28},
         SAL_E_ARG,
         "'hog': cell=1, wanted a whole number from 2 to 512"},
        {"hog:by=cosine", {1, 28, 28}, SAL_E_ARG, "unknown value of by: 'cosine'"},
        {"hog:bins=9",
         {1, 28, 28},
         SAL_E_ARG,
         "'hog' has no option 'bins', only cell, block, by, channels"},
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
        cmocka_unit_test(known_descriptors),
        cmocka_unit_test(agrees_with_plain_version),
        cmocka_unit_test(slopes),
        cmocka_unit_test(nearly_180_degrees),
        cmocka_unit_test(first_of_equal_channels),
        cmocka_unit_test(undefined_maps),
        cmocka_unit_test(refused),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
