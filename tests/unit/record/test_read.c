/* Verdicts read back: the same bytes when written again, and one line for everything wrong. */
#include "scratch.h"
#include "short_memory.h"
#include "support.h"
#include "verdicts.h"

#include <salcheck/record.h>
#include <salcheck/report.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 16 };

static const char *target; /* the scratch file */

static int setup(void **state)
{
    if (make_scratch(state)) return 1;
    target = ((scratch *)*state)->file;
    return 0;
}

static char *text_of_file(void)
{
    size_t n;
    char *text = (char *)read_bytes(target, &n);
    text[n] = '\0';
    return text;
}

static void write_text(const char *text)
{
    write_bytes(target, text, strlen(text));
}

static char *lines_of(const sal_verdict *const *all, size_t n)
{
    sal_error err = {SAL_OK, ""};
    if (sal_report_jsonl(NULL, all, n, target, &err) != SAL_OK) fail_msg("%s", err.text);
    return text_of_file();
}

static sal_records *read_file(void)
{
    sal_records *r = NULL;
    sal_error err = {SAL_OK, ""};
    if (sal_records_read(NULL, target, &r, &err) != SAL_OK) fail_msg("%s", err.text);
    return r;
}

static void three_kinds(made_verdict m[3])
{
    for (size_t i = 0; i < 3; i++) make_verdict(&m[i]);
    snprintf(m[1].v.id, sizeof m[1].v.id, "cascade \"quoted\" \xc3\xa4");
    m[1].v.n_steps = m[1].v.total_steps = 3;
    m[1].v.seed = UINT64_MAX;
    m[1].v.decisive = 1;
    m[1].steps[0].outcome = SAL_PASS;
    m[1].steps[2].outcome = SAL_INVALID;
    snprintf(m[1].steps[2].reason, sizeof m[1].steps[2].reason, "nothing to compare");
    m[1].steps[0].low = 1.0 / 3;
    snprintf(m[2].v.id, sizeof m[2].v.id, "mean");
    m[2].steps[0].statistic_name = 'R';
    m[2].steps[0].mean_r = m[2].steps[0].mean_u = 0;
    m[2].steps[0].outcome = m[2].v.outcome = SAL_INCONCLUSIVE;
    m[2].v.measured_r = true;
    snprintf(m[2].v.picture, sizeof m[2].v.picture, "some/where/check.png");
}

static void comes_back_and_writes_the_same(void **state)
{
    (void)state;
    made_verdict m[3];
    three_kinds(m);
    const sal_verdict *all[3] = {&m[0].v, &m[1].v, &m[2].v};
    char *first = lines_of(all, 3);
    sal_records *r = read_file();
    assert_string_equal(r->loss, "");
    assert_int_equal(r->n, 3);
    assert_int_equal(r->verdicts[1]->n_steps, 3);
    assert_int_equal(r->verdicts[1]->outcome, SAL_FAIL);
    assert_int_equal(r->verdicts[1]->decisive, 1);
    assert_true(r->verdicts[1]->seed == UINT64_MAX);
    assert_string_equal(r->verdicts[0]->steps[0].meaning, m[0].steps[0].meaning);
    assert_string_equal(r->verdicts[2]->picture, "check.png");
    assert_int_equal(r->verdicts[0]->steps[0].n_records, 4);
    assert_true(r->verdicts[0]->steps[0].records[1].a == 0.925);
    assert_false(r->verdicts[0]->steps[0].records[2].defined);
    char *second = lines_of((const sal_verdict *const *)r->verdicts, r->n);
    assert_string_equal(first, second);
    free(first);
    free(second);
    sal_records_free(r);
}

static void a_cut_last_line_is_told(void **state)
{
    (void)state;
    made_verdict m[3];
    three_kinds(m);
    const sal_verdict *all[3] = {&m[0].v, &m[1].v, &m[2].v};
    char *text = lines_of(all, 3), *end = strrchr(text, '}');
    end[-40] = '\0';
    write_text(text);
    sal_records *r = read_file();
    assert_int_equal(r->n, 2);
    assert_non_null(strstr(r->loss, "line 5 is cut short and left out"));
    sal_records_free(r);
    free(text);
}

/* A check that ended before its last step has no pass to show. */
static void steps_that_are_missing(void **state)
{
    (void)state;
    made_verdict m;
    make_verdict(&m);
    m.v.total_steps = 3;
    m.steps[0].outcome = SAL_PASS;
    const sal_verdict *all[1] = {&m.v};
    free(lines_of(all, 1));
    sal_records *r = read_file();
    assert_int_equal(r->verdicts[0]->outcome, SAL_INCONCLUSIVE);
    sal_records_free(r);
}

/* One place of a good line replaced. */
static char *with(const char *line, const char *from, const char *to)
{
    const char *at = strstr(line, from);
    char *text = calloc(MOST, 1);
    assert_non_null(at);
    snprintf(text, MOST, "%.*s%s%s", (int)(at - line), line, to, at + strlen(from));
    return text;
}

