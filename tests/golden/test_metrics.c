/* Every pair of golden/metrics against what scipy and scikit-image say; see PROVENANCE.md there. */
#include "support.h"

#include "metric/metric.h"
#include "metric/vector.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *key, *metric;
    double tolerance;
} recipe;

static const recipe recipes[] = {
    {"pearson", "pearson", 1e-6},
    {"pearson_of_abs", "pearson-abs", 1e-6},
    {"spearman", "spearman", 1e-6},
    {"spearman_of_abs", "spearman-abs", 1e-6},
    {"abs_of_spearman", "spearman-folded", 1e-6},
    {"cosine", "cosine", 1e-6},
    {"mse", "mse", 1e-6},
    {"ssim_uniform7", "ssim:scale=none,range=joint", 1e-5},
    {"ssim_gaussian", "ssim:window=gaussian,scale=none,covariance=population", 1e-5},
    {"ssim_notebook", "ssim:window=gaussian,scale=minmax,range=2", 1e-5},
    {"hog8_pearson", "hog", 1e-5},
    {"hog8_spearman", "hog:by=spearman", 1e-5},
    {"hog16_pearson", "hog:cell=16", 1e-5},
    {"hog16_spearman", "hog:cell=16,by=spearman", 1e-5},
};

enum { RECIPES = sizeof recipes / sizeof recipes[0] };

typedef struct {
    char folder[512];
    const char *name;
    json_t *file, *pairs;
    size_t n, count;
    int64_t dims[3];
    float *a, *b;
} set;

static float *load_maps(const set *s, const char *file, int64_t *dims)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s/%s", s->folder, s->name, file);
    npy_array raw = load_npy(path);
    float *maps = calloc(raw.count, sizeof *maps);
    for (size_t i = 0; i < raw.count; i++) maps[i] = (float)raw.data[i];
    memcpy(dims, raw.dims, 3 * sizeof *dims);
    free(raw.data);
    return maps;
}

static set load_set(const char *folder, const char *name)
{
    set s = {.name = name};
    char path[600];
    json_error_t error;
    snprintf(s.folder, sizeof s.folder, "%s", folder);
    snprintf(path, sizeof path, "%s/metrics.json", folder);
    s.file = json_load_file(path, 0, &error);
    if (!s.file) fail_msg("%s: %s", path, error.text);
    s.pairs = json_object_get(json_object_get(s.file, "sets"), name);
    s.a = load_maps(&s, "a.npy", s.dims);
    s.b = load_maps(&s, "b.npy", s.dims);
    s.n = (size_t)s.dims[0];
    s.count = (size_t)(s.dims[1] * s.dims[2]);
    assert_int_equal(json_array_size(s.pairs), s.n);
    return s;
}

static void free_set(set *s)
{
    free(s->a);
    free(s->b);
    json_decref(s->file);
}

/* False when the maps are too small for the metric: then every pair must be null in the file. */
static bool compare_all(const set *s, const char *metric, sal_similarity *out)
{
    const int64_t dims[] = {s->dims[0], 1, s->dims[1], s->dims[2]};
    sal_tensor *a, *b;
    sal_error err = {SAL_OK, ""};
    assert_int_equal(sal_tensor_view_of(NULL, s->a, 4, dims, &a, &err), SAL_OK);
    assert_int_equal(sal_tensor_view_of(NULL, s->b, 4, dims, &b, &err), SAL_OK);
    sal_status st = sal_metric_compare(NULL, metric, a, b, out, &err);
    sal_tensor_free(a);
    sal_tensor_free(b);
    if (st != SAL_OK && st != SAL_E_SHAPE) fail_msg("%s: %s", metric, err.text);
    return st == SAL_OK;
}

/* Returns the number of values that were compared. */
static size_t check(const set *s, const recipe *r, size_t *undefined)
{
    sal_similarity *got = calloc(s->n, sizeof *got);
    const bool fits = compare_all(s, r->metric, got);
    size_t compared = 0;
    for (size_t i = 0; i < s->n; i++) {
        const json_t *pair = json_array_get(s->pairs, i), *want = json_object_get(pair, r->key);
        const char *name = json_string_value(json_object_get(pair, "pair"));
        char text[256];
        snprintf(text, sizeof text, "set %s, %s, %s", s->name, name, r->metric);
        if (!want) fail_msg("%s: no %s in the file", text, r->key);
        if (json_is_null(want) || !fits) {
            if (!json_is_null(want)) fail_msg("%s: refused", text);
            if (fits && got[i].defined) fail_msg("%s: %g, wanted undefined", text, got[i].value);
            if (fits && !got[i].undefined) fail_msg("%s: no reason given", text);
            ++*undefined;
            continue;
        }
        if (!got[i].defined) fail_msg("%s: undefined, %s", text, got[i].undefined);
        const double tolerance = strcmp(name, "large offset") ? r->tolerance : 1e-4;
        assert_near(text, got[i].value, json_number_value(want), tolerance);
        compared++;
    }
    free(got);
    return compared;
}

static void check_set(const char *folder, const char *name)
{
    set s = load_set(folder, name);
    size_t compared = 0, undefined = 0;
    for (size_t r = 0; r < RECIPES; r++) compared += check(&s, &recipes[r], &undefined);
    print_message("set %s: %zu values compared, %zu undefined\n", name, compared, undefined);
    assert_true(compared > 0);
    free_set(&s);
}

static void sets_kept_here(void **state)
{
    (void)state;
    check_set(SAL_TESTS_DIR "/golden/metrics", "28");
    check_set(SAL_TESTS_DIR "/golden/metrics", "64");
}

static void large_set(void **state)
{
    (void)state;
    if (!golden_folder()) {
        print_message("set 299: %d x 2 values left out, SALCHECK_GOLDEN not found\n", RECIPES);
        skip();
    }
    char path[480];
    snprintf(path, sizeof path, "%s/metrics", golden_folder());
    check_set(path, "299");
}

/* The prepared form of hog is the library's descriptor, centred and of norm 1. */
static void descriptors(void **state)
{
    (void)state;
    set s = load_set(SAL_TESTS_DIR "/golden/metrics", "28");
    npy_array want = load_npy(SAL_TESTS_DIR "/golden/metrics/28/hog8_a.npy");
    const size_t n = (size_t)want.dims[1];
    sal_metric m;
    sal_error err = {SAL_OK, ""};
    assert_int_equal(sal_metric_open_("hog", (sal_map_shape){1, 28, 28}, false, &m, &err), SAL_OK);
    assert_int_equal(m.prepared, n);
    double *got = calloc(n, sizeof *got), *scratch = calloc(m.scratch, sizeof *scratch);
    for (size_t i = 0; i < s.n; i++) {
        char text[64];
        const char *undefined = sal_metric_prepare_(&m, s.a + i * s.count, got, scratch);
        const bool constant = sal_centre_(n, want.data + i * n, want.data + i * n) != NULL;
        snprintf(text, sizeof text, "descriptor of map %zu", i);
        if (constant != (undefined != NULL)) fail_msg("%s: %s", text, undefined);
        for (size_t k = 0; k < n && !constant; k++)
            assert_near(text, got[k], want.data[i * n + k], 1e-6);
    }
    free(got);
    free(scratch);
    free(want.data);
    free_set(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_kept_here),
        cmocka_unit_test(large_set),
        cmocka_unit_test(descriptors),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
