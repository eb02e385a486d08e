/* tests/cli/test_gate.c - salcheck baseline and salcheck gate: exit codes, tables, JSON, and files that
 * are wrong. */
#include "histories.h"
#include "program.h"

#include <salcheck/report.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DRAWS = 64, CHECKS = 3 };

static void path_of(const scratch *s, const char *name, char path[160])
{
    snprintf(path, 160, "%s/%s", s->folder, name);
}

/* Three checks; the first one is of this quality. */
static void write_verdicts(const scratch *s, const char *name, double d, uint64_t commit)
{
    const quality of[CHECKS] = {{d, .1}, {.9, .1}, {.8, .1}};
    char path[160];
    sal_error err = {SAL_OK, ""};
    sal_records *r = made_records(CHECKS, of, DRAWS, 9, commit);
    path_of(s, name, path);
    if (sal_report_jsonl(NULL, (const sal_verdict *const *)r->verdicts, r->n, path, &err) != SAL_OK)
        fail_msg("%s", err.text);
    sal_records_free(r);
}

static char *text_of(const scratch *s, const char *name)
{
    char path[160];
    size_t size;
    path_of(s, name, path);
    char *text = (char *)read_bytes(path, &size);
    text[size] = '\0';
    return text;
}

static void write_text(const scratch *s, const char *name, const char *text)
{
    char path[160];
    path_of(s, name, path);
    write_bytes(path, text, strlen(text));
}

static void says(const answer *a, const char *name, const char *part)
{
    if (!strstr(a->out, part)) fail_msg("%s: stdout lacks '%s': %s", name, part, a->out);
}

static void a_baseline_is_made_and_shown(void **state)
{
    const scratch *s = *state;
    write_verdicts(s, "old", .9, 0);
    const answer *a = salcheck(s, "baseline update old --baseline b");
    expect(a, "new", 0, "");
    says(a, "new", "b (new): 3 added, 0 changed, 0 unchanged, 0 kept, 0 removed");
    a = salcheck(s, "baseline update old --baseline b");
    says(a, "again", "b: 0 added, 0 changed, 3 unchanged");
    a = salcheck(s, "baseline show --baseline b");
    expect(a, "show", 0, "");
    says(a, "show", "net/params/method-0                          fc2            D 0.");
    json_t *all = json_of_answer(salcheck(s, "baseline show --baseline b --json"), "json");
    assert_int_equal(json_array_size(all), 3);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(all, 2), "draws")), DRAWS);
    json_decref(all);
}

static void gates_end_with_their_outcome(void **state)
{
    const scratch *s = *state;
    write_verdicts(s, "same", .9, 1);
    write_verdicts(s, "worse", .7, 1);
    write_verdicts(s, "failing", .3, 1);
    expect(salcheck(s, "gate same --baseline b"), "same", 0, "");
    const answer *a = salcheck(s, "gate worse --baseline b");
    expect(a, "worse", 1, "");
    says(a, "worse", "worse: D dropped by 0.");
    says(a, "worse", "gate FAILS: 3 steps, 3 compared (t test, margin 0.05, alpha 0.05), 1 failed");
    expect(salcheck(s, "gate worse --baseline b --margin 0.3"), "wide margin", 0, "");
    expect(salcheck(s, "gate worse --baseline b --test betting"), "bets", 1, "");
    a = salcheck(s, "gate failing --baseline b");
    expect(a, "failing", 1, "");
    says(a, "failing", "fail, worse");
    json_t *j = json_of_answer(salcheck(s, "gate worse --baseline b --json"), "json");
    assert_string_equal(json_string_value(json_object_get(j, "outcome")), "fail");
    const json_t *row = json_array_get(json_object_get(j, "checks"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "result")), "worse");
    assert_string_equal(json_string_value(json_object_get(row, "compared")), "pairs");
    assert_true(fabs(json_number_value(json_object_get(row, "drop")) - .2) < .06);
    assert_true(json_number_value(json_object_get(row, "smallest_seen")) > .05);
    json_decref(j);
}

static void what_is_undecided_ends_with_three(void **state)
{
    const scratch *s = *state;
    char *text = text_of(s, "same"), *end = strchr(text, '\n');
    end[1] = '\0';
    write_text(s, "one", text);
    const answer *a = salcheck(s, "gate one --baseline b");
    expect(a, "missing checks", 3, "");
    says(a, "missing checks", "missing: the baseline has this check ('baseline update --prune'");
    says(a, "missing checks", "gate UNDECIDED");
    a = salcheck(s, "baseline update one --baseline pruned");
    expect(salcheck(s, "gate one --baseline pruned"), "pruned", 0, "");
    end[-1] = '\0';
    write_text(s, "cut", text);
    expect(salcheck(s, "gate cut --baseline pruned"), "cut", 3,
           "cut: line 1 is cut short and left out");
    write_text(s, "empty", "");
    expect(salcheck(s, "gate empty --baseline empty"), "empty", 3, "empty holds no verdicts");
    free(text);
}

