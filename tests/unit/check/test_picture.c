/* The picture of a check that does not pass: written where .out says, its folder made when needed,
 * and nowhere else. */
#define _XOPEN_SOURCE 700
#include "checks.h"
#include "mixed_method.h"
#include "small_nets.h"
#include "support.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIXELS = BARS_SIDE * BARS_SIDE };

static small_world world;
static char folder[64];

static int make(void **state)
{
    (void)state;
    make_world(&world, NULL);
    strcpy(folder, "/tmp/salcheck-picture-XXXXXX");
    return mkdtemp(folder) ? 0 : 1;
}

static int drop(void **state)
{
    (void)state;
    free_world(&world);
    return rmdir(folder);
}

static sal_check_args ask(const char *check, const char *method)
{
    return (sal_check_args){.check = check,
                            .model = world.net.model,
                            .inputs = world.inputs,
                            .method = method,
                            .twin = world.twin.model,
                            .line = 42,
                            .file = "tests/some/test_model.c"};
}

static size_t files_in(const char *path)
{
    size_t n = 0;
    DIR *d = opendir(path);
    if (!d) return 0;
    for (struct dirent *e; (e = readdir(d));)
        n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
    closedir(d);
    return n;
}

/* A PNG file with something in it. */
static void expect_png(const char *name, const char *path)
{
    unsigned char head[24] = {0};
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s: no file %s", name, path);
    size_t n = fread(head, 1, sizeof head, f);
    fclose(f);
    if (n < sizeof head || memcmp(head, "\x89PNG\r\n\x1a\n", 8))
        fail_msg("%s: no PNG: %s", name, path);
    if (!(head[18] || head[19] > 64)) fail_msg("%s: %d pixels wide", name, head[19]);
}

