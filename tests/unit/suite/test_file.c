/* Suite files: values and defaults as the structs have them, places of lines, hostile files, memory that
 * runs out. What is wrong with a suite is tested through the program (tests/cli/test_suite.c). */
#define _XOPEN_SOURCE 700
#include "memory_loop.h"
#include "scratch.h"
#include "support.h"

#include "suite/raw.h"

#include <salcheck/suite.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char whole[] =
    "# a comment\n"
    "version: 1\n"
    "defaults:\n"
    "  alpha: 0.05\n"
    "  draws: 64\n"
    "  methods: [gradient, gradcam]\n"
    "  labels: y.npy\n"
    "models:\n"
    "  - name: net\n"
    "    file: nets/net.onnx\n"
    "    output: logits\n"
    "    blocks: blocks.txt\n"
    "    size: 96x128\n"
    "    grey: true\n"
    "  - {name: other, file: /abs/other.onnx, blocks: 'a=conv1*,b=conv2*', size: 224}\n"
    "inputs:\n"
    "  - name: photos\n"
    "    files: [a.png, /abs/b.png]\n"
    "    scale: 1/255\n"
    "    mean: [0.485, 0.456, 0.406]\n"
    "    std: [0.5]\n"
    "    size: 10x20\n"
    "    bgr: yes\n"
    "    stretch: true\n"
    "    resize: area\n"
    "    labels: labels.npy\n"
    "checks:\n"
    "  - check: params\n"
    "    model: net\n"
    "    target: predicted\n"
    "    randomisation: cascade\n"
    "    seed: 0x5a12\n"
    "  - {check: labels, model: net, twin: other, name: twin, methods: [sobel], train: t.npy,\n"
    "     train-labels: tl.npy, permuted-labels: p.npy, labels: own.npy, target: 3}\n"
    "  - {check: edges, model: other, target: t.npy, draws: 1000, batch: 8, controls: false,\n"
    "     min-draws: 0, limit: 0.25, metric: ssim, layer: conv2, initialiser: permute, name: e}\n";

static sal_suite *read_text(const scratch *s, const char *text)
{
    sal_error err = {SAL_OK, ""};
    sal_suite *suite = NULL;
    write_bytes(s->file, text, strlen(text));
    if (sal_suite_read(NULL, s->file, &suite, &err) != SAL_OK) fail_msg("%s", err.text);
    return suite;
}

static void expect_path(const scratch *s, const char *path, const char *name)
{
    char want[200];
    snprintf(want, sizeof want, "%s/%s", s->folder, name);
    assert_string_equal(path, want);
}

static void models_and_inputs(const scratch *s, const sal_suite *suite)
{
    assert_int_equal(suite->n_models, 2);
    const sal_suite_model *m = suite->models;
    assert_string_equal(m[0].name, "net");
    expect_path(s, m[0].file, "nets/net.onnx");
    expect_path(s, m[0].blocks, "blocks.txt");
    assert_string_equal(m[0].output, "logits");
    assert_true(m[0].size[0] == 96 && m[0].size[1] == 128 && m[0].grey && m[0].line == 9);
    assert_string_equal(m[1].file, "/abs/other.onnx");
    assert_string_equal(m[1].blocks, "a=conv1*,b=conv2*");
    assert_true(m[1].size[0] == 224 && m[1].size[1] == 224 && !m[1].grey && m[1].line == 15);
    const sal_suite_inputs *in = suite->inputs;
    assert_int_equal(in->n_files, 2);
    expect_path(s, in->files[0], "a.png");
    assert_string_equal(in->files[1], "/abs/b.png");
    expect_path(s, in->labels, "labels.npy");
    assert_true(in->scale == 1.0 / 255 && in->mean[1] == 0.456f && in->std[2] == 0.5f);
    assert_true(in->size[0] == 10 && in->size[1] == 20 && in->bgr && in->stretch && !in->grey);
    assert_string_equal(in->resize, "area");
    assert_int_equal(in->line, 17);
}

