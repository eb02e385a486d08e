/* The table of similarities: complete rows, names, shapes, options, ranges. */
#include "metric_pair.h"

#include "base/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void rows_are_complete(void **state)
{
    (void)state;
    static const char *const all[] = {
        SAL_PEARSON,      SAL_PEARSON_FOLDED, SAL_PEARSON_ABS, SAL_SPEARMAN, SAL_SPEARMAN_FOLDED,
        SAL_SPEARMAN_ABS, SAL_COSINE,         SAL_SSIM,        SAL_HOG,      SAL_MSE};
    size_t n = 0;
    for (; sal_metric_get(n); n++) {
        const sal_metric_info *row = sal_metric_get(n);
        const sal_metric_def *def = sal_metrics_[n];
        if (!row->summary || !row->source || !(row->lowest < row->highest))
            fail_msg("%s: row is not complete", row->name);
        if (!def->prepare || !def->compare) fail_msg("%s: no prepare or compare", row->name);
        if (row->for_checks && !(row->lowest >= -1 && row->highest <= 1))
            fail_msg("%s: range [%g, %g]", row->name, row->lowest, row->highest);
        if (n < sizeof all / sizeof all[0]) assert_string_equal(row->name, all[n]);
    }
    assert_int_equal(n, sizeof all / sizeof all[0]);
    assert_null(sal_metric_get(n));
    assert_null(sal_metric_get(SIZE_MAX));
}

static void every_row_opens(void **state)
{
    (void)state;
    for (size_t i = 0; sal_metric_get(i); i++) {
        const sal_metric_info *row = sal_metric_get(i);
        sal_metric m;
        sal_error err = {SAL_OK, ""};
        sal_status st = sal_metric_open_(row->name, (sal_map_shape){3, 28, 30}, true, &m, &err);
        if ((st == SAL_OK) != row->for_checks) fail_msg("%s: %s", row->name, err.text);
        if (st == SAL_OK && (m.def != sal_metrics_[i] || !m.prepared))
            fail_msg("%s: opened as something else", row->name);
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *spec, *text;
        bool for_check;
    } cases[] = {
        {NULL, "no metric given", false},
        {"", "metric name '' is empty or too long", false},
        {"pearso", "unknown metric 'pearso'; did you mean 'pearson'?", false},
        {"folded", "unknown metric 'folded'; did you mean 'pearson-folded'?", true},
        {"ssmi", "unknown metric 'ssmi'; did you mean 'ssim'?", true},
        {"lpips-alexnet-v3", "unknown metric 'lpips-alexnet-v3'", false},
        {"pearson:by=rank", "'pearson' has no option 'by'", false},
        {"spearman:cell", "metric 'spearman': 'cell' is not key=value", false},
        {"mse", "metric 'mse' is unbounded, so a check cannot decide by it", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_metric m;
        sal_error err = {SAL_OK, ""};
        sal_status st = sal_metric_open_(cases[i].spec, (sal_map_shape){1, 28, 28},
                                         cases[i].for_check, &m, &err);
        if (st != SAL_E_ARG || strcmp(err.text, cases[i].text))
            fail_msg("%s: %s, '%s'", cases[i].spec, sal_status_name(st), err.text);
    }
}

static void shapes(void **state)
{
    (void)state;
    static const struct {
        size_t rank;
        int64_t dims[4];
        sal_map_shape want; /* channels 0: refused */
    } cases[] = {
        {1, {144}, {1, 1, 144}},
        {2, {3, 10}, {3, 1, 10}},
        {3, {3, 32, 30}, {3, 32, 30}},
        {1, {1}, {1, 1, 1}},
        {0, {0}, {0, 0, 0}},
        {4, {1, 1, 1, 1}, {0, 0, 0}},
        {2, {3, 0}, {0, 0, 0}},
        {3, {-1, 4, 4}, {0, 0, 0}},
        {2, {INT64_MAX, 4}, {0, 0, 0}},
        {1, {INT64_MAX / 8}, {0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_map_shape got = {0, 0, 0};
        sal_error err = {SAL_OK, ""};
        sal_status st = sal_map_shape_of_(cases[i].rank, cases[i].dims, &got, &err);
        if (st != (cases[i].want.channels ? SAL_OK : SAL_E_SHAPE) ||
            memcmp(&got, &cases[i].want, sizeof got))
            fail_msg("case %zu: %s, %zu x %zu x %zu", i, sal_status_name(st), got.channels,
                     got.height, got.width);
    }
}

/* Clipped values lie in the row's range, raw ones tell more. */
static void clipping(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        double raw, clipped;
    } cases[] = {{"pearson", -1, -1},       {"pearson-folded", 1, 1}, {"spearman", -1, -1},
                 {"spearman-folded", 1, 1}, {"cosine", -1, 0},        {"pearson-abs", 1, 1}};
    const float a[] = {1, -2, 3, 4}, b[] = {-1, 2, -3, -4};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_metric m;
        double pa[4], pb[4], scratch[16];
        assert_int_equal(sal_metric_open_(cases[i].spec, (sal_map_shape){1, 2, 2}, true, &m, NULL),
                         SAL_OK);
        assert_true(m.scratch <= 16);
        assert_null(sal_metric_prepare_(&m, a, pa, scratch));
        assert_null(sal_metric_prepare_(&m, b, pb, scratch));
        assert_near(cases[i].spec, sal_metric_compare_(&m, pa, pb, scratch, false).value,
                    cases[i].raw, 1e-15);
        assert_near(cases[i].spec, sal_metric_compare_(&m, pa, pb, scratch, true).value,
                    cases[i].clipped, 1e-15);
    }
}

/* Prepare and compare write no further than m.prepared and m.scratch say. */
static void stays_in_bounds(void **state)
{
    (void)state;
    static const char *const specs[] = {"pearson",
                                        "spearman",
                                        "cosine",
                                        "mse",
                                        "ssim",
                                        "ssim:window=gaussian,channels=each",
                                        "ssim:window=uniform5",
                                        "hog",
                                        "hog:by=spearman",
                                        "hog:block=2,cell=3,channels=each"};
    enum { GUARD = 4 };
    const sal_map_shape shape = {2, 27, 31};
    static float map[2 * 27 * 31];
    sal_rng rng = sal_rng_for(9, "bounds", 0);
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++) map[i] = (float)sal_rng_normal_(&rng);
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        sal_metric m;
        assert_int_equal(sal_metric_open_(specs[i], shape, false, &m, NULL), SAL_OK);
        double *out = calloc(m.prepared + GUARD, sizeof *out);
        double *scratch = calloc(m.scratch + GUARD, sizeof *scratch);
        for (size_t k = 0; k < GUARD; k++) out[m.prepared + k] = scratch[m.scratch + k] = 1234;
        const char *why = sal_metric_prepare_(&m, map, out, scratch);
        if (why) fail_msg("%s: %s", specs[i], why);
        sal_metric_compare_(&m, out, out, scratch, true);
        for (size_t k = 0; k < GUARD; k++) {
            assert_near(specs[i], out[m.prepared + k], 1234, 0);
            assert_near(specs[i], scratch[m.scratch + k], 1234, 0);
        }
        free(out);
        free(scratch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_complete), cmocka_unit_test(every_row_opens),
        cmocka_unit_test(refused),           cmocka_unit_test(shapes),
        cmocka_unit_test(clipping),          cmocka_unit_test(stays_in_bounds),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
