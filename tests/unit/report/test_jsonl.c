/* Verdicts as JSON Lines: keys in order, numbers that come back to the bit, no NaN, whole files. */
#define _XOPEN_SOURCE 700
#include "scratch.h"
#include "short_memory.h"
#include "support.h"
#include "verdicts.h"

#include <salcheck/report.h>

#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *target; /* the scratch file */

static int setup(void **state)
{
    if (make_scratch(state)) return 1;
    target = ((scratch *)*state)->file;
    return 0;
}

/* The file's text, to free(). */
static char *written(void)
{
    size_t n;
    char *text = (char *)read_bytes(target, &n);
    text[n] = '\0';
    return text;
}

static void write_all(const sal_verdict *const *all, size_t n)
{
    sal_error err = {SAL_OK, ""};
    if (sal_report_jsonl(NULL, all, n, target, &err) != SAL_OK) fail_msg("%s", err.text);
}

/* The only line of one verdict, parsed; to json_decref(). */
static json_t *line_of(const made_verdict *m)
{
    const sal_verdict *all[1] = {&m->v};
    write_all(all, 1);
    char *text = written();
    json_error_t why;
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    if (!o) fail_msg("line is no JSON: %s: %s", why.text, text);
    free(text);
    return o;
}

static void keys_in_order(void **state)
{
    static const char *const keys[] = {
        "schema",  "id",     "check",   "part",       "model",         "model_hash", "inputs_hash",
        "inputs",  "given",  "method",  "metric",     "randomisation", "options",    "step",
        "index",   "steps",  "outcome", "statistic",  "value",         "low",        "high",
        "limit",   "alpha",  "seed",    "min_draws",  "max_draws",     "draws",      "undefined",
        "mean_r",  "mean_a", "mean_u",  "measured_r", "claim",         "change",     "scale",
        "meaning", "reason", "picture", "per_draw",   "version"};
    (void)state;
    made_verdict m;
    make_verdict(&m);
    json_t *o = line_of(&m);
    size_t i = 0;
    for (void *at = json_object_iter(o); at; at = json_object_iter_next(o, at), i++)
        if (i >= sizeof keys / sizeof keys[0] || strcmp(json_object_iter_key(at), keys[i]))
            fail_msg("key %zu is %s", i, json_object_iter_key(at));
    assert_int_equal(i, sizeof keys / sizeof keys[0]);
    json_decref(o);
}

static void expect_word(const json_t *o, const char *key, const char *want)
{
    const char *got = json_string_value(json_object_get(o, key));
    if (!got || strcmp(got, want))
        fail_msg("%s is \"%s\", wanted \"%s\"", key, got ? got : "(none)", want);
}

static void expect_count(const json_t *o, const char *key, json_int_t want)
{
    const json_t *got = json_object_get(o, key);
    if (!json_is_integer(got) || json_integer_value(got) != want)
        fail_msg("%s is not %lld", key, (long long)want);
}

static void expect_real(const json_t *o, const char *key, double want)
{
    const json_t *got = json_object_get(o, key);
    double value = json_real_value(got);
    if (!json_is_real(got) || memcmp(&value, &want, sizeof value))
        fail_msg("%s is %.17g, wanted %.17g to the bit", key, value, want);
}

static void values(void **state)
{
    (void)state;
    made_verdict m;
    make_verdict(&m);
    m.steps[0].statistic = 1.0 / 3;
    m.steps[0].low = 0.1;
    m.steps[0].high = nextafter(0.5, 0);
    m.v.alpha = 1e-5;
    m.records[0][1].a = nextafter(0.925, 1);
    json_t *o = line_of(&m);
    expect_word(o, "schema", "salcheck.verdict/1");
    expect_word(o, "check", "params");
    expect_word(o, "part", "params");
    expect_word(o, "model", "mnist_cnn");
    expect_word(o, "model_hash", "0000000000001234");
    expect_word(o, "inputs_hash", "ffffffffffffffff");
    expect_word(o, "method", "guided-backprop");
    expect_word(o, "metric", "pearson-folded");
    expect_word(o, "randomisation", "top");
    expect_word(o, "step", "fc2");
    expect_word(o, "outcome", "fail");
    expect_word(o, "statistic", "D");
    expect_word(o, "reason", "");
    expect_word(o, "version", SAL_VERSION);
    expect_count(o, "inputs", 32);
    expect_word(o, "seed", "0000000000005a11");
    expect_count(o, "draws", 4);
    expect_count(o, "undefined", 1);
    expect_real(o, "value", m.steps[0].statistic);
    expect_real(o, "low", m.steps[0].low);
    expect_real(o, "high", m.steps[0].high);
    expect_real(o, "limit", 0.5);
    expect_real(o, "alpha", 1e-5);
    expect_real(o, "mean_r", m.steps[0].mean_r);
    expect_real(o, "mean_a", m.steps[0].mean_a);
    expect_real(o, "mean_u", m.steps[0].mean_u);
    const json_t *draws = json_object_get(o, "per_draw"), *second = json_array_get(draws, 1);
    assert_int_equal(json_array_size(draws), 4);
    assert_int_equal(json_array_size(second), 4);
    assert_int_equal(json_integer_value(json_array_get(second, 0)), 7);
    assert_true(json_real_value(json_array_get(second, 2)) >= nextafter(0.925, 1));
    const json_t *undefined = json_array_get(draws, 2);
    assert_int_equal(json_integer_value(json_array_get(undefined, 0)), 0);
    for (size_t i = 1; i < 4; i++) assert_true(json_is_null(json_array_get(undefined, i)));
    json_decref(o);
}

