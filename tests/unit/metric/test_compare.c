/* sal_metric_compare: shapes, pairs that are not defined, threads, memory. */
#include "metric_pair.h"
#include "short_memory.h"

#include "base/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    size_t rank;
    int64_t dims[4];
    sal_map_shape one;
} layout;

static const layout layouts[] = {
    {"[N, F]", 2, {5, 168}, {1, 1, 168}},
    {"[N, C, L]", 3, {5, 3, 56}, {3, 1, 56}},
    {"[N, C, H, W]", 4, {5, 1, 12, 14}, {1, 12, 14}},
};

static float *noise(const char *purpose, size_t n)
{
    float *v = calloc(n, sizeof *v);
    sal_rng rng = sal_rng_for(4, purpose, n);
    for (size_t i = 0; i < n; i++) v[i] = (float)sal_rng_normal_(&rng);
    return v;
}

static sal_tensor *view(float *data, size_t rank, const int64_t *dims)
{
    sal_tensor *t;
    sal_error err = {SAL_OK, ""};
    if (sal_tensor_view_of(NULL, data, rank, dims, &t, &err) != SAL_OK) fail_msg("%s", err.text);
    return t;
}

static void pair_by_pair(void **state)
{
    (void)state;
    float *a = noise("a", 5 * 168), *b = noise("b", 5 * 168);
    static const char *const specs[] = {"pearson", "spearman-abs", "cosine", "mse", "ssim"};
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
        for (size_t k = 0; k < sizeof specs / sizeof specs[0]; k++) {
            const layout *l = &layouts[i];
            if (l->one.height == 1 && !strcmp(specs[k], "ssim")) continue;
            sal_tensor *ta = view(a, l->rank, l->dims), *tb = view(b, l->rank, l->dims);
            sal_similarity got[5];
            assert_int_equal(sal_metric_compare(NULL, specs[k], ta, tb, got, NULL), SAL_OK);
            for (size_t p = 0; p < 5; p++) {
                sal_similarity want = pair_similarity(specs[k], l->one, a + p * 168, b + p * 168);
                assert_near(case_name(l->name, specs[k]), got[p].value, want.value, 0);
                if (!got[p].defined) fail_msg("%s: undefined", case_name(l->name, specs[k]));
            }
            sal_tensor_free(ta);
            sal_tensor_free(tb);
        }
    free(a);
    free(b);
}

static void undefined_pairs_have_a_reason(void **state)
{
    (void)state;
    const int64_t dims[] = {4, 3};
    float a[] = {1, 2, 3, 5, 5, 5, 1, NAN, 2, 1, 2, 4}, b[] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 0, 0, 0};
    static const char *const want[] = {NULL, SAL_MAP_CONSTANT, SAL_MAP_NOT_FINITE,
                                       SAL_MAP_CONSTANT};
    sal_tensor *ta = view(a, 2, dims), *tb = view(b, 2, dims);
    sal_similarity got[4];
    assert_int_equal(sal_metric_compare(NULL, "pearson", ta, tb, got, NULL), SAL_OK);
    for (size_t i = 0; i < 4; i++) {
        const char *why = got[i].undefined;
        if (got[i].defined != !want[i] || !!why != !!want[i] || (why && strcmp(why, want[i])))
            fail_msg("pair %zu: %s", i, why ? why : "defined");
        assert_near("value", got[i].value, want[i] ? 0 : 1, 1e-15);
    }
    sal_tensor_free(ta);
    sal_tensor_free(tb);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *spec;
        size_t rank_a, rank_b;
        int64_t a[5], b[5];
        sal_status status;
        const char *text;
    } cases[] = {
        {"shapes differ",
         "pearson",
         2,
         2,
         {2, 3},
         {3, 2},
         SAL_E_SHAPE,
         "maps a are [2, 3], maps b are [3, 2]"},
        {"ranks differ",
         "pearson",
         2,
         3,
         {2, 3},
         {2, 1, 3},
         SAL_E_SHAPE,
         "maps a are [2, 3], maps b are [2, 1, 3]"},
        {"one vector",
         "pearson",
         1,
         1,
         {6},
         {6},
         SAL_E_SHAPE,
         "maps of rank 1, wanted [N, F], [N, C, L] or [N, C, H, W]"},
        {"rank 5",
         "pearson",
         5,
         5,
         {1, 1, 1, 1, 6},
         {1, 1, 1, 1, 6},
         SAL_E_SHAPE,
         "maps of rank 5, wanted [N, F], [N, C, L] or [N, C, H, W]"},
        {"empty maps",
         "pearson",
         3,
         3,
         {2, 0, 3},
         {2, 0, 3},
         SAL_E_SHAPE,
         "maps have dimension 1 of 0, wanted 1 or more"},
        {"unknown",
         "pearsn",
         2,
         2,
         {2, 3},
         {2, 3},
         SAL_E_ARG,
         "unknown metric 'pearsn'; did you mean 'pearson'?"},
        {"series",
         "ssim",
         2,
         2,
         {2, 3},
         {2, 3},
         SAL_E_SHAPE,
         "ssim with window uniform7 needs maps of at least 7 x 7, got 1 x 3"},
    };
    float data[6] = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_tensor *a = view(data, cases[i].rank_a, cases[i].a);
        sal_tensor *b = view(data, cases[i].rank_b, cases[i].b);
        sal_similarity out[2] = {{.value = 7}, {.value = 7}};
        sal_error err = {SAL_OK, ""};
        sal_status st = sal_metric_compare(NULL, cases[i].spec, a, b, out, &err);
        if (st != cases[i].status || strcmp(err.text, cases[i].text))
            fail_msg("%s: %s, '%s'", cases[i].name, sal_status_name(st), err.text);
        assert_near(cases[i].name, out[0].value, 7, 0); /* untouched */
        sal_tensor_free(a);
        sal_tensor_free(b);
    }
}

