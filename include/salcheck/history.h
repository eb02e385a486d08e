/**
 * history.h - what every commit's verdicts were: a database (SQLite) for trends. It holds nothing that
 * the files of past commits do not: it can be made again from them at any time.
 */
#ifndef SALCHECK_HISTORY_H
#define SALCHECK_HISTORY_H

#include <salcheck/record.h>
#include <salcheck/report.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sal_history sal_history;

typedef enum sal_history_mode {
    SAL_HISTORY_ADD = 0, /* to what is there; an absent file is made */
    SAL_HISTORY_NEW      /* a new file takes the place of the old one when it is complete */
} sal_history_mode;

/**
 * Opens a history to write; nothing is changed before sal_history_commit().
 *
 * owner   *out is the caller's, sal_history_close()
 * errors  SAL_E_ARG, SAL_E_IO (cannot be opened or written, locked by another program, a full disk),
 *         SAL_E_FORMAT (no history of salcheck, or damaged), SAL_E_NOMEM
 * cost    waits up to 2 s for another writer
 */
SAL_API sal_status sal_history_open(const sal_env *env, const char *path, sal_history_mode mode,
                                    sal_history **out, sal_error *err);

/**
 * Adds the verdicts of a commit. Of a commit that is there already, the same steps are replaced.
 *
 * commit  a name, 1 to 64 bytes without control characters: a hash, a tag
 * date    "2026-11-25" or "2026-11-25T14:03:59Z"; commits are in the order of dates, then of adding
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_FORMAT, SAL_E_VALUE, SAL_E_NOMEM; close the history then
 */
SAL_API sal_status sal_history_add(sal_history *h, const sal_records *records, const char *commit,
                                   const char *date, sal_error *err);

/**
 * Makes everything that was added permanent, at once.
 *
 * errors  SAL_E_ARG, SAL_E_IO; then the file is as it was
 */
SAL_API sal_status sal_history_commit(sal_history *h, sal_error *err);

SAL_API void sal_history_close(sal_history *h); /* without a commit nothing changes; NULL is fine */

/** One commit of a series. */
typedef struct sal_history_point {
    char commit[65], date[21];
    sal_outcome outcome;
    bool has_value;
    double value, low, high, limit; /* to 1e-4 */
} sal_history_point;

/** One step of a check, from the oldest commit to the newest. */
typedef struct sal_history_series {
    char id[320], step[88];
    char statistic_name;
    size_t n;
    sal_history_point *points; /* owned by the trends */
} sal_history_series;

typedef struct sal_history_trends {
    const sal_env *env;
    size_t n;
    sal_history_series *series; /* by id and step */
} sal_history_trends;

/**
 * Reads the trends of all checks, or of those whose id holds `part` (NULL = all). The file is not
 * changed.
 *
 * owner   *out is the caller's, sal_history_trends_free()
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_FORMAT (no history of salcheck, or damaged), SAL_E_NOMEM
 */
SAL_API sal_status sal_history_read(const sal_env *env, const char *path, const char *part,
                                    sal_history_trends **out, sal_error *err);

/** Trends as reports draw them (sal_report_options of report.h). */
typedef struct sal_history_lines {
    const sal_env *env;
    size_t n;
    sal_trend *lines;
    sal_trend_point *points; /* of all */
    char *texts;             /* titles and labels */
} sal_history_lines;

/**
 * Trends as lines: of the checks among n verdicts, or of all checks when verdicts is NULL.
 *
 * owner   *out is the caller's, sal_history_lines_free(); trends and verdicts may go before it
 * errors  SAL_E_ARG, SAL_E_NOMEM
 */
SAL_API sal_status sal_history_lines_of(const sal_history_trends *trends,
                                        const sal_verdict *const *verdicts, size_t n,
                                        sal_history_lines **out, sal_error *err);

SAL_API void sal_history_lines_free(sal_history_lines *l); /* NULL is fine */

/**
 * Draws trends as one SVG file, as the report "svg" does.
 *
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_NOMEM; then the file is as it was
 */
SAL_API sal_status sal_history_plot(const sal_history_trends *trends, const char *path,
                                    sal_error *err);

SAL_API void sal_history_trends_free(sal_history_trends *t); /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