/* A mean has no r and no u. */
static void values_of_a_mean(void **state)
{
    (void)state;
    made_verdict m;
    make_verdict(&m);
    m.steps[0].statistic_name = 'R';
    json_t *o = line_of(&m);
    expect_word(o, "statistic", "R");
    expect_real(o, "mean_a", m.steps[0].mean_a);
    assert_true(json_is_null(json_object_get(o, "mean_r")));
    assert_true(json_is_null(json_object_get(o, "mean_u")));
    const json_t *first = json_array_get(json_object_get(o, "per_draw"), 0);
    assert_int_equal(json_array_size(first), 2);
    assert_int_equal(json_integer_value(json_array_get(first, 0)), 3);
    json_decref(o);
}

static void numbers_that_are_none(void **state)
{
    (void)state;
    made_verdict m;
    make_verdict(&m);
    m.steps[0].has_statistic = false;
    m.steps[0].undefined = m.steps[0].draws;
    json_t *o = line_of(&m);
    static const char *const keys[] = {"value", "low", "high", "mean_r", "mean_a", "mean_u"};
    for (size_t i = 0; i < 6; i++)
        if (!json_is_null(json_object_get(o, keys[i]))) fail_msg("%s is not null", keys[i]);
    json_decref(o);
    make_verdict(&m);
    m.steps[0].statistic = m.records[0][0].a = (double)NAN;
    m.steps[0].high = (double)INFINITY;
    o = line_of(&m);
    assert_true(json_is_null(json_object_get(o, "value")));
    assert_true(json_is_null(json_object_get(o, "high")));
    assert_false(json_is_null(json_object_get(o, "low")));
    json_decref(o);
}

static void names_from_anywhere(void **state)
{
    static const struct {
        const char *name, *want;
    } rows[] = {{"quote \" and \\", "quote \" and \\"},
                {"gr\xc3\xb6\xc3\x9f"
                 "e",
                 "gr\xc3\xb6\xc3\x9f"
                 "e"},
                {"Latin-1 gr\xf6\xdf"
                 "e",
                 "Latin-1 gr??e"},
                {"line\nbreak", "line break"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        made_verdict m;
        make_verdict(&m);
        snprintf(m.v.model, sizeof m.v.model, "%s", rows[i].name);
        snprintf(m.steps[0].reason, sizeof m.steps[0].reason, "%s", rows[i].name);
        json_t *o = line_of(&m);
        expect_word(o, "model", rows[i].want);
        expect_word(o, "reason", rows[i].want);
        json_decref(o);
    }
}

/* One line for each step of each verdict, and nothing that differs from run to run. */
static void lines(void **state)
{
    (void)state;
    made_verdict m[2];
    for (size_t i = 0; i < 2; i++) make_verdict(&m[i]);
    m[0].v.n_steps = 3;
    const sal_verdict *all[2] = {&m[0].v, &m[1].v};
    write_all(all, 2);
    char *first = written();
    size_t n = 0;
    for (const char *c = first; *c; c++) n += *c == '\n';
    assert_int_equal(n, 4);
    snprintf(m[0].v.picture, sizeof m[0].v.picture, "/a/path/map.png");
    write_all(all, 2);
    char *second = written();
    assert_non_null(strstr(second, "\"picture\":\"map.png\"")); /* the same in any folder */
    free(first);
    free(second);
    write_all(NULL, 0);
    char *none = written();
    assert_string_equal(none, "");
    free(none);
}

/* A program may have set a locale with a decimal comma. */
static void decimal_comma(void **state)
{
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    made_verdict m;
    make_verdict(&m);
    json_t *want = line_of(&m);
    for (size_t i = 0; i < 4; i++)
        if (setlocale(LC_NUMERIC, locales[i])) break;
    json_t *got = line_of(&m);
    setlocale(LC_NUMERIC, "C");
    assert_true(json_equal(want, got));
    json_decref(want);
    json_decref(got);
}

static void refusals(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    made_verdict m;
    make_verdict(&m);
    const sal_verdict *all[1] = {&m.v};
    assert_int_equal(sal_report_jsonl(NULL, all, 1, NULL, &err), SAL_E_ARG);
    assert_int_equal(sal_report_jsonl(NULL, NULL, 1, target, &err), SAL_E_ARG);
    assert_string_equal(err.text, "path or verdicts is NULL");
    assert_int_equal(sal_report_jsonl(NULL, all, 1, "/nowhere/at/all.jsonl", &err), SAL_E_IO);
    assert_non_null(strstr(err.text, "/nowhere/at/all.jsonl: cannot be written: "));
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    made_verdict m;
    make_verdict(&m);
    const sal_verdict *all[1] = {&m.v};
    for (size_t n = 0;; n++) {
        short_memory memory = {.after = n};
        sal_env env = short_memory_env(&memory);
        unlink(target);
        sal_status st = sal_report_jsonl(&env, all, 1, target, NULL);
        assert_int_equal(memory.alive, 0);
        if (!memory.refused) {
            assert_int_equal(st, SAL_OK);
            break;
        }
        assert_int_equal(st, SAL_E_NOMEM);
        assert_int_equal(access(target, F_OK), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_in_order),           cmocka_unit_test(values),
        cmocka_unit_test(values_of_a_mean),        cmocka_unit_test(numbers_that_are_none),
        cmocka_unit_test(names_from_anywhere),     cmocka_unit_test(lines),
        cmocka_unit_test(decimal_comma),           cmocka_unit_test(refusals),
        cmocka_unit_test(survives_lack_of_memory),
    };
    return !!cmocka_run_group_tests(tests, setup, drop_scratch);
}
