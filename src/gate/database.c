/* gate/database.c - see database.h. A journal beside the file (SQLite's default) makes a transaction whole
 * or nothing, also on a full disk. */
#include "gate/database.h"

#include "base/save.h"

#include <string.h>

enum { PATIENCE = 2000 /* ms */, APPLICATION = 0x53414c43, LAYOUT = 1 };

/* Ends with APPLICATION and LAYOUT. */
static const char tables[] =
    "CREATE TABLE commits(number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
    " date TEXT NOT NULL);"
    "CREATE TABLE steps(number INTEGER NOT NULL REFERENCES commits(number), id TEXT NOT NULL,"
    " step TEXT NOT NULL, statistic TEXT NOT NULL, outcome TEXT NOT NULL, value REAL, low REAL,"
    " high REAL, least REAL NOT NULL, PRIMARY KEY(number, id, step));"
    "PRAGMA application_id = 1396788291;"
    "PRAGMA user_version = 1;";

sal_status sal_database_failed_(sqlite3 *db, const char *path, int code, sal_error *err)
{
    const char *shown = sal_save_shown_(path),
               *why = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return sal_fail_(err, SAL_E_IO, "%s: is locked by another program; try again", shown);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return sal_fail_(err, SAL_E_IO, "%s: cannot be written: it or its folder is read-only",
                         shown);
    case SQLITE_FULL:
        return sal_fail_(err, SAL_E_IO, "%s: cannot be written: the disk is full", shown);
    case SQLITE_CORRUPT:
        return sal_fail_(err, SAL_E_FORMAT,
                         "%s: is damaged (%.60s); 'history rebuild' makes it again", shown, why);
    case SQLITE_NOTADB:
        return sal_fail_(err, SAL_E_FORMAT, "%s: is no history of salcheck", shown);
    case SQLITE_IOERR:
        return sal_fail_(err, SAL_E_IO, "%s: cannot be read or written: %.60s", shown, why);
    case SQLITE_CANTOPEN:
        return sal_fail_(err, SAL_E_IO, "%s: cannot be opened", shown);
    case SQLITE_NOMEM:
        return sal_no_memory_(err, "a history");
    default:
        return sal_fail_(err, SAL_E_IO, "%s: %.120s", shown, why);
    }
}

sal_status sal_database_run_(sqlite3 *db, const char *path, const char *sql, sal_error *err)
{
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? SAL_OK : sal_database_failed_(db, path, code, err);
}

static sal_status number(sqlite3 *db, const char *path, const char *sql, int *value, sal_error *err)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(s);
    *value = code == SQLITE_ROW ? sqlite3_column_int(s, 0) : 0;
    sqlite3_finalize(s);
    return code == SQLITE_ROW ? SAL_OK : sal_database_failed_(db, path, code, err);
}

/* Ours, in this layout? *empty: nothing is in it yet. */
static sal_status check(sqlite3 *db, const char *path, bool *empty, sal_error *err)
{
    int application, layout, things;
    sal_status st = number(db, path, "PRAGMA application_id", &application, err);
    if (st == SAL_OK) st = number(db, path, "PRAGMA user_version", &layout, err);
    if (st == SAL_OK) st = number(db, path, "SELECT count(*) FROM sqlite_master", &things, err);
    if (st != SAL_OK) return st;
    *empty = !things && !application;
    if (*empty || (application == APPLICATION && layout == LAYOUT)) return SAL_OK;
    if (application != APPLICATION)
        return sal_fail_(err, SAL_E_FORMAT, "%s: is no history of salcheck", sal_save_shown_(path));
    return sal_fail_(err, SAL_E_FORMAT,
                     "%s: layout %d, wanted %d (written by another version of salcheck); 'history "
                     "rebuild' makes it again",
                     sal_save_shown_(path), layout, LAYOUT);
}

static sal_status prepare(sqlite3 *db, const char *shown, bool write, sal_error *err)
{
    bool empty = false;
    sal_status st = SAL_OK;
    sqlite3_busy_timeout(db, PATIENCE);
    sqlite3_extended_result_codes(db, 1);
    if (write) st = sal_database_run_(db, shown, "BEGIN IMMEDIATE", err);
    if (st == SAL_OK) st = check(db, shown, &empty, err);
    if (st != SAL_OK || !empty) return st;
    if (write) return sal_database_run_(db, shown, tables, err);
    return sal_fail_(err, SAL_E_FORMAT, "%s: is no history of salcheck", sal_save_shown_(shown));
}

sal_status sal_database_open_(const char *path, const char *shown, bool write, sqlite3 **out,
                              sal_error *err)
{
    sqlite3 *db = NULL;
    int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    int code = sqlite3_open_v2(path, &db, flags, NULL);
    sal_status st = code == SQLITE_OK ? prepare(db, shown, write, err)
                                      : sal_database_failed_(db, shown, code, err);
    if (st == SAL_OK)
        *out = db;
    else
        sqlite3_close(db);
    return st;
}
