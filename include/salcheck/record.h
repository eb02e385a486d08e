/**
 * record.h - verdicts that were kept: files of JSON Lines (report.h writes them) read back, from which
 * reports, merges, baselines and gates are made without running anything again.
 */
#ifndef SALCHECK_RECORD_H
#define SALCHECK_RECORD_H

#include <salcheck/verdict.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Verdicts of one file, in its order. */
typedef struct sal_records {
    const sal_env *env;
    size_t n;
    sal_verdict **verdicts; /* owned */
    char loss[256];         /* what could not be used: a last line cut short; "" = nothing */
} sal_records;

/**
 * Reads a file of verdicts. A last line without an end is left out and told in `loss`; anything else
 * that is wrong refuses the file.
 *
 * owner   *out is the caller's, sal_records_free()
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_FORMAT (the line, and what is wrong: no JSON, another schema, a
 *         key that is missing, of a wrong type or there twice, a merge conflict, the same step of
 *         the same id twice), SAL_E_NOMEM (no memory, or more than 256 MiB)
 */
SAL_API sal_status sal_records_read(const sal_env *env, const char *path, sal_records **out,
                                    sal_error *err);

/**
 * Reads a file that a shard of a run has written (sal_check_args.shards), for sal_check_merge() of
 * check.h. The one refuses what the other reads.
 *
 * owner   *out is the caller's, sal_records_free()
 * errors  those of sal_records_read, and SAL_E_FORMAT for parts of another version of salcheck
 */
SAL_API sal_status sal_records_read_parts(const sal_env *env, const char *path, sal_records **out,
                                          sal_error *err);

SAL_API void sal_records_free(sal_records *r); /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
