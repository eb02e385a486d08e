/* Baselines: made from verdicts, written, read, updated, and one line for everything wrong. */
#define _XOPEN_SOURCE 700
#include "histories.h"
#include "scratch.h"
#include "short_memory.h"
#include "support.h"
#include "verdicts.h"

#include <salcheck/report.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 15 };

static const quality some[3] = {{.9, .1}, {.7, .15}, {.3, .1}};

static sal_baseline *of(const sal_records *r)
{
    sal_baseline *b = NULL;
    sal_error err = {SAL_OK, ""};
    if (sal_baseline_of(NULL, r, &b, &err) != SAL_OK) fail_msg("%s", err.text);
    return b;
}

static sal_baseline *read_file(const char *path)
{
    sal_baseline *b = NULL;
    sal_error err = {SAL_OK, ""};
    if (sal_baseline_read(NULL, path, &b, &err) != SAL_OK) fail_msg("%s", err.text);
    return b;
}

static char *text_of(const char *path)
{
    size_t size;
    char *text = (char *)read_bytes(path, &size);
    text[size] = '\0';
    return text;
}

static void comes_back_and_writes_the_same(void **state)
{
    const scratch *s = *state;
    sal_records *r = made_records(3, some, 64, 5, 0);
    snprintf(r->verdicts[0]->id, sizeof r->verdicts[0]->id, "z \"last\" \xc3\xa4");
    r->verdicts[1]->steps[0].records[7] = (sal_draw_record){7, 3, 0, 0, 0, 0, false};
    r->verdicts[2]->steps[0].statistic_name = 'R';
    for (size_t i = 0; i < 64; i++) r->verdicts[2]->steps[0].records[i].r = i % 2 ? .25 : .75;
    sal_baseline *b = of(r);
    assert_int_equal(sal_baseline_write(b, s->file, NULL), SAL_OK);
    char *first = text_of(s->file);
    sal_baseline *again = read_file(s->file);
    assert_int_equal(again->n, 3);
    assert_string_equal(again->entries[0].id, "net/params/method-1");
    assert_string_equal(again->entries[2].id, "z \"last\" \xc3\xa4");
    assert_int_equal(again->entries[0].n_draws, 64);
    assert_false(again->entries[0].draws[7].defined);
    assert_true(again->entries[1].statistic_name == 'R');
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < 64; i++) {
            const sal_draw_record *x = &b->entries[k].draws[i], *y = &again->entries[k].draws[i];
            assert_true(x->a == y->a && x->u == y->u && x->defined == y->defined &&
                        x->input == y->input && x->draw == y->draw);
            if (b->entries[k].statistic_name == 'D') assert_true(x->r == y->r);
        }
    for (size_t i = 0; i < 64; i++) {
        double exact = r->verdicts[0]->steps[0].records[i].a;
        assert_near("rounded", b->entries[2].draws[i].a, exact, 5.0001e-5);
    }
    assert_int_equal(sal_baseline_write(again, s->file, NULL), SAL_OK);
    char *second = text_of(s->file);
    assert_string_equal(first, second);
    free(first);
    free(second);
    sal_baseline_free(again);
    sal_baseline_free(b);
    sal_records_free(r);
}

static void a_line_is_small(void **state)
{
    const scratch *s = *state;
    size_t size;
    sal_records *r = made_records(1, some, 256, 5, 0);
    sal_baseline *b = of(r);
    assert_int_equal(sal_baseline_write(b, s->file, NULL), SAL_OK);
    free(read_bytes(s->file, &size));
    if (size > 3600) fail_msg("%zu bytes for 256 draws", size);
    sal_baseline_free(b);
    sal_records_free(r);
}

/* Only the fixed sample is kept. */
static void draws_after_the_fixed_sample_are_dropped(void **state)
{
    (void)state;
    sal_records *r = made_records(3, some, 64, 5, 0);
    r->verdicts[0]->min_draws = 40;
    r->verdicts[1]->min_draws = 0;                               /* stopped when decided */
    r->verdicts[2]->min_draws = r->verdicts[2]->max_draws = 100; /* ended before */
    sal_baseline *b = of(r);
    assert_int_equal(b->entries[0].n_draws, 40);
    assert_int_equal(b->entries[1].n_draws, 0);
    assert_int_equal(b->entries[2].n_draws, 0);
    sal_baseline_free(b);
    sal_records_free(r);
}

static void steps_have_names_of_their_own(void **state)
{
    made_verdict m;
    (void)state;
    make_verdict(&m);
    m.v.n_steps = m.v.total_steps = 3;
    snprintf(m.steps[1].step, sizeof m.steps[1].step, "a");
    m.steps[2].step[0] = '\0';
    sal_verdict *all[] = {&m.v};
    sal_records r = {.n = 1, .verdicts = all};
    sal_baseline *b = of(&r);
    assert_string_equal(b->entries[0].step, "a");
    assert_string_equal(b->entries[1].step, "fc2");
    assert_string_equal(b->entries[2].step, "params");
    sal_baseline_free(b);
    snprintf(m.steps[1].step, sizeof m.steps[1].step, "fc2");
    b = of(&r);
    assert_string_equal(b->entries[0].step, "fc2");
    assert_string_equal(b->entries[1].step, "fc2#2");
    sal_baseline_free(b);
    sal_verdict *twice[] = {&m.v, &m.v};
    sal_records two = {.n = 2, .verdicts = twice};
    sal_error err;
    assert_int_equal(sal_baseline_of(NULL, &two, &b, &err), SAL_E_VALUE);
    assert_non_null(strstr(err.text, "is there twice"));
}