static void written_when_it_does_not_pass(void **state)
{
    static const struct {
        const char *name, *check, *method;
        size_t max_draws;
        sal_outcome outcome;
        const char *file; /* NULL: none */
    } rows[] = {
        {"pass", "params", "random-from-params", 0, SAL_PASS, NULL},
        {"fail", "params", "sobel", 0, SAL_FAIL, "test_model_42_params_sobel.png"},
        {"inconclusive", "params", "sobel", 4, SAL_INCONCLUSIVE, "test_model_42_params_sobel.png"},
        {"invalid", "params", "constant", 0, SAL_INVALID, "test_model_42_params_constant.png"},
        {"labels", "labels", "input", 0, SAL_FAIL, "test_model_42_labels_input.png"},
        {"edges", "edges", "sobel", 0, SAL_FAIL, "test_model_42_edges_sobel.png"},
        {"reproducible", "reproducible", "random", 0, SAL_FAIL,
         "test_model_42_reproducible_random.png"},
        {"faithful", "faithful", "random-from-params", 0, SAL_FAIL,
         "test_model_42_faithful_random-from-params.png"},
        {"sane", "sane", "smoothgrad:samples=2,spread=90", 0, SAL_FAIL,
         "test_model_42_sane_smoothgrad-samples=2,spread=90.png"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[96], path[256];
        snprintf(out, sizeof out, "%s/%s", folder, rows[i].name);
        sal_check_args a = ask(rows[i].check, rows[i].method);
        a.out = out; /* which is made */
        a.max_draws = rows[i].max_draws;
        sal_verdict *v = run_check(rows[i].name, &a);
        expect_outcome(rows[i].name, v, rows[i].outcome, NULL);
        snprintf(path, sizeof path, "%s/%s", out, rows[i].file ? rows[i].file : "");
        if (strcmp(v->picture, rows[i].file ? path : ""))
            fail_msg("%s: the picture is \"%s\", wanted \"%s\"", rows[i].name, v->picture, path);
        if (files_in(out) != (rows[i].file ? 1 : 0))
            fail_msg("%s: %zu files", rows[i].name, files_in(out));
        if (rows[i].file) {
            expect_png(rows[i].name, path);
            unlink(path);
            rmdir(out);
        }
        sal_verdict_free(v);
    }
    assert_int_equal(files_in(folder), 0);
}

static void not_written_unasked(void **state)
{
    (void)state;
    char before[512], after[512];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    for (size_t i = 0; i < 2; i++) {
        sal_check_args a = ask("params", "sobel");
        a.out = i ? "" : NULL;
        sal_verdict *v = run_check("unasked", &a);
        assert_string_equal(v->picture, "");
        sal_verdict_free(v);
    }
    assert_int_equal(files_in("."), 0);
    assert_int_equal(chdir(before), 0);
    assert_non_null(getcwd(after, sizeof after));
}

/* Names become file names: no folders out of them, and a check without a place has a name as well.
 */
static void names_of_files(void **state)
{
    static const struct {
        const char *name, *file, *own, *want;
    } rows[] = {
        {"no file", NULL, "mine", "check_42_params_mine.png"},
        {"no folder in it", "model.test.c", "mine", "model_42_params_mine.png"},
        {"slashes", "a/b.c", "../../etc/x", "b_42_params_..-..-etc-x.png"},
        {"spaces and colons", "a.c", "my map: 2", "a_42_params_my-map--2.png"},
        {"no letter before the dot", "/x/.c", "mine", "_42_params_mine.png"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mixed_method mix = {.input = 1, .size = PIXELS};
        sal_own_method own = mixed(&mix, rows[i].own);
        sal_check_args a = ask("params", NULL);
        char path[256];
        a.file = rows[i].file;
        a.own_method = &own;
        a.out = folder;
        sal_verdict *v = run_check(rows[i].name, &a);
        snprintf(path, sizeof path, "%s/%s", folder, rows[i].want);
        if (strcmp(v->picture, path)) fail_msg("%s: %s", rows[i].name, v->picture);
        expect_png(rows[i].name, path);
        unlink(path);
        sal_verdict_free(v);
    }
}

static int spoil(mixed_method *m, const sal_model *model, const float *x, int64_t target,
                 float *map)
{
    (void)m, (void)model, (void)x, (void)target;
    map[3] = NAN;
    return 0;
}

/* Few inputs, maps that are not finite, a step in the middle of a cascade. */
static void odd_pictures(void **state)
{
    (void)state;
    sal_tensor *two = NULL;
    mixed_method mix = {.params = 1, .size = PIXELS, .also = spoil};
    sal_own_method own = mixed(&mix, "NaN");
    assert_int_equal(sal_tensor_slice(world.inputs, 0, 2, &two, NULL), SAL_OK);
    const struct {
        const char *name;
        sal_check_args a;
        sal_outcome outcome;
    } rows[] = {
        {"two inputs", {.inputs = two, .method = "sobel"}, SAL_FAIL},
        {"NaN", {.inputs = world.inputs, .own_method = &own}, SAL_INVALID},
        {"cascade",
         {.inputs = world.inputs, .method = "sobel", .randomisation = "cascade"},
         SAL_FAIL},
        {"current",
         {.inputs = two,
          .method = "guided-backprop",
          .target_rule = SAL_TARGET_CURRENT,
          .max_draws = 3},
         SAL_INCONCLUSIVE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_check_args a = rows[i].a;
        a.check = "params";
        a.model = world.net.model;
        a.out = folder;
        sal_verdict *v = run_check(rows[i].name, &a);
        expect_outcome(rows[i].name, v, rows[i].outcome, NULL);
        expect_png(rows[i].name, v->picture);
        unlink(v->picture);
        sal_verdict_free(v);
    }
    sal_tensor_free(two);
}

static void the_same_picture_again(void **state)
{
    (void)state;
    char bytes[2][1 << 16];
    size_t n[2];
    for (size_t i = 0; i < 2; i++) {
        sal_check_args a = ask("params", "guided-backprop");
        a.out = folder;
        sal_verdict *v = run_check("again", &a);
        FILE *f = fopen(v->picture, "rb");
        assert_non_null(f);
        n[i] = fread(bytes[i], 1, sizeof bytes[i], f);
        fclose(f);
        unlink(v->picture);
        sal_verdict_free(v);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
}

static void places_that_do_not_do(void **state)
{
    char file[96], below[128], longest[600];
    (void)state;
    snprintf(file, sizeof file, "%s/file", folder);
    snprintf(below, sizeof below, "%s/below", file);
    fclose(fopen(file, "wb"));
    memset(longest, 'x', sizeof longest - 1);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    const struct {
        const char *name, *out, *text;
    } rows[] = {
        {"a folder in no folder", "/nowhere/at/all", "/nowhere/at/all: cannot be made: "},
        {"below a file", below, "cannot be made: "},
        {"a file", file, "/file/test_model_42_params_sobel.png: cannot be written: "},
        {"too long a path", longest, ": cannot be written: the picture's path is too long"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_check_args a = ask("params", "sobel");
        a.out = rows[i].out;
        expect_refused(rows[i].name, &a, SAL_E_IO, rows[i].text);
        a.method = "random-from-params"; /* a pass needs no picture */
        expect_verdict(rows[i].name, &a, SAL_PASS, "");
    }
    unlink(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_when_it_does_not_pass),
        cmocka_unit_test(not_written_unasked),
        cmocka_unit_test(names_of_files),
        cmocka_unit_test(odd_pictures),
        cmocka_unit_test(the_same_picture_again),
        cmocka_unit_test(places_that_do_not_do),
    };
    return !!cmocka_run_group_tests(tests, make, drop);
}