static void prune_forgets(void **state)
{
    const scratch *s = *state;
    expect(salcheck(s, "baseline update old --baseline p"), "p", 0, "");
    says(salcheck(s, "baseline update one --baseline p"), "kept",
         "0 added, 1 changed, 0 unchanged, 2 kept");
    says(salcheck(s, "baseline update one --baseline p --prune"), "gone", "2 removed");
    says(salcheck(s, "baseline show --baseline p"), "shown", "method-0");
}

static void loose_samples_are_told(void **state)
{
    const scratch *s = *state;
    char *text = text_of(s, "old");
    for (char *at = text; (at = strstr(at, "\"min_draws\":64"));)
        memcpy(at, "\"min_draws\":00", 14);
    for (char *at = text; (at = strstr(at, ":00,"));) memcpy(at, ":0 ,", 4);
    write_text(s, "loose", text);
    expect(salcheck(s, "baseline update loose --baseline l"), "loose", 0,
           "3 of 3 steps have no fixed sample and cannot be compared later: run checks with "
           "--min-draws 256");
    const answer *a = salcheck(s, "gate loose --baseline b");
    expect(a, "loose", 3, "");
    says(a, "loose", "not compared: no fixed sample: the run stopped when it was decided");
    free(text);
}

static void waiver(const scratch *s, const char *check, const char *expires)
{
    char text[300];
    snprintf(text, sizeof text,
             "{\"check\":\"%s\",\"reason\":\"new pooling\",\"owner\":\"kim\",\"expires\":\"%s\"}\n",
             check, expires);
    write_text(s, "w", text);
}

static void waivers_excuse_for_a_while(void **state)
{
    const scratch *s = *state;
    waiver(s, "net/params/method-0", "2026-12-31");
    const answer *a = salcheck(s, "gate worse --baseline b --waivers w --today 2026-11-25");
    expect(a, "waived", 0, "");
    says(a, "waived", "waived until 2026-12-31 by kim: new pooling");
    a = salcheck(s, "gate worse --baseline b --waivers w --today 2027-01-01");
    expect(a, "expired", 1, "");
    says(a, "expired",
         "w: line 1: the waiver of \"net/params/method-0\" (kim, until 2026-12-31) "
         "expired");
    a = salcheck(s, "gate worse --baseline b --waivers w --today 2026-01-01");
    says(a, "far", "reaches too far: at most 90 days ahead");
    a = salcheck(s, "gate same --baseline b --waivers w --today 2026-11-25");
    expect(a, "stale", 1, "");
    says(a, "stale", "is stale: the check passes");
    waiver(s, "net/params/method-9", "2026-12-31");
    a = salcheck(s, "gate same --baseline b --waivers w --today 2026-11-25");
    expect(a, "unknown", 1, "");
    says(a, "unknown", "names no check or step of this gate");
    waiver(s, "net/params/method-0", "tomorrow");
    expect(salcheck(s, "gate same --baseline b --waivers w --today 2026-11-25"), "no day", 4,
           "w: line 1: \"expires\" is no day");
    waiver(s, "net/params/method-0", "1970-01-20"); /* by the clock */
    expect(salcheck(s, "gate worse --baseline b --waivers w"), "clock", 1, "");
    expect(salcheck(s, "gate same --baseline b --today 25.11.2026"), "today", 2,
           "today is 25.11.2026, wanted a day");
}

