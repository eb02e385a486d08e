/* Histories: what is added comes back in order, nothing changes before the end, and rows that somebody
 * changed are refused. */
#include "histories.h"
#include "scratch.h"
#include "short_memory.h"
#include "support.h"

#include <salcheck/history.h>

#include <sqlite3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const quality of[2] = {{.9, .1}, {.3, .1}};

static void add(const char *path, sal_history_mode mode, uint64_t commit, const char *name,
                const char *date, bool finish)
{
    sal_history *h = NULL;
    sal_error err = {SAL_OK, ""};
    sal_records *r = made_records(2, of, 64, 5, commit);
    if (sal_history_open(NULL, path, mode, &h, &err) != SAL_OK ||
        sal_history_add(h, r, name, date, &err) != SAL_OK ||
        (finish && sal_history_commit(h, &err) != SAL_OK))
        fail_msg("%s", err.text);
    sal_history_close(h);
    sal_records_free(r);
}

static sal_history_trends *trends(const char *path, const char *part)
{
    sal_history_trends *t = NULL;
    sal_error err = {SAL_OK, ""};
    if (sal_history_read(NULL, path, part, &t, &err) != SAL_OK) fail_msg("%s", err.text);
    return t;
}

static void commits_come_back_in_the_order_of_dates(void **state)
{
    const char *path = ((scratch *)*state)->file;
    unlink(path);
    add(path, SAL_HISTORY_ADD, 2, "second", "2026-11-02", true);
    add(path, SAL_HISTORY_ADD, 3, "third", "2026-11-02T10:00:00Z", true);
    add(path, SAL_HISTORY_ADD, 1, "first", "2026-11-01", true);
    sal_history_trends *t = trends(path, NULL);
    static const char *const names[] = {"first", "second", "third"};
    assert_int_equal(t->n, 2);
    for (size_t k = 0; k < 2; k++) {
        const sal_history_series *s = &t->series[k];
        assert_int_equal(s->n, 3);
        assert_string_equal(s->step, "fc2");
        for (size_t i = 0; i < 3; i++) {
            sal_records *r = made_records(2, of, 64, 5, i + 1);
            const sal_step_verdict *want = &r->verdicts[k]->steps[0];
            const sal_history_point *p = &s->points[i];
            assert_string_equal(p->commit, names[i]);
            assert_near("value", p->value, want->statistic, 5.1e-5);
            assert_near("low", p->low, want->low, 5.1e-5);
            assert_near("high", p->high, want->high, 5.1e-5);
            assert_near("limit", p->limit, .5, 1e-12);
            assert_int_equal(p->outcome, k ? SAL_FAIL : SAL_PASS);
            assert_true(p->has_value);
            sal_records_free(r);
        }
    }
    sal_history_trends_free(t);
    t = trends(path, "method-1");
    assert_int_equal(t->n, 1);
    assert_string_equal(t->series[0].id, "net/params/method-1");
    sal_history_trends_free(t);
    t = trends(path, "nothing");
    assert_int_equal(t->n, 0);
    sal_history_trends_free(t);
}

static void a_commit_again_replaces_itself(void **state)
{
    const char *path = ((scratch *)*state)->file;
    unlink(path);
    add(path, SAL_HISTORY_ADD, 1, "c", "2026-11-01", true);
    add(path, SAL_HISTORY_ADD, 2, "c", "2026-11-03", true);
    sal_history_trends *t = trends(path, NULL);
    sal_records *r = made_records(2, of, 64, 5, 2);
    assert_int_equal(t->series[0].n, 1);
    assert_string_equal(t->series[0].points[0].date, "2026-11-03");
    assert_near("value", t->series[0].points[0].value, r->verdicts[0]->steps[0].statistic, 5.1e-5);
    sal_records_free(r);
    sal_history_trends_free(t);
}

