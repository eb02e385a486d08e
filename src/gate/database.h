/* gate/database.h - the file of a history: SQLite opened, checked and its troubles put into a line. */
#ifndef SAL_GATE_DATABASE_H
#define SAL_GATE_DATABASE_H

#include "base/base.h"

#include <sqlite3.h>

/* "FILE: is locked by another program", ...; code is SQLite's. */
sal_status sal_database_failed_(sqlite3 *db, const char *path, int code, sal_error *err);

/* Opens path; `shown` is its name in messages. Reading: it must be a history. Writing: an empty or
 * absent one gets its tables, in a transaction that stays open. */
sal_status sal_database_open_(const char *path, const char *shown, bool write, sqlite3 **out,
                              sal_error *err);

sal_status sal_database_run_(sqlite3 *db, const char *path, const char *sql, sal_error *err);

#endif