static void update_keeps_what_is_not_new(void **state)
{
    (void)state;
    sal_records *r = made_records(3, some, 64, 5, 0), *next = made_records(3, some, 64, 5, 1);
    sal_baseline *b = of(r);
    next->verdicts[1]->steps[0].records[0].a = .5;
    snprintf(next->verdicts[2]->id, sizeof next->verdicts[2]->id, "another");
    sal_baseline *newer = of(next), *same = of(r);
    sal_baseline_changes c;
    assert_int_equal(sal_baseline_update(b, same, false, &c, NULL), SAL_OK);
    assert_true(c.same == 3 && !c.added && !c.changed && !c.kept && !c.removed && !c.invalid);
    assert_int_equal(sal_baseline_update(b, newer, false, &c, NULL), SAL_OK);
    assert_true(c.added == 1 && c.changed == 2 && c.kept == 1 && !c.removed && b->n == 4);
    assert_string_equal(b->entries[0].id, "another");
    assert_true(b->entries[2].draws[0].a == .5);
    assert_int_equal(sal_baseline_update(b, newer, true, &c, NULL), SAL_OK);
    assert_true(c.same == 3 && c.removed == 1 && b->n == 3);
    newer->entries[0].outcome = SAL_INVALID; /* says nothing: the old one stays */
    newer->entries[0].draws[0].a = .125;
    assert_int_equal(sal_baseline_update(b, newer, true, &c, NULL), SAL_OK);
    assert_true(c.invalid == 1 && b->n == 3 && b->entries[0].draws[0].a != .125);
    sal_baseline_free(newer);
    sal_baseline_free(same);
    sal_baseline_free(b);
    sal_records_free(r);
    sal_records_free(next);
}

static void wrong_draws(void **state)
{
    sal_records *r = made_records(1, some, 64, 5, 0);
    sal_baseline *b = NULL;
    sal_error err;
    static const double wrong[] = {1.5, -1.0001, 1e300};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        r->verdicts[0]->steps[0].records[9].a = i < 3 ? wrong[i] : (double)NAN;
        assert_int_equal(sal_baseline_of(NULL, r, &b, &err), SAL_E_VALUE);
        assert_non_null(strstr(err.text, "draw 9 is not within -1 and 1"));
    }
    assert_int_equal(sal_baseline_of(NULL, r, NULL, &err), SAL_E_ARG);
    assert_int_equal(sal_baseline_read(NULL, NULL, &b, &err), SAL_E_ARG);
    assert_int_equal(sal_baseline_read(NULL, "/nowhere/b", &b, &err), SAL_E_IO);
    assert_int_equal(sal_baseline_write(NULL, "x", &err), SAL_E_ARG);
    assert_int_equal(sal_baseline_update(NULL, NULL, false, NULL, &err), SAL_E_ARG);
    assert_null(b);
    sal_records_free(r);
}

/* One place of a good line replaced. */
static char *with(const char *line, const char *from, const char *to)
{
    const char *at = strstr(line, from);
    char *text = calloc(MOST, 1);
    if (!at) fail_msg("no %s in %s", from, line);
    snprintf(text, MOST, "%.*s%s%s", (int)(at - line), line, to, at + strlen(from));
    return text;
}