static void values_and_defaults(void **state)
{
    const scratch *s = *state;
    sal_suite *suite = read_text(s, whole);
    models_and_inputs(s, suite);
    assert_int_equal(suite->n_checks, 3);
    const sal_suite_check *c = suite->checks;
    assert_string_equal(c[0].check, "params");
    assert_int_equal(c[0].n_methods, 2);
    assert_string_equal(c[0].methods[1], "gradcam");
    assert_string_equal(c[0].ids[1], "net/params:cascade/gradcam");
    assert_string_equal(c[0].target, "predicted");
    assert_true(c[0].alpha == 0.05 && c[0].draws == 64 && c[0].min_draws == 64 && c[0].limit == 0);
    assert_true(c[0].seed == 0x5a12 && c[0].twin == SAL_SUITE_NONE && c[0].line == 28);
    expect_path(s, c[0].labels, "y.npy");
    assert_string_equal(c[1].ids[0], "twin");
    assert_true(c[1].twin == 1 && c[1].model == 0 && c[1].line == 33);
    expect_path(s, c[1].labels, "own.npy");
    expect_path(s, c[1].permuted_labels, "p.npy");
    assert_string_equal(c[1].target, "3");
    assert_true(c[2].draws == 1000 && c[2].min_draws == 0 && c[2].batch == 8 && !c[2].controls);
    assert_true(c[2].limit == 0.25);
    assert_string_equal(c[2].ids[0], "e/gradient");
    expect_path(s, c[2].target, "t.npy");
    sal_suite_free(suite);
    suite =
        read_text(s, "{version: 1, models: [{name: a, file: b}], inputs: [{name: c, files: [d], "
                     "labels: l}], checks: [{check: sane, methods: [input], draws: 1000}]}");
    assert_true(suite->checks->draws == 1000 && suite->checks->min_draws == 256);
    expect_path(s, suite->checks->labels, "l");
    sal_suite_free(suite);
}

static void numbers_in_any_locale(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    bool found = false;
    for (size_t i = 0; i < 4 && !found; i++) found = setlocale(LC_NUMERIC, names[i]) != NULL;
    if (!found) print_message("no locale with a comma here\n");
    values_and_defaults(state);
    setlocale(LC_NUMERIC, "C");
}

