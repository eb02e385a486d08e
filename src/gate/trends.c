/* gate/trends.c - reading a history as series. What stands in the file may have been changed by
 * anybody: columns are checked like the fields of a file. */
#include "gate/database.h"
#include "gate/dates.h"

#include "base/save.h"
#include "report/report.h"

#include <salcheck/history.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ID, STEP, LETTER, OUTCOME, VALUE, LOW, HIGH, LIMIT, NAME, DATE };

static const char query[] =
    "SELECT id, step, statistic, outcome, value, low, high, least, name, date "
    "FROM steps JOIN commits USING(number) WHERE ?1 IS NULL OR instr(id, ?1) > 0 "
    "ORDER BY id, step, statistic, date, number";

/* An array with room for one more: doubled when it is full. */
static void *grown(const sal_env *env, void *old, size_t n, size_t *room, size_t size)
{
    size_t more = *room ? 2 * *room : 8;
    if (n < *room) return old;
    void *bigger = sal_alloc_zero_(env, more, size);
    if (!bigger) return NULL;
    if (old) memcpy(bigger, old, n * size);
    sal_free_(env, old);
    *room = more;
    return bigger;
}

static bool text(sqlite3_stmt *s, int column, char *to, size_t size)
{
    const char *from = (const char *)sqlite3_column_text(s, column);
    size_t n = from ? strlen(from) : 0;
    if (!from || n >= size || (int)n != sqlite3_column_bytes(s, column)) return false;
    memcpy(to, from, n + 1);
    sal_text_make_safe_(to, false);
    return true;
}

static bool number(sqlite3_stmt *s, int column, double *to)
{
    *to = sqlite3_column_double(s, column); /* 0 for NULL */
    return sqlite3_column_type(s, column) != SQLITE_TEXT && isfinite(*to);
}

static bool take(sqlite3_stmt *s, sal_history_series *of, sal_history_point *p)
{
    char letter[2], outcome[16];
    if (!text(s, ID, of->id, sizeof of->id) || !text(s, STEP, of->step, sizeof of->step) ||
        !text(s, LETTER, letter, sizeof letter) || !text(s, OUTCOME, outcome, sizeof outcome) ||
        !text(s, NAME, p->commit, sizeof p->commit) || !text(s, DATE, p->date, sizeof p->date) ||
        !number(s, VALUE, &p->value) || !number(s, LOW, &p->low) || !number(s, HIGH, &p->high) ||
        !number(s, LIMIT, &p->limit) || !strchr("DRF", letter[0]) || !letter[0] ||
        !sal_moment_is_valid_(p->date))
        return false;
    of->statistic_name = letter[0];
    p->has_value = sqlite3_column_type(s, VALUE) != SQLITE_NULL;
    for (int i = SAL_PASS; i <= SAL_INVALID; i++)
        if (!strcmp(outcome, sal_outcome_name((sal_outcome)i))) {
            p->outcome = (sal_outcome)i;
            return true;
        }
    return false;
}

typedef struct {
    sal_history_trends *all;
    size_t room, points; /* of the series, of the last one's points */
} reading;

static sal_status add(reading *r, const sal_history_series *of, const sal_history_point *p,
                      sal_error *err)
{
    sal_history_trends *all = r->all;
    sal_history_series *last = all->n ? &all->series[all->n - 1] : NULL;
    if (!last || strcmp(last->id, of->id) != 0 || strcmp(last->step, of->step) != 0 ||
        last->statistic_name != of->statistic_name) {
        void *more = grown(all->env, all->series, all->n, &r->room, sizeof *all->series);
        if (!more) return sal_no_memory_(err, "trends");
        all->series = more;
        last = &all->series[all->n++];
        *last = *of;
        r->points = 0;
    }
    void *more = grown(all->env, last->points, last->n, &r->points, sizeof *p);
    if (!more) return sal_no_memory_(err, "trends");
    last->points = more;
    last->points[last->n++] = *p;
    return SAL_OK;
}

static sal_status read_rows(sqlite3 *db, const char *path, const char *part, reading *r,
                            sal_error *err)
{
    sqlite3_stmt *s = NULL;
    sal_status st = SAL_OK;
    int code = sqlite3_prepare_v2(db, query, -1, &s, NULL);
    if (code == SQLITE_OK && part) code = sqlite3_bind_text(s, 1, part, -1, SQLITE_STATIC);
    if (code == SQLITE_OK) code = SQLITE_ROW;
    while (st == SAL_OK && code == SQLITE_ROW && (code = sqlite3_step(s)) == SQLITE_ROW) {
        sal_history_series of = {.n = 0};
        sal_history_point p = {.outcome = SAL_PASS};
        if (take(s, &of, &p))
            st = add(r, &of, &p, err);
        else
            st = sal_fail_(err, SAL_E_FORMAT,
                           "%s: a row is wrong: somebody changed it; 'history rebuild' makes it "
                           "again",
                           sal_save_shown_(path));
    }
    if (st == SAL_OK && code != SQLITE_DONE) st = sal_database_failed_(db, path, code, err);
    sqlite3_finalize(s);
    return st;
}

sal_status sal_history_read(const sal_env *env, const char *path, const char *part,
                            sal_history_trends **out, sal_error *err)
{
    sqlite3 *db = NULL;
    if (!path || !path[0] || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL or empty");
    sal_history_trends *all = sal_alloc_zero_(env, 1, sizeof *all);
    if (!all) return sal_no_memory_(err, "trends");
    all->env = env;
    reading r = {.all = all};
    sal_status st = sal_database_open_(path, path, false, &db, err);
    if (st == SAL_OK) st = read_rows(db, path, part, &r, err);
    sqlite3_close(db);
    if (st == SAL_OK)
        *out = all;
    else
        sal_history_trends_free(all);
    return st;
}

void sal_history_trends_free(sal_history_trends *t)
{
    if (!t) return;
    for (size_t i = 0; i < t->n; i++) sal_free_(t->env, t->series[i].points);
    sal_free_(t->env, t->series);
    sal_free_(t->env, t);
}