static void wrong_lines(void **state)
{
    static const struct {
        const char *from, *to, *message;
    } rows[] = {
        {"baseline/1", "baseline/2", "schema \"salcheck.baseline/2\", wanted"},
        {"baseline/1", "verdict/1\",\"x\":\"", "schema \"salcheck.verdict/1\", wanted"},
        {"\"schema\"", "\"scheme\"", "\"schema\" is missing"},
        {"\"step\"", "\"stop\"", "\"step\" is missing"},
        {"\"limit\":0.5", "\"limit\":\"0.5\"", "\"limit\" is wrong, wanted a number or null"},
        {"\"outcome\":\"pass\"", "\"outcome\":\"passed\"", "\"outcome\" is wrong"},
        {"\"id\":\"net", "\"id\":7,\"x\":\"net", "\"id\" is wrong, wanted a text that fits"},
        {"\"seed\":\"0", "\"seed\":\"x", "\"seed\" is wrong, wanted 16 hexadecimal digits"},
        {"\"limit\"", "\"id\":\"x\",\"limit\"", "the same key twice"},
        {"\"input\":[", "\"input\":{\"x\":[", "no object in JSON"},
        {"\"input\":[", "\"input\":3,\"x\":[", "\"input\" is wrong, wanted an array"},
        {"\"a\":[", "\"a\":[1,", "\"a\" is wrong, wanted as many draws as \"input\""},
        {"\"a\":[", "\"a\":null,\"x\":[", "\"a\" is wrong, wanted an array"},
        {"\"r\":10000", "\"r\":[10000]", "\"r\" is wrong, wanted as many draws as \"input\""},
        {"\"r\":10000", "\"r\":10001", "draw 0 is wrong"},
        {"\"u\":[500", "\"u\":[-10001", "draw 0 is wrong"},
        {"\"u\":[500", "\"u\":[0.5", "draw 0 is wrong"},
        {"\"u\":[500", "\"u\":[null", "draw 0 is wrong"},
        {"{\"schema\"", "[{\"schema\"", "no object in JSON"},
    };
    const scratch *s = *state;
    sal_records *r = made_records(1, some, 40, 5, 0);
    sal_baseline *b = of(r);
    assert_int_equal(sal_baseline_write(b, s->file, NULL), SAL_OK);
    char *line = text_of(s->file);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_baseline *none = NULL;
        sal_error err = {SAL_OK, ""};
        char *text = with(line, rows[i].from, rows[i].to);
        write_bytes(s->file, text, strlen(text));
        sal_status st = sal_baseline_read(NULL, s->file, &none, &err);
        if (st != SAL_E_FORMAT || !strstr(err.text, rows[i].message) || none)
            fail_msg("row %zu: %d: \"%s\"", i, (int)st, err.text);
        if (!strstr(err.text, "line 1")) fail_msg("row %zu: no line: %s", i, err.text);
        free(text);
    }
    free(line);
    sal_baseline_free(b);
    sal_records_free(r);
}

static void wrong_files(void **state)
{
    const scratch *s = *state;
    sal_records *r = made_records(1, some, 40, 5, 0);
    sal_baseline *b = of(r), *none = NULL;
    assert_int_equal(sal_baseline_write(b, s->file, NULL), SAL_OK);
    char *line = text_of(s->file), text[MOST];
    static const struct {
        const char *before, *after, *message;
    } rows[] = {{"<<<<<<< HEAD\n", "", "line 1: a merge conflict is left in it"},
                {"", "=======\n", "line 2: a merge conflict is left in it"},
                {"", ">>>>>>> branch\n", "line 2: a merge conflict is left in it"},
                {"", "{\"schema\":", "line 2 is cut short: the file is not whole"}};
    sal_error err;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, "%s%s%s", rows[i].before, line, rows[i].after);
        write_bytes(s->file, text, strlen(text));
        assert_int_equal(sal_baseline_read(NULL, s->file, &none, &err), SAL_E_FORMAT);
        if (!strstr(err.text, rows[i].message)) fail_msg("row %zu: %s", i, err.text);
    }
    snprintf(text, sizeof text, "%s%s", line, line);
    write_bytes(s->file, text, strlen(text));
    assert_int_equal(sal_baseline_read(NULL, s->file, &none, &err), SAL_E_FORMAT);
    assert_non_null(strstr(err.text, "\"net/params/method-0\", step \"fc2\", is there twice"));
    write_bytes(s->file, "\n", 1);
    none = read_file(s->file);
    assert_int_equal(none->n, 0);
    sal_baseline_free(none);
    assert_int_equal(sal_baseline_write(b, "/nowhere/b.jsonl", &err), SAL_E_IO);
    free(line);
    sal_baseline_free(b);
    sal_records_free(r);
}

static void memory_runs_out(void **state)
{
    const scratch *s = *state;
    sal_records *r = made_records(3, some, 40, 5, 0);
    sal_status st = SAL_E_NOMEM;
    for (size_t n = 0; st == SAL_E_NOMEM; n++) {
        short_memory memory = {.after = n};
        sal_env env = short_memory_env(&memory);
        sal_baseline *b = NULL, *read = NULL;
        sal_error err;
        st = sal_baseline_of(&env, r, &b, &err);
        if (st == SAL_OK) st = sal_baseline_write(b, s->file, &err);
        if (st == SAL_OK) st = sal_baseline_read(&env, s->file, &read, &err);
        if (st == SAL_OK) {
            st = sal_baseline_update(read, b, false, NULL, &err);
            assert_int_equal(read->n, 3);
        }
        if (st != SAL_OK && st != SAL_E_NOMEM) fail_msg("%s", err.text);
        sal_baseline_free(b);
        sal_baseline_free(read);
        assert_int_equal(memory.alive, 0);
    }
    sal_records_free(r);
    sal_baseline_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_and_writes_the_same),
        cmocka_unit_test(a_line_is_small),
        cmocka_unit_test(draws_after_the_fixed_sample_are_dropped),
        cmocka_unit_test(steps_have_names_of_their_own),
        cmocka_unit_test(update_keeps_what_is_not_new),
        cmocka_unit_test(wrong_draws),
        cmocka_unit_test(wrong_lines),
        cmocka_unit_test(wrong_files),
        cmocka_unit_test(memory_runs_out),
    };
    return !!cmocka_run_group_tests_name("unit.gate.baseline", tests, make_scratch, drop_scratch);
}