static void places(void **state)
{
    static const struct {
        const char *part, *key;
        size_t index, line;
    } rows[] = {
        {"models", NULL, 0, 9},      {"models", "grey", 0, 14},    {"models", "size", 1, 15},
        {"inputs", "scale", 0, 19},  {"inputs", "files", 0, 18},   {"inputs", "name", 0, 17},
        {"checks", "target", 0, 30}, {"checks", "seed", 0, 32},    {"checks", "target", 1, 34},
        {"checks", "target", 2, 35}, {"checks", NULL, 2, 35},      {"checks", "metric", 2, 36},
        {"defaults", "alpha", 0, 4}, {"defaults", "metric", 0, 0}, {"checks", "seed", 1, 0},
        {"checks", NULL, 3, 0},      {"version", NULL, 0, 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t line = sal_raw_line_((const unsigned char *)whole, strlen(whole), rows[i].part,
                                    rows[i].index, rows[i].key);
        if (line != rows[i].line)
            fail_msg("%s %zu %s: line %zu, wanted %zu", rows[i].part, rows[i].index,
                     rows[i].key ? rows[i].key : "-", line, rows[i].line);
    }
}

/* The example that people copy. */
static void the_manual_is_right(void **state)
{
    size_t n;
    char *text = (char *)read_bytes(SAL_SOURCE_DIR "/docs/suite.md", &n), *end;
    text[n - 1] = '\0';
    char *start = strstr(text, "```yaml\n");
    assert_non_null(start);
    start += strlen("```yaml\n");
    end = strstr(start, "```");
    assert_non_null(end);
    *end = '\0';
    sal_suite *suite = read_text(*state, start);
    assert_int_equal(suite->n_checks, 4);
    assert_string_equal(suite->checks[0].ids[1], "digits/params/gradcam");
    assert_string_equal(suite->checks[3].ids[1], "photos from the top down/gradcam");
    assert_string_equal(suite->models[suite->checks[2].twin].name, "digits-permuted");
    sal_suite_free(suite);
    free(text);
}

/* ---- hostile files ------------------------------------------------------------------------------- */

enum { LARGE = 1 << 20 };

static void expect_refusal(const scratch *s, const char *name, const char *text, sal_status status,
                           const char *part)
{
    sal_error err = {SAL_OK, ""};
    sal_suite *suite = NULL;
    write_bytes(s->file, text, strlen(text));
    sal_status st = sal_suite_read(NULL, s->file, &suite, &err);
    if (st != status || suite || !strstr(err.text, part))
        fail_msg("%s: %s: %s", name, sal_status_name(st), err.text);
}

static char *repeated(const char *head, const char *what, size_t most)
{
    char *text = calloc(most + 64, 1), *at = text + sprintf(text, "%s", head);
    while ((size_t)(at - text) + strlen(what) < most) at += sprintf(at, "%s", what);
    return text;
}

static void hostile_files(void **state)
{
    static const struct {
        const char *name, *head, *what, *part;
        sal_status status;
        size_t most;
    } rows[] = {
        {"too large", "", "# much\n", "more than 1048576 bytes", SAL_E_NOMEM, LARGE + 20},
        {"deep lists", "version: ", "[", "wanted one value", SAL_E_FORMAT, LARGE - 1},
        {"deep maps", "", "{", "", SAL_E_FORMAT, LARGE - 1},
        {"deep blocks", "models:\n", "- ", "wanted keys and values", SAL_E_FORMAT, LARGE - 1},
        {"long key", "", "a", "", SAL_E_FORMAT, LARGE - 1},
        {"long text", "version: ", "a", "", SAL_E_FORMAT, LARGE - 1},
        {"many entries", "models:\n", "- {name: a, file: b}\n", "the list is too long",
         SAL_E_FORMAT, LARGE - 1},
        {"aliases",
         "version: &a [x, x]\nmodels: &b [*a, *a, *a]\ninputs: &c [*b, *b]\nchecks: [*c, *c]\n", "",
         "wanted one value", SAL_E_FORMAT, 0},
        {"an alias of itself", "models: &a [*a]\n", "", "aliases (*name) are not read",
         SAL_E_FORMAT, 0},
        {"binary", "\x01\x02\xff\xfe", "", "", SAL_E_FORMAT, 0},
        {"tags", "version: !!binary 1\nmodels: !x []\n", "", "the list is empty", SAL_E_FORMAT, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = rows[i].what[0] ? repeated(rows[i].head, rows[i].what, rows[i].most)
                                     : strdup(rows[i].head);
        expect_refusal(*state, rows[i].name, text, rows[i].status, rows[i].part);
        free(text);
    }
}

/* As many checks as there may be, in a second or less. */
static void many_checks(void **state)
{
    char *text = calloc(LARGE, 1), *at = text;
    at += sprintf(at, "version: 1\nmodels: [{name: a, file: b}]\ninputs: [{name: c, files: [d]}]\n"
                      "checks:\n");
    for (size_t i = 0; i < 4096; i++)
        at += sprintf(at, "- {check: params, methods: [sobel], name: n%zu}\n", i);
    sal_suite *suite = read_text(*state, text);
    assert_int_equal(suite->n_checks, 4096);
    assert_int_equal(suite->checks[4095].line, 4100);
    sal_suite_free(suite);
    strcpy(strstr(text, "n4094}"), "n4094, methods: []}\n");
    expect_refusal(*state, "twice", text, SAL_E_FORMAT, "already seen");
    free(text);
}

/* ---- memory ---------------------------------------------------------------------------------------- */

typedef struct {
    const sal_env *env;
    const char *path;
} question;

static sal_status ask(void *self, sal_error *err)
{
    const question *q = self;
    sal_suite *suite = NULL;
    sal_status st = sal_suite_read(q->env, q->path, &suite, err);
    if ((st == SAL_OK) != (suite != NULL)) fail_msg("a suite and an error");
    sal_suite_free(suite);
    return st;
}

static void memory_runs_out(void **state)
{
    const scratch *s = *state;
    short_memory memory = {.after = SIZE_MAX};
    sal_env env = short_memory_env(&memory);
    question q = {&env, s->file};
    write_bytes(s->file, whole, strlen(whole));
    memory_loop l = {"suite", &memory, ask, &q};
    assert_true(refuse_each_request(&l) > 100);
}

static void arguments(void **state)
{
    sal_suite *suite = NULL;
    sal_error err = {SAL_OK, ""};
    (void)state;
    assert_int_equal(sal_suite_read(NULL, NULL, &suite, &err), SAL_E_ARG);
    assert_int_equal(sal_suite_read(NULL, "x", NULL, &err), SAL_E_ARG);
    assert_int_equal(sal_suite_read(NULL, "/nowhere/x", &suite, &err), SAL_E_IO);
    sal_suite_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_defaults),
        cmocka_unit_test(numbers_in_any_locale),
        cmocka_unit_test(places),
        cmocka_unit_test(the_manual_is_right),
        cmocka_unit_test(hostile_files),
        cmocka_unit_test(many_checks),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(arguments),
    };
    return cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
