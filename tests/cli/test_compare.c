/* tests/cli/test_compare.c - salcheck compare against what scipy and scikit-image say, and its edges. */
#include "program.h"

#include <salcheck/io.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METRICS SAL_TESTS_DIR "/golden/metrics/"
#define GOLDEN SAL_TESTS_DIR "/golden/io/"

static const struct {
    const char *key, *metric;
    double tolerance;
} recipes[] = {
    {"pearson", "pearson", 1e-6},
    {"pearson_of_abs", "pearson-abs", 1e-6},
    {"spearman", "spearman", 1e-6},
    {"spearman_of_abs", "spearman-abs", 1e-6},
    {"abs_of_spearman", "spearman-folded", 1e-6},
    {"cosine", "cosine", 1e-6},
    {"mse", "mse", 1e-6},
    {"ssim_notebook", "ssim:window=gaussian,scale=minmax,range=2", 1e-5},
    {"hog8_pearson", "hog", 1e-5},
};

static void check_line(const char *metric, const json_t *pair, const char *key, const char *line,
                       double tolerance)
{
    const char *name = json_string_value(json_object_get(pair, "pair"));
    const json_t *want = json_object_get(pair, key);
    if (!strncmp(line, "undefined\n", 10)) {
        if (!json_is_null(want)) fail_msg("%s, %s: undefined", metric, name);
        return;
    }
    char *end;
    double got = strtod(line, &end);
    if (*end != '\n') fail_msg("%s, %s: no number: %.20s", metric, name, line);
    if (json_is_null(want)) fail_msg("%s, %s: %g, wanted undefined", metric, name, got);
    double scale = fmax(1, fabs(json_number_value(want))); /* ten digits are printed */
    assert_near(name, got, json_number_value(want),
                (strstr(name, "offset") ? 1e-4 : tolerance) * scale);
}

static void agrees_with_scipy_and_scikit_image(void **state)
{
    static const char *const sets[] = {"28", "64"};
    const scratch *s = *state;
    json_t *file = json_load_file(METRICS "metrics.json", 0, NULL);
    assert_non_null(file);
    for (size_t c = 0; c < 2; c++)
        for (size_t r = 0; r < sizeof recipes / sizeof recipes[0]; r++) {
            const json_t *pairs = json_object_get(json_object_get(file, "sets"), sets[c]);
            const answer *a =
                salcheck(s, "compare " METRICS "%s/a.npy " METRICS "%s/b.npy --metric %s", sets[c],
                         sets[c], recipes[r].metric);
            expect(a, recipes[r].metric, 0, "");
            const char *line = a->out;
            double sum = 0;
            size_t defined = 0;
            for (size_t i = 0; i < json_array_size(pairs); i++) {
                check_line(recipes[r].metric, json_array_get(pairs, i), recipes[r].key, line,
                           recipes[r].tolerance);
                if (*line != 'u') sum += strtod(line, NULL);
                defined += *line != 'u';
                line += strcspn(line, "\n") + 1;
            }
            double mean = sum / (double)defined;
            assert_near("mean", strtod(line, NULL), mean, 1e-8 * fmax(1, fabs(mean)));
            if (line[strcspn(line, "\n") + 1]) fail_msg("%s: lines after the mean", recipes[r].key);
        }
    json_decref(file);
}

static void json_has_the_same_values(void **state)
{
    const scratch *s = *state;
    const answer *a =
        salcheck(s, "compare " METRICS "28/a.npy " METRICS "28/b.npy --metric pearson --json");
    expect(a, "json", 0, "");
    json_t *j = json_of_answer(a, "json"), *values = json_object_get(j, "values");
    assert_int_equal(json_array_size(values), 24);
    assert_int_equal(json_integer_value(json_object_get(j, "undefined")), 2);
    assert_true(json_is_null(json_array_get(values, 9)));
    assert_near("first", json_number_value(json_array_get(values, 0)), -0.0054628590496370805,
                1e-9);
    assert_true(json_is_real(json_object_get(j, "mean")));
    json_decref(j);
}

