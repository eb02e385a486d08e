/* tests/cli/test_maps.c - salcheck check --maps: files in, a verdict and an exit code out. */
#include "program.h"

#include "base/base.h"

#include <salcheck/io.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS = 8, SIDE = 12, PIXELS = SIDE * SIDE, COUNT = INPUTS * PIXELS, FILES = 32 };

static void write_maps(const scratch *s, const char *name, size_t rank, const int64_t *dims,
                       float *values)
{
    char path[160];
    sal_tensor *t = NULL;
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    assert_int_equal(sal_tensor_view_of(NULL, values, rank, dims, &t, NULL), SAL_OK);
    assert_int_equal(sal_npy_write_tensor(t, path, NULL), SAL_OK);
    sal_tensor_free(t);
}

/* keep^2 of the energy is the original's */
static void fill(float *x, const float *original, double keep, uint64_t stream)
{
    sal_rng rng = sal_rng_for(1, "maps", stream);
    for (size_t i = 0; i < COUNT; i++) {
        double own = sal_rng_normal_(&rng);
        x[i] = (float)(original ? keep * (double)original[i] + sqrt(1 - keep * keep) * own : own);
    }
}

/* original.npy [N, H, W]; new0.npy ... keep nothing, old0.npy ... nearly all. */
static void write_all(const scratch *s)
{
    static const int64_t plane[] = {INPUTS, SIDE, SIDE}, other[] = {INPUTS, SIDE * SIDE};
    static float original[COUNT], x[COUNT];
    char name[32];
    fill(original, NULL, 0, 0);
    write_maps(s, "original.npy", 3, plane, original);
    for (size_t k = 0; k < FILES; k++) {
        fill(x, original, 0, 1 + k);
        snprintf(name, sizeof name, "new%zu.npy", k);
        write_maps(s, name, 3, plane, x);
        fill(x, original, 0.95, 1 + k);
        snprintf(name, sizeof name, "old%zu.npy", k);
        write_maps(s, name, 3, plane, x);
    }
    write_maps(s, "flat.npy", 2, other, x);
    x[PIXELS + 3] = NAN;
    write_maps(s, "nan.npy", 3, plane, x);
}

static void remove_all(const scratch *s)
{
    static const char *const others[] = {"original.npy", "flat.npy", "nan.npy", "v.jsonl"};
    char path[160];
    for (size_t k = 0; k < 2 * FILES; k++) {
        snprintf(path, sizeof path, "%s/%s%zu.npy", s->folder, k % 2 ? "new" : "old", k / 2);
        remove(path);
    }
    for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
        snprintf(path, sizeof path, "%s/%s", s->folder, others[k]);
        remove(path);
    }
}

static const char *list(const char *stem, size_t n)
{
    static char text[32 * FILES];
    size_t at = 0;
    for (size_t k = 0; k < n; k++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s%zu.npy", k ? "," : "", stem, k);
    return text;
}

static void outcomes(void **state)
{
    static const struct {
        const char *stem, *options;
        size_t n;
        int code;
        const char *out;
    } rows[] = {{"new", "", FILES, 0, "original               maps          maps         D 1."},
                {"new", "--method ig", FILES, 0, "ig                     maps"},
                {"new", "--signals", FILES, 0, "pass"},
                {"old", "", FILES, 1,
                 "saliency check FAILED: original does not depend on what was randomised"},
                {"old", "", 12, 3, "undecided after 12 randomised models"},
                {"old", "--limit 0.01", FILES, 0, "pass"}};
    const scratch *s = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const answer *a = salcheck(s, "check --maps original.npy --maps-randomised %s %s",
                                   list(rows[i].stem, rows[i].n), rows[i].options);
        expect(a, rows[i].options, rows[i].code, "");
        if (!strstr(a->out, rows[i].out)) fail_msg("row %zu: %s", i, a->out);
    }
}

/* An ordinary verdict: the same line on stdout and in the file. */
static void a_line_of_json(void **state)
{
    const scratch *s = *state;
    char path[160];
    const answer *a = salcheck(
        s, "check --maps original.npy --maps-randomised %s --json --out v.jsonl", list("new", 20));
    expect(a, "json", 0, "");
    json_t *line = json_of_answer(a, "json");
    assert_string_equal(json_string_value(json_object_get(line, "check")), "maps");
    assert_string_equal(json_string_value(json_object_get(line, "outcome")), "pass");
    assert_string_equal(json_string_value(json_object_get(line, "id")), "files/maps/original");
    json_decref(line);
    snprintf(path, sizeof path, "%s/v.jsonl", s->folder);
    size_t size;
    unsigned char *bytes = read_bytes(path, &size);
    if (size != strlen(a->out) || memcmp(bytes, a->out, size) != 0) fail_msg("%s", a->out);
    free(bytes);
}

static void mistakes(void **state)
{
    static const struct {
        const char *files, *options;
        int code;
        const char *part;
    } rows[] = {
        {"new0.npy,new1.npy", "", 2, "maps of 2 randomised models cannot decide at alpha 0.01"},
        {"new0.npy,new0.npy", "", 2, "new0.npy is given twice"},
        {"new0.npy,original.npy", "", 2, "original.npy is the original, and given as randomised"},
        {"new0.npy,,new1.npy", "", 2, "a file has no name"},
        {"new0.npy", "--draws 9", 2, "with --maps only"},
        {"new0.npy", "x.onnx", 2, "one argument too many: 'x.onnx'"},
        {"new0.npy", "--metric mse --alpha .99", 2, "mse"},
        {"flat.npy,new1.npy", "--alpha .99", 4, "maps of randomised model 0 are [8, 144]"},
        {"nan.npy,new1.npy", "--alpha .99", 4, "map 1 is not finite at element 3"},
        {"no.npy,new1.npy", "--alpha .99", 4, "no.npy: cannot be opened"}};
    const scratch *s = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect(salcheck(s, "check --maps original.npy --maps-randomised %s %s", rows[i].files,
                        rows[i].options),
               rows[i].part, rows[i].code, rows[i].part);
    expect(salcheck(s, "check --maps original.npy"), "alone", 2, "come together");
    expect(salcheck(s, "check"), "nothing", 2, "an argument is missing");
}

static int make(void **state)
{
    if (make_scratch(state)) return 1;
    write_all(*state);
    return 0;
}

static int drop(void **state)
{
    remove_all(*state);
    return drop_scratch(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(outcomes), cmocka_unit_test(a_line_of_json),
                                       cmocka_unit_test(mistakes)};
    return !!cmocka_run_group_tests(tests, make, drop);
}