static void wrong_lines(void **state)
{
    static const struct {
        const char *from, *to, *message;
    } rows[] = {
        {"verdict/1", "verdict/2", "schema \"salcheck.verdict/2\", wanted \"salcheck.verdict/1\""},
        {"\"schema\"", "\"scheme\"", "\"schema\" is missing"},
        {"\"alpha\":0.01", "\"alpha\":\"0.01\"", "\"alpha\" is wrong, wanted a number or null"},
        {"\"outcome\":\"fail\"", "\"outcome\":\"failed\"", "\"outcome\" is wrong"},
        {"\"statistic\":\"D\"", "\"statistic\":\"Q\"", "\"statistic\" is wrong"},
        {"\"seed\":\"0", "\"seed\":\"x", "\"seed\" is wrong, wanted 16 hexadecimal digits"},
        {"\"draws\":4", "\"draws\":-4", "\"draws\" is wrong, wanted a count"},
        {"\"draws\":4", "\"draws\":5", "\"per_draw\" has fewer entries"},
        {"\"undefined\":1", "\"undefined\":7", "\"undefined\" is more than \"draws\""},
        {"[3,", "[-3,", "\"per_draw\" holds an entry that is no draw"},
        {"[3,", "[3,1,", "\"per_draw\" holds an entry that is no draw"},
        {"null,null", "null,1.0", "\"per_draw\" holds an entry that is no draw"},
        {"\"check\":\"params\"", "\"check\":\"a check that is much too long\"",
         "\"check\" is wrong"},
        {"\"measured_r\":false", "\"measured_r\":0", "\"measured_r\" is wrong"},
        {"\"limit\"", "\"alpha\":1,\"limit\"", "the same key twice"},
        {"\"index\":0", "\"index\":1", "step 1 of 1"},
        {"\"steps\":1", "\"steps\":0", "step 0 of 0"},
        {"{\"schema\"", "[{\"schema\"", "no object in JSON"},
        {"\"version\"", "\"version\":\"1\"}\n{\"schema\"", "line 2"},
    };
    (void)state;
    made_verdict m;
    make_verdict(&m);
    const sal_verdict *all[1] = {&m.v};
    char *line = lines_of(all, 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_records *r = NULL;
        sal_error err = {SAL_OK, ""};
        char *text = with(line, rows[i].from, rows[i].to);
        write_text(text);
        sal_status st = sal_records_read(NULL, target, &r, &err);
        if (st != SAL_E_FORMAT || !strstr(err.text, rows[i].message) || r)
            fail_msg("row %zu: %d: \"%s\"", i, (int)st, err.text);
        free(text);
    }
    free(line);
}

static void refused(const char *text, const char *message)
{
    sal_records *r = NULL;
    sal_error err = {SAL_OK, ""};
    write_text(text);
    assert_int_equal(sal_records_read(NULL, target, &r, &err), SAL_E_FORMAT);
    if (!strstr(err.text, message)) fail_msg("\"%s\"", err.text);
    assert_null(r);
}

static void wrong_files(void **state)
{
    (void)state;
    made_verdict m;
    make_verdict(&m);
    const sal_verdict *all[1] = {&m.v};
    char *line = lines_of(all, 1), text[MOST];
    snprintf(text, sizeof text, "%s%s", line, line);
    refused(text, "line 2: \"mnist_cnn/params/guided-backprop\" is there twice");
    snprintf(text, sizeof text, "%s=======\n", line);
    refused(text, "line 2: a merge conflict is left in it");
    refused("<<<<<<< ours\n", "line 1: a merge conflict");
    memset(text, '[', 5000);
    strcpy(text + 5000, "\n");
    refused(text, "line 1: no object in JSON");
    sal_records *r = NULL;
    sal_error err;
    assert_int_equal(sal_records_read(NULL, "/nowhere/v.jsonl", &r, &err), SAL_E_IO);
    assert_int_equal(sal_records_read(NULL, NULL, &r, &err), SAL_E_ARG);
    free(line);
}

static void empty_files(void **state)
{
    (void)state;
    write_text("\n\n");
    sal_records *r = read_file();
    assert_int_equal(r->n, 0);
    sal_records_free(r);
    sal_records_free(NULL);
}

static void memory_runs_out(void **state)
{
    (void)state;
    made_verdict m[3];
    three_kinds(m);
    const sal_verdict *all[3] = {&m[0].v, &m[1].v, &m[2].v};
    free(lines_of(all, 3));
    sal_status st = SAL_E_NOMEM;
    for (size_t n = 0; st == SAL_E_NOMEM; n++) {
        short_memory memory = {.after = n};
        sal_env env = short_memory_env(&memory);
        sal_records *r = NULL;
        sal_error err;
        st = sal_records_read(&env, target, &r, &err);
        assert_true(st == SAL_OK || (st == SAL_E_NOMEM && !r));
        sal_records_free(r);
        assert_int_equal(memory.alive, 0);
    }
    assert_int_equal(st, SAL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_and_writes_the_same),
        cmocka_unit_test(a_cut_last_line_is_told),
        cmocka_unit_test(steps_that_are_missing),
        cmocka_unit_test(wrong_lines),
        cmocka_unit_test(wrong_files),
        cmocka_unit_test(empty_files),
        cmocka_unit_test(memory_runs_out),
    };
    return !!cmocka_run_group_tests_name("unit.record.read", tests, setup, drop_scratch);
}