static void takes_members_of_archives(void **state)
{
    const scratch *s = *state;
    const answer *a = salcheck(s, "compare " GOLDEN "stored.npz:x " GOLDEN "packed.npz:x --metric "
                                  "pearson");
    expect(a, "npz", 0, "");
    assert_string_equal(a->out, "1\n1\n1\n");
    expect(salcheck(s, "compare " GOLDEN "stored.npz " GOLDEN "packed.npz:x --metric mse"), "two",
           2, "several arrays, name one of: x, y");
    expect(salcheck(s, "compare " GOLDEN "stored.npz:z " GOLDEN "packed.npz:x --metric mse"),
           "absent", 2, "no array 'z', wanted one of: x, y");
}

/* [N, C, L] sums the channels before comparing, [N, H, W] does not. */
static void rank_3_is_a_plane_unless_said(void **state)
{
    const scratch *s = *state;
    const int64_t dims[] = {1, 2, 3};
    float a[] = {1, 2, 4, 9, 8, 7}, b[] = {5, 5, 6, 5, 5, 5};
    char path[160];
    for (int i = 0; i < 2; i++) {
        sal_tensor *t = NULL;
        snprintf(path, sizeof path, "%s/%c.npy", s->folder, "ab"[i]);
        assert_int_equal(sal_tensor_view_of(NULL, i ? b : a, 3, dims, &t, NULL), SAL_OK);
        assert_int_equal(sal_npy_write_tensor(t, path, NULL), SAL_OK);
        sal_tensor_free(t);
    }
    const answer *plane = salcheck(s, "compare a.npy b.npy --metric pearson");
    double one = strtod(plane->out, NULL);
    const answer *signal = salcheck(s, "compare a.npy b.npy --metric pearson --signals");
    double other = strtod(signal->out, NULL);
    assert_near("signal", other, 1, 1e-9); /* 10 10 11 and 10 10 11 */
    if (fabs(one - other) < 0.1) fail_msg("plane %g, signal %g", one, other);
    expect(salcheck(s, "compare a.npy " GOLDEN
                       "fortran.npy --metric mse; code=$?; rm a.npy b.npy; exit $code"),
           "shapes", 4, "maps a are [1, 1, 2, 3], maps b are [2, 1, 3, 4]");
}

static void refuses_what_it_cannot_compare(void **state)
{
    const scratch *s = *state;
    expect(salcheck(s, "compare " GOLDEN "fortran.npy " GOLDEN "float32.npy --metric mse"),
           "shapes", 4, "salcheck compare: ");
    expect(salcheck(s, "compare " GOLDEN "fortran.npy " GOLDEN "fortran.npy --metric pearsn"),
           "metric", 2, "unknown metric 'pearsn'; did you mean 'pearson'?");
    expect(salcheck(s, "compare " GOLDEN "fortran.npy " GOLDEN "fortran.npy --metric mse:cel=1"),
           "option", 2, "cel");
    expect(salcheck(s, "compare " GOLDEN "picture.png " GOLDEN "fortran.npy --metric mse"), "png",
           4, "no .npy file");
}

static void nothing_defined_ends_with_3(void **state)
{
    const scratch *s = *state;
    float zeros[8] = {0};
    const int64_t dims[] = {2, 4};
    sal_tensor *t = NULL;
    assert_int_equal(sal_tensor_view_of(NULL, zeros, 2, dims, &t, NULL), SAL_OK);
    assert_int_equal(sal_npy_write_tensor(t, s->file, NULL), SAL_OK);
    sal_tensor_free(t);
    const answer *a = salcheck(s, "compare some.file some.file --metric pearson");
    expect(a, "zeros", 3, "2 of 2 pairs are undefined");
    assert_string_equal(a->out, "undefined\nundefined\nundefined\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_scipy_and_scikit_image),
        cmocka_unit_test(json_has_the_same_values),
        cmocka_unit_test(takes_members_of_archives),
        cmocka_unit_test(rank_3_is_a_plane_unless_said),
        cmocka_unit_test(refuses_what_it_cannot_compare),
        cmocka_unit_test(nothing_defined_ends_with_3),
    };
    return !!cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
