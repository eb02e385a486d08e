/* gate/history.c - writing a history. */
#include "base/save.h"
#include "gate/database.h"
#include "gate/dates.h"
#include "gate/entry.h"

#include <salcheck/history.h>

#include <string.h>

struct sal_history {
    const sal_env *env;
    char *path;
    sqlite3 *db;
    sal_save file; /* of a new one: where it is made */
    bool is_new;
};

static sal_status open_new(sal_history *h, sal_error *err)
{
    sal_status st = sal_save_begin_(h->env, h->path, &h->file, err);
    if (st != SAL_OK) return st;
    h->is_new = true;
    return sal_database_open_(h->file.temporary, h->path, true, &h->db, err);
}

sal_status sal_history_open(const sal_env *env, const char *path, sal_history_mode mode,
                            sal_history **out, sal_error *err)
{
    if (!path || !path[0] || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL or empty");
    sal_history *h = sal_alloc_zero_(env, 1, sizeof *h);
    if (!h) return sal_no_memory_(err, "a history");
    h->env = env;
    h->path = sal_copy_text_(env, path);
    sal_status st = h->path ? SAL_OK : sal_no_memory_(err, "a history");
    if (st == SAL_OK)
        st = mode == SAL_HISTORY_NEW ? open_new(h, err)
                                     : sal_database_open_(path, path, true, &h->db, err);
    if (st == SAL_OK)
        *out = h;
    else
        sal_history_close(h);
    return st;
}

/* ---- add -------------------------------------------------------------------------------------- */

static sal_status check_names(const char *commit, const char *date, sal_error *err)
{
    size_t n = commit ? strlen(commit) : 0;
    bool good = n > 0 && n <= 64;
    for (size_t i = 0; good && i < n; i++)
        good = (unsigned char)commit[i] > ' ' && (unsigned char)commit[i] < 127;
    if (!good)
        return sal_fail_(err, SAL_E_ARG,
                         "the commit's name is wrong, wanted 1 to 64 printable characters");
    if (!sal_moment_is_valid_(date))
        return sal_fail_(err, SAL_E_ARG,
                         "the date is '%.30s', wanted one such as 2026-11-25 or "
                         "2026-11-25T14:03:59Z",
                         date ? date : "");
    return SAL_OK;
}

static int bind_text(sqlite3_stmt *s, int i, const char *text)
{
    return sqlite3_bind_text(s, i, text, -1, SQLITE_TRANSIENT);
}

static int bind_number(sqlite3_stmt *s, int i, double value, bool there)
{
    return there ? sqlite3_bind_double(s, i, value) : sqlite3_bind_null(s, i);
}

/* Runs a statement without rows and releases it; `bound` is SQLITE_OK or what went wrong before. */
static sal_status finish(sal_history *h, sqlite3_stmt *s, int bound, sal_error *err)
{
    int code = bound == SQLITE_OK ? sqlite3_step(s) : bound;
    sal_status st = SAL_OK;
    if (code != SQLITE_DONE) st = sal_database_failed_(h->db, h->path, code, err);
    sqlite3_finalize(s);
    return st;
}

static sal_status put_commit(sal_history *h, const char *commit, const char *date, sal_error *err)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(h->db,
                                  "INSERT INTO commits(name, date) VALUES(?, ?) ON CONFLICT(name) "
                                  "DO UPDATE SET date = excluded.date",
                                  -1, &s, NULL);
    if (code == SQLITE_OK) code = bind_text(s, 1, commit);
    if (code == SQLITE_OK) code = bind_text(s, 2, date);
    return finish(h, s, code, err);
}

static sal_status put_entry(sal_history *h, const char *commit, const sal_entry *e, sal_error *err)
{
    sqlite3_stmt *s = NULL;
    const char letter[2] = {e->statistic_name, '\0'};
    int code = sqlite3_prepare_v2(
        h->db,
        "INSERT OR REPLACE INTO steps SELECT number, ?, ?, ?, ?, ?, ?, ?, ? FROM commits "
        "WHERE name = ?",
        -1, &s, NULL);
    const char *texts[] = {e->id, e->step, letter, sal_outcome_name(e->outcome)};
    for (int i = 0; code == SQLITE_OK && i < 4; i++) code = bind_text(s, 1 + i, texts[i]);
    if (code == SQLITE_OK) code = bind_number(s, 5, e->statistic, e->has_statistic);
    if (code == SQLITE_OK) code = bind_number(s, 6, e->low, e->has_statistic);
    if (code == SQLITE_OK) code = bind_number(s, 7, e->high, e->has_statistic);
    if (code == SQLITE_OK) code = bind_number(s, 8, e->limit, true);
    if (code == SQLITE_OK) code = bind_text(s, 9, commit);
    return finish(h, s, code, err);
}

sal_status sal_history_add(sal_history *h, const sal_records *records, const char *commit,
                           const char *date, sal_error *err)
{
    sal_baseline *entries = NULL;
    if (!h || !h->db || !records) return sal_fail_(err, SAL_E_ARG, "history or records is NULL");
    sal_status st = check_names(commit, date, err);
    if (st == SAL_OK) st = sal_baseline_of(h->env, records, &entries, err);
    if (st == SAL_OK) st = put_commit(h, commit, date, err);
    for (size_t i = 0; st == SAL_OK && i < entries->n; i++)
        st = put_entry(h, commit, &entries->entries[i], err);
    sal_baseline_free(entries);
    return st;
}

/* ---- end -------------------------------------------------------------------------------------- */

static void close_database(sal_history *h)
{
    sqlite3_close(h->db); /* rolls an open transaction back */
    h->db = NULL;
}

sal_status sal_history_commit(sal_history *h, sal_error *err)
{
    if (!h || !h->db) return sal_fail_(err, SAL_E_ARG, "the history is NULL or ended");
    sal_status st = sal_database_run_(h->db, h->path, "COMMIT", err);
    close_database(h);
    if (!h->is_new) return st;
    h->is_new = false;
    if (st == SAL_OK) return sal_save_commit_(&h->file, err);
    sal_save_discard_(&h->file);
    return st;
}

void sal_history_close(sal_history *h)
{
    if (!h) return;
    close_database(h);
    if (h->is_new) sal_save_discard_(&h->file);
    sal_free_(h->env, h->path);
    sal_free_(h->env, h);
}
