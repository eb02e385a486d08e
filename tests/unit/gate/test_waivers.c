/* Waivers: read strictly; expired, stale, unknown and far-reaching ones fail a gate. */
#include "histories.h"
#include "scratch.h"
#include "short_memory.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

#define GOOD                                                                                       \
    "{\"check\":\"net/params/"                                                                     \
    "method-0\",\"reason\":\"why\",\"owner\":\"kim\",\"expires\":\"2026-12-31\"}\n"

static sal_waivers *read_text(const scratch *s, const char *text)
{
    sal_waivers *w = NULL;
    sal_error err = {SAL_OK, ""};
    write_bytes(s->file, text, strlen(text));
    if (sal_waivers_read(NULL, s->file, &w, &err) != SAL_OK) fail_msg("%s", err.text);
    return w;
}

static void fields_are_taken(void **state)
{
    sal_waivers *w = read_text(*state, GOOD "\n{\"check\":\"x\",\"step\":\"fc1\",\"reason\":\"r\","
                                            "\"owner\":\"o\",\"expires\":\"1970-01-03\"}");
    assert_int_equal(w->n, 2);
    assert_string_equal(w->items[0].check, "net/params/method-0");
    assert_string_equal(w->items[0].reason, "why");
    assert_string_equal(w->items[0].step, "");
    assert_int_equal(w->items[1].line, 3);
    assert_string_equal(w->items[1].step, "fc1");
    assert_int_equal(w->items[1].last_day, 2);
    sal_waivers_free(w);
    sal_waivers_free(NULL);
}

static void wrong_lines(void **state)
{
    static const struct {
        const char *line, *message;
    } rows[] = {
        {"{\"check\":\"x\"}\n", "line 2: \"reason\" is missing"},
        {"{\"reason\":\"x\"}\n", "line 2: \"check\" is missing"},
        {"{\"check\":\"x\",\"reason\":\"r\",\"expires\":\"2026-12-31\"}\n", "\"owner\" is missing"},
        {"{\"check\":\"x\",\"reason\":\"r\",\"owner\":\"o\"}\n", "\"expires\" is missing"},
        {"{\"check\":\"x\",\"reason\":\"\",\"owner\":\"o\",\"expires\":\"2026-12-31\"}\n",
         "\"reason\" is wrong, wanted a text of 1 to 255 bytes"},
        {"{\"check\":7,\"reason\":\"\",\"owner\":\"o\",\"expires\":\"2026-12-31\"}\n",
         "\"check\" is wrong"},
        {"{\"check\":\"x\",\"reason\":\"r\",\"owner\":\"o\",\"expires\":\"2026-02-30\"}\n",
         "\"expires\" is no day, wanted one such as \"2026-12-31\""},
        {"{\"check\":\"x\",\"reason\":\"r\",\"owner\":\"o\",\"expires\":\"soon\"}\n",
         "\"expires\" is no day"},
        {"{\"check\":\"x\",\"reason\":\"r\",\"owner\":\"o\",\"expires\":20261231}\n",
         "\"expires\" is no day"},
        {"{\"check\":\"x\",\"expire\":\"2026-12-31\"}\n",
         "unknown key \"expire\"; did you mean \"expires\"?"},
        {"{\"check\":\"x\",\"check\":\"y\"}\n", "the same key twice"},
        {GOOD, "\"net/params/method-0\" is waived twice, on line 1 too"},
        {"[]\n", "no object in JSON"},
        {"check: x\n", "no object in JSON"},
        {"<<<<<<< HEAD\n", "a merge conflict is left in it"},
    };
    const scratch *s = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[600];
        sal_waivers *w = NULL;
        sal_error err = {SAL_OK, ""};
        snprintf(text, sizeof text, GOOD "%s", rows[i].line);
        write_bytes(s->file, text, strlen(text));
        sal_status st = sal_waivers_read(NULL, s->file, &w, &err);
        if (st != SAL_E_FORMAT || w || !strstr(err.text, rows[i].message) ||
            !strstr(err.text, "line 2: "))
            fail_msg("row %zu: %d: %s", i, (int)st, err.text);
    }
    sal_error err;
    sal_waivers *w = NULL;
    assert_int_equal(sal_waivers_read(NULL, "/nowhere/w", &w, &err), SAL_E_IO);
    assert_int_equal(sal_waivers_read(NULL, NULL, &w, &err), SAL_E_ARG);
}