static void missing_arguments(void **state)
{
    (void)state;
    const int64_t dims[] = {0, 3};
    float data[1] = {0};
    sal_tensor *t = view(data, 2, dims);
    sal_similarity out[1];
    assert_int_equal(sal_metric_compare(NULL, "pearson", NULL, t, out, NULL), SAL_E_ARG);
    assert_int_equal(sal_metric_compare(NULL, "pearson", t, NULL, out, NULL), SAL_E_ARG);
    assert_int_equal(sal_metric_compare(NULL, "pearson", t, t, NULL, NULL), SAL_E_ARG);
    assert_int_equal(sal_metric_compare(NULL, NULL, t, t, out, NULL), SAL_E_ARG);
    assert_int_equal(sal_metric_compare(NULL, "pearson", t, t, out, NULL), SAL_OK); /* no pairs */
    sal_tensor_free(t);
}

static void threads_give_the_same_bits(void **state)
{
    (void)state;
    const int64_t dims[] = {6, 1, 256, 256};
    const size_t n = 6 * 256 * 256;
    float *a = noise("threads a", n), *b = noise("threads b", n);
    sal_tensor *ta = view(a, 4, dims), *tb = view(b, 4, dims);
    static const char *const specs[] = {"spearman", "ssim", "hog"};
    for (size_t k = 0; k < sizeof specs / sizeof specs[0]; k++) {
        sal_similarity one[6], three[6];
        const sal_env env[2] = {{.threads = 1}, {.threads = 3}};
        assert_int_equal(sal_metric_compare(&env[0], specs[k], ta, tb, one, NULL), SAL_OK);
        assert_int_equal(sal_metric_compare(&env[1], specs[k], ta, tb, three, NULL), SAL_OK);
        for (size_t p = 0; p < 6; p++) assert_near(specs[k], three[p].value, one[p].value, 0);
    }
    sal_tensor_free(ta);
    sal_tensor_free(tb);
    free(a);
    free(b);
}

static void survives_out_of_memory(void **state)
{
    (void)state;
    float *a = noise("memory", 5 * 168);
    sal_tensor *t = view(a, 4, layouts[2].dims);
    for (size_t n = 0;; n++) {
        short_memory memory = {.after = n};
        const sal_env env = short_memory_env(&memory);
        sal_similarity out[5];
        sal_error err = {SAL_OK, ""};
        sal_status st = sal_metric_compare(&env, "ssim", t, t, out, &err);
        const bool refused_one = atomic_load(&memory.refused) > 0;
        assert_int_equal(atomic_load(&memory.alive), 0);
        assert_int_equal(st, refused_one ? SAL_E_NOMEM : SAL_OK);
        if (!refused_one) break;
        assert_string_equal(err.text, "out of memory for the maps to compare");
    }
    sal_tensor_free(t);
    free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pair_by_pair),
        cmocka_unit_test(undefined_pairs_have_a_reason),
        cmocka_unit_test(refused),
        cmocka_unit_test(missing_arguments),
        cmocka_unit_test(threads_give_the_same_bits),
        cmocka_unit_test(survives_out_of_memory),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