static void nothing_changes_before_the_end(void **state)
{
    const char *path = ((scratch *)*state)->file;
    for (int mode = 0; mode < 2; mode++) {
        unlink(path);
        add(path, SAL_HISTORY_ADD, 1, "c1", "2026-11-01", true);
        add(path, (sal_history_mode)mode, 2, "c2", "2026-11-02", false);
        sal_history_trends *t = trends(path, NULL);
        assert_int_equal(t->series[0].n, 1);
        assert_string_equal(t->series[0].points[0].commit, "c1");
        sal_history_trends_free(t);
    }
    add(path, SAL_HISTORY_NEW, 2, "c2", "2026-11-02", true);
    sal_history_trends *t = trends(path, NULL);
    assert_int_equal(t->series[0].n, 1);
    assert_string_equal(t->series[0].points[0].commit, "c2");
    sal_history_trends_free(t);
    assert_int_equal(rmdir(((scratch *)*state)->folder), -1);
}

static void names_and_dates_are_checked(void **state)
{
    static const struct {
        const char *name, *date;
    } rows[] = {{"", "2026-11-01"},
                {NULL, "2026-11-01"},
                {"a b", "2026-11-01"},
                {"a\n", "2026-11-01"},
                {"0123456789012345678901234567890123456789012345678901234567890123x", "2026-11-01"},
                {"c", "2026-11-31"},
                {"c", NULL}};
    const char *path = ((scratch *)*state)->file;
    sal_records *r = made_records(1, of, 64, 5, 0);
    sal_history *h = NULL;
    sal_error err;
    unlink(path);
    assert_int_equal(sal_history_open(NULL, path, SAL_HISTORY_ADD, &h, &err), SAL_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (sal_history_add(h, r, rows[i].name, rows[i].date, &err) != SAL_E_ARG)
            fail_msg("row %zu", i);
    assert_int_equal(sal_history_add(h, NULL, "c", "2026-11-01", &err), SAL_E_ARG);
    assert_int_equal(sal_history_commit(h, &err), SAL_OK);
    assert_int_equal(sal_history_commit(h, &err), SAL_E_ARG);
    assert_int_equal(sal_history_add(h, r, "c", "2026-11-01", &err), SAL_E_ARG);
    sal_history_close(h);
    sal_history_close(NULL);
    assert_int_equal(sal_history_open(NULL, "", SAL_HISTORY_ADD, &h, &err), SAL_E_ARG);
    assert_int_equal(sal_history_open(NULL, "/nowhere/h", SAL_HISTORY_ADD, &h, &err), SAL_E_IO);
    assert_int_equal(sal_history_open(NULL, "/nowhere/h", SAL_HISTORY_NEW, &h, &err), SAL_E_IO);
    assert_int_equal(sal_history_plot(NULL, "x", &err), SAL_E_ARG);
    sal_records_free(r);
}

static void changed_rows_are_refused(void **state)
{
    static const char *const changes[] = {
        "UPDATE steps SET value = 'high'",
        "UPDATE steps SET statistic = 'Q'",
        "UPDATE steps SET statistic = 'DD'",
        "UPDATE steps SET outcome = 'good'",
        "UPDATE steps SET value = 9e999",
        "UPDATE commits SET date = 'yesterday'",
        "UPDATE commits SET name = printf('%0100d', 1)",
        "UPDATE steps SET id = substr(id, 1, 3) || printf('%0400d', 1) || id",
        "UPDATE steps SET step = x'66006600'",
    };
    const char *path = ((scratch *)*state)->file;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        sqlite3 *db;
        sal_history_trends *t = NULL;
        sal_error err = {SAL_OK, ""};
        unlink(path);
        add(path, SAL_HISTORY_ADD, 1, "c1", "2026-11-01", true);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        if (sqlite3_exec(db, changes[i], NULL, NULL, NULL) != SQLITE_OK)
            fail_msg("%s: %s", changes[i], sqlite3_errmsg(db));
        sqlite3_close(db);
        sal_status st = sal_history_read(NULL, path, NULL, &t, &err);
        if (st != SAL_E_FORMAT || t || !strstr(err.text, "a row is wrong"))
            fail_msg("%s: %d %s", changes[i], (int)st, err.text);
    }
    sqlite3 *db;
    sal_history_trends *t = NULL;
    sal_error err;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 2", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(sal_history_read(NULL, path, NULL, &t, &err), SAL_E_FORMAT);
    assert_non_null(strstr(err.text, "layout 2, wanted 1"));
}