/* Two checks, the first one failing; the gate's answer with one waiver. */
static sal_gate_result *gate_with(const scratch *s, const char *check, const char *expires,
                                  sal_waivers **w)
{
    static const quality of[2] = {{.2, .1}, {.9, .1}};
    char text[400];
    sal_records *r = made_records(2, of, 64, 5, 0);
    sal_baseline *b = NULL;
    sal_gate_result *g = NULL;
    sal_error err = {SAL_OK, ""};
    const sal_gate_options o = {.today = "2026-11-25"};
    snprintf(text, sizeof text,
             "{\"check\":\"%s\",\"reason\":\"r\",\"owner\":\"kim\",\"expires\":\"%s\"}\n", check,
             expires);
    *w = read_text(s, text);
    if (sal_baseline_of(NULL, r, &b, &err) != SAL_OK ||
        sal_gate_run(r, b, *w, &o, &g, &err) != SAL_OK)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < g->n; i++) g->rows[i].before = NULL; /* goes with b */
    sal_baseline_free(b);
    sal_records_free(r);
    return g;
}

static void what_a_waiver_does(void **state)
{
    static const struct {
        const char *check, *expires;
        sal_outcome outcome;
        const char *problem;
    } rows[] = {
        {"net/params/method-0", "2026-11-25", SAL_PASS, NULL}, /* the last day counts */
        {"net/params/method-0", "2027-02-23", SAL_PASS, NULL}, /* 90 days */
        {"net/params/method-0", "2027-02-24", SAL_FAIL, "reaches too far: at most 90 days ahead"},
        {"net/params/method-0", "2026-11-24", SAL_FAIL, "expired"},
        {"net/params/method-1", "2026-12-31", SAL_FAIL, "is stale: the check passes"},
        {"net/params/method-7", "2026-12-31", SAL_FAIL, "names no check or step of this gate"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_waivers *w;
        sal_gate_result *g = gate_with(*state, rows[i].check, rows[i].expires, &w);
        bool told = rows[i].problem ? g->n_problems == 1 && strstr(g->problems[0], "line 1: ") &&
                                          strstr(g->problems[0], rows[i].problem) &&
                                          strstr(g->problems[0], "(kim, until ")
                                    : g->n_problems == 0;
        if (g->outcome != rows[i].outcome || !told || g->n_waived != !rows[i].problem)
            fail_msg("row %zu: %s, %zu problems: %s", i, sal_outcome_name(g->outcome),
                     g->n_problems, g->n_problems ? g->problems[0] : "");
        sal_gate_free(g);
        sal_waivers_free(w);
    }
}

static void waivers_need_a_day(void **state)
{
    static const quality of = {.9, .1};
    sal_waivers *w = read_text(*state, GOOD);
    sal_records *r = made_records(1, &of, 64, 5, 0);
    sal_gate_result *g = NULL;
    sal_error err;
    assert_int_equal(sal_gate_run(r, NULL, w, NULL, &g, &err), SAL_E_ARG);
    assert_non_null(strstr(err.text, "today is not given"));
    const sal_gate_options o = {.today = "2026-11-31"};
    assert_int_equal(sal_gate_run(r, NULL, NULL, &o, &g, &err), SAL_E_ARG);
    assert_non_null(strstr(err.text, "today is 2026-11-31, wanted a day"));
    sal_records_free(r);
    sal_waivers_free(w);
}

static void memory_runs_out(void **state)
{
    const scratch *s = *state;
    sal_status st = SAL_E_NOMEM;
    write_bytes(s->file, GOOD, strlen(GOOD));
    for (size_t n = 0; st == SAL_E_NOMEM; n++) {
        short_memory memory = {.after = n};
        sal_env env = short_memory_env(&memory);
        sal_waivers *w = NULL;
        st = sal_waivers_read(&env, s->file, &w, NULL);
        assert_true((st == SAL_OK) == (w != NULL));
        sal_waivers_free(w);
        assert_int_equal(memory.alive, 0);
    }
    assert_int_equal(st, SAL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_taken),   cmocka_unit_test(wrong_lines),
        cmocka_unit_test(what_a_waiver_does), cmocka_unit_test(waivers_need_a_day),
        cmocka_unit_test(memory_runs_out),
    };
    return !!cmocka_run_group_tests_name("unit.gate.waivers", tests, make_scratch, drop_scratch);
}