/* The clock matters to waivers alone. */
static void a_machine_without_a_clock(void **state)
{
    const scratch *s = *state;
    char line[600], path[160];
    size_t size;
#if defined(__SANITIZE_ADDRESS__)
    (void)s, (void)line, (void)path, (void)size;
    skip(); /* the sanitizer wants to be loaded first */
#else
    waiver(s, "net/params/method-0", "2026-12-31");
    snprintf(line, sizeof line,
             "cd '%s' && LD_PRELOAD='%s' '%s' gate worse --baseline b --waivers w >log 2>&1",
             s->folder, OLD_CLOCK, SAL_PROGRAM);
    int code = system(line);
    path_of(s, "log", path);
    char *log = (char *)read_bytes(path, &size);
    log[size] = '\0';
    if (code >> 8 != 4 ||
        !strstr(log, "the clock says a day before 2024: give the day with --today"))
        fail_msg("%d: %s", code, log);
    free(log);
    snprintf(
        line, sizeof line,
        "cd '%s' && LD_PRELOAD='%s' '%s' gate worse --baseline b --waivers w --today 2026-11-25 "
        ">log 2>&1 && LD_PRELOAD='%s' '%s' gate same --baseline b >log 2>&1",
        s->folder, OLD_CLOCK, SAL_PROGRAM, OLD_CLOCK, SAL_PROGRAM);
    assert_int_equal(system(line), 0);
#endif
}

static void files_that_are_wrong(void **state)
{
    static const struct {
        const char *file, *from, *to, *part;
    } rows[] = {
        {"same", "verdict/1", "verdict/2", "line 1: schema \"salcheck.verdict/2\", wanted"},
        {"same", "\"limit\"", "\"alpha\":1,\"limit\"", "line 1: the same key twice"},
        {"b", "{\"schema\"", "<<<<<<< HEAD\n{\"schema\"", "line 1: a merge conflict is left in it"},
        {"b", "baseline/1", "baseline/2", "line 1: schema \"salcheck.baseline/2\", wanted"},
        {"b", "\"limit\"", "\"id\":1,\"limit\"", "line 1: the same key twice"},
    };
    const scratch *s = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = text_of(s, rows[i].file), *at = strstr(text, rows[i].from);
        size_t room = strlen(text) + 100;
        char *wrong = calloc(room, 1), name[16];
        snprintf(wrong, room, "%.*s%s%s", (int)(at - text), text, rows[i].to,
                 at + strlen(rows[i].from));
        write_text(s, "x", wrong);
        snprintf(name, sizeof name, "row %zu", i);
        bool is_baseline = rows[i].file[0] == 'b';
        expect(salcheck(s, "gate %s --baseline %s", is_baseline ? "same" : "x",
                        is_baseline ? "x" : "b"),
               name, 4, rows[i].part);
        if (is_baseline) { /* nothing is lost */
            expect(salcheck(s, "baseline update same --baseline x"), name, 4, rows[i].part);
            char *after = text_of(s, "x");
            assert_string_equal(after, wrong);
            free(after);
        }
        free(wrong);
        free(text);
    }
    expect(salcheck(s, "gate nothing --baseline b"), "no verdicts", 4, "nothing: cannot be opened");
    expect(salcheck(s, "gate same --baseline nothing"), "no baseline", 4,
           "nothing: cannot be opened");
    expect(salcheck(s, "baseline show --baseline nothing"), "no baseline", 4, "nothing: cannot be");
    expect(salcheck(s, "baseline update same --baseline no/where"), "no folder", 4,
           "no/where: cannot be written");
}

static void misuse(void **state)
{
    static const struct {
        const char *arguments, *part;
    } rows[] = {
        {"gate same", "--baseline is missing: 'salcheck baseline update' makes one"},
        {"gate same --baseline b --test z", "--test is 'z', wanted t or betting"},
        {"gate same --baseline b --margin 1", "margin is 1, wanted 0 to 1"},
        {"gate same --baseline b --alpha 0.7", "alpha is 0.7, wanted 0 to 0.5"},
        {"baseline update same", "--baseline is missing"},
        {"baseline update --baseline b", "update needs a file of verdicts"},
        {"baseline show x --baseline b", "one argument too many: 'x'"},
        {"baseline forget --baseline b", "'forget' is neither update nor show"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect(salcheck(*state, "%s", rows[i].arguments), rows[i].arguments, 2, rows[i].part);
}

static int drop(void **state)
{
    char line[128];
    snprintf(line, sizeof line, "rm -rf '%s'/*", ((scratch *)*state)->folder);
    return system(line) | drop_scratch(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_baseline_is_made_and_shown),
        cmocka_unit_test(gates_end_with_their_outcome),
        cmocka_unit_test(what_is_undecided_ends_with_three),
        cmocka_unit_test(prune_forgets),
        cmocka_unit_test(loose_samples_are_told),
        cmocka_unit_test(waivers_excuse_for_a_while),
        cmocka_unit_test(a_machine_without_a_clock),
        cmocka_unit_test(files_that_are_wrong),
        cmocka_unit_test(misuse),
    };
    return !!cmocka_run_group_tests_name("cli.gate", tests, make_scratch, drop);
}