/* A point without a value, one point alone, names with marks, and nothing at all. */
static void odd_trends_are_drawn(void **state)
{
    const scratch *s = *state;
    sal_history_point points[2] = {
        {.commit = "<a&b>", .date = "2026-11-01", .outcome = SAL_INVALID},
        {.commit = "c2",
         .date = "2026-11-02",
         .outcome = SAL_FAIL,
         .has_value = true,
         .value = -3,
         .low = -4,
         .high = 7,
         .limit = .5}};
    sal_history_series series[2] = {
        {.id = "a \"<&>\"", .step = "]]>", .statistic_name = 'D', .n = 2, .points = points},
        {.id = "one", .step = "x", .statistic_name = 'F', .n = 1, .points = points + 1}};
    sal_history_trends t = {.n = 2, .series = series}, none = {.n = 0};
    sal_error err = {SAL_OK, ""};
    for (int k = 0; k < 2; k++) {
        if (sal_history_plot(k ? &none : &t, s->file, &err) != SAL_OK) fail_msg("%s", err.text);
        size_t size;
        char *svg = (char *)read_bytes(s->file, &size);
        svg[size] = '\0';
        assert_non_null(strstr(svg, k ? "nothing in this history" : "a &quot;&lt;&amp;&gt;&quot;"));
        assert_null(strstr(svg, "<a&b>"));
        assert_null(strstr(svg, "nan"));
        assert_string_equal(svg + size - 7, "</svg>\n");
        free(svg);
    }
    assert_int_equal(sal_history_plot(&t, "/nowhere/t.svg", &err), SAL_E_IO);
}

static void memory_runs_out(void **state)
{
    const char *path = ((scratch *)*state)->file;
    sal_records *r = made_records(2, of, 64, 5, 0);
    sal_status st = SAL_E_NOMEM;
    for (size_t n = 0; st == SAL_E_NOMEM; n++) {
        short_memory memory = {.after = n};
        sal_env env = short_memory_env(&memory);
        sal_history *h = NULL;
        sal_history_trends *t = NULL;
        sal_error err;
        unlink(path);
        st = sal_history_open(&env, path, n % 2 ? SAL_HISTORY_NEW : SAL_HISTORY_ADD, &h, &err);
        if (st == SAL_OK) st = sal_history_add(h, r, "c", "2026-11-01", &err);
        if (st == SAL_OK) st = sal_history_commit(h, &err);
        sal_history_close(h);
        if (st == SAL_OK) st = sal_history_read(&env, path, NULL, &t, &err);
        if (st == SAL_OK) st = sal_history_plot(t, path, &err);
        if (st != SAL_OK && st != SAL_E_NOMEM) fail_msg("%s", err.text);
        sal_history_trends_free(t);
        assert_int_equal(memory.alive, 0);
    }
    sal_records_free(r);
    sal_history_trends_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commits_come_back_in_the_order_of_dates),
        cmocka_unit_test(a_commit_again_replaces_itself),
        cmocka_unit_test(nothing_changes_before_the_end),
        cmocka_unit_test(names_and_dates_are_checked),
        cmocka_unit_test(changed_rows_are_refused),
        cmocka_unit_test(odd_trends_are_drawn),
        cmocka_unit_test(memory_runs_out),
    };
    return !!cmocka_run_group_tests_name("unit.gate.history", tests, make_scratch, drop_scratch);
}
