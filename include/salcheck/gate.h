/**
 * gate.h - did an explanation get worse? A baseline keeps the draws of verdicts that were accepted; a
 * gate compares new verdicts with it, draw by draw where it can; waivers excuse for a while what is
 * known.
 *
 * baseline  salcheck.baseline/1: JSON Lines for git, one line per check and step, sorted; numbers in
 *           ten-thousandths, which is 300 times less than the margin that matters
 */
#ifndef SALCHECK_GATE_H
#define SALCHECK_GATE_H

#include <salcheck/record.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SAL_BASELINE_SCHEMA "salcheck.baseline/1"

/** One step of a check. Draws are those of the fixed sample: the first min_draws, whatever was decided
 * when; a run that stopped as soon as it was decided has none, since its length depends on them. */
typedef struct sal_entry {
    char id[320], step[88]; /* the step's name, or its part's; "#2" behind the second of a name */
    char method[64], metric[96], randomisation[96], options[256];
    uint64_t model_hash, inputs_hash, seed;
    sal_outcome outcome;
    char statistic_name;
    bool has_statistic;
    double statistic, low, high, limit;
    size_t n_draws;
    sal_draw_record *draws; /* owned; r, a and u in ten-thousandths, `draw` counts from 0 */
} sal_entry;

/** Entries sorted by id, then step. */
typedef struct sal_baseline {
    const sal_env *env;
    size_t n;
    sal_entry *entries; /* owned */
} sal_baseline;

/**
 * Entries of verdicts (NULL: none): a baseline of its own.
 *
 * owner   *out is the caller's, sal_baseline_free()
 * errors  SAL_E_ARG, SAL_E_VALUE (a draw beyond -1 or 1: which; a step that is there twice),
 *         SAL_E_NOMEM
 */
SAL_API sal_status sal_baseline_of(const sal_env *env, const sal_records *records,
                                   sal_baseline **out, sal_error *err);

/**
 * Reads a baseline, in any order of lines.
 *
 * owner   *out is the caller's, sal_baseline_free()
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_FORMAT (the line, and what is wrong: no JSON, another schema, a
 *         key that is missing, of a wrong type or there twice, a merge conflict, a last line cut
 *         short, the same step twice), SAL_E_NOMEM
 */
SAL_API sal_status sal_baseline_read(const sal_env *env, const char *path, sal_baseline **out,
                                     sal_error *err);

/** What an update did. */
typedef struct sal_baseline_changes {
    size_t added, changed, same, kept, removed; /* kept: not among the new ones */
    size_t invalid;                             /* new ones left out: they say nothing */
} sal_baseline_changes;

/**
 * Takes new entries over. Those that are not among them stay, unless prune is set.
 *
 * owner   both stay the caller's; b gets copies
 * errors  SAL_E_ARG, SAL_E_NOMEM; then b is as it was
 */
SAL_API sal_status sal_baseline_update(sal_baseline *b, const sal_baseline *newer, bool prune,
                                       sal_baseline_changes *changes, sal_error *err);

/**
 * Writes a baseline: the whole file or nothing.
 *
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_NOMEM; then the file is as it was
 */
SAL_API sal_status sal_baseline_write(const sal_baseline *b, const char *path, sal_error *err);

SAL_API void sal_baseline_free(sal_baseline *b); /* NULL is fine */

/* ---- waivers -------------------------------------------------------------------------------- */

#define SAL_WAIVER_DAYS 90

/** "This may fail until then, because": JSON Lines with the keys check, reason, owner, expires
 * ("2026-12-31", the last day) and, for one step of several, step. */
typedef struct sal_waiver {
    size_t line;     /* in its file */
    char check[320]; /* an id */
    char step[88];   /* "" = all */
    char reason[256], owner[96], expires[12];
    int64_t last_day; /* since 1970-01-01 */
} sal_waiver;

typedef struct sal_waivers {
    const sal_env *env;
    char file[104]; /* for messages */
    size_t n;
    sal_waiver *items; /* owned */
} sal_waivers;

/**
 * Reads waivers. Whether one is expired, stale or reaches too far is a matter of the gate.
 *
 * owner   *out is the caller's, sal_waivers_free()
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_FORMAT (the line, and what is wrong: no JSON, a key that is
 *         missing, unknown, empty, too long or there twice, no date, the same check and step twice),
 *         SAL_E_NOMEM
 */
SAL_API sal_status sal_waivers_read(const sal_env *env, const char *path, sal_waivers **out,
                                    sal_error *err);

SAL_API void sal_waivers_free(sal_waivers *w); /* NULL is fine */

/* ---- the gate ------------------------------------------------------------------------------- */

typedef enum sal_gate_test {
    SAL_GATE_T = 0,  /* Student's t, Welch's where draws are not pairs */
    SAL_GATE_BETTING /* bets on bounded differences: no matter how they are distributed */
} sal_gate_test;

/** Zero = default. */
typedef struct sal_gate_options {
    double margin; /* a drop that does not count, in the statistic's unit, in [0, 1); 0 = 0.05 */
    double
        alpha; /* chance that a gate alarms where nothing dropped by more than the margin, over all
                      its checks (Holm), in (0, .5]; 0 = 0.05 */
    sal_gate_test test;
    const char *today; /* "2026-11-25"; needed for waivers */
    uint64_t reserved_[4];
} sal_gate_options;

typedef enum sal_compared {
    SAL_COMPARED_NOT = 0,   /* `note` says why */
    SAL_COMPARED_PAIRS,     /* same model, inputs, options and draws */
    SAL_COMPARED_TWO_SAMPLE /* something of that changed: `note` says what */
} sal_compared;

/** One step. Pointers are into the result, the baseline and the waivers. */
typedef struct sal_gate_row {
    const sal_entry *now, *before; /* NULL: missing among the new ones; new */
    const sal_waiver *waiver;      /* that excuses it, or NULL */
    sal_compared how;
    size_t n, n_before;               /* defined draws that are compared */
    double value, value_before, drop; /* before - now, over those draws */
    double p, p_adjusted;             /* that it dropped by more than the margin; after Holm */
    double smallest; /* drop that would have been seen in 90 % of cases; 0 = unknown */
    bool worse;
    sal_outcome outcome; /* of the row: PASS, FAIL, INCONCLUSIVE; a waived one is a PASS */
    char note[200];
} sal_gate_row;

typedef struct sal_gate_result {
    const sal_env *env;
    sal_outcome outcome; /* PASS; FAIL; INCONCLUSIVE: nothing failed, but something is undecided */
    double margin, alpha;
    sal_gate_test test;
    size_t n;
    sal_gate_row *rows;                                                 /* by id and step */
    size_t n_compared, n_failed, n_worse, n_undecided, n_waived, n_new; /* worse: of the failed */
    size_t n_problems; /* of waivers; each one fails the gate */
    char (*problems)[256];
    sal_baseline *now; /* what rows point to */
} sal_gate_result;

/**
 * Judges new verdicts: a step that fails, or that got worse than the baseline says, fails the gate; one
 * that is inconclusive, invalid, missing, or cannot be compared leaves it undecided. A step that the
 * baseline does not have counts by its outcome alone.
 *
 * Got worse: D (or R, F) dropped by more than the margin. With t: per draw d = D + Z(D)/(mean r -
 * mean u) of each run at its own D, whose mean is D and whose spread is that of D's estimate; a
 * one-sided t test of the differences of pairs. With bets: Z at the check's limit, new - old +
 * margin (r - u) of the old one, which takes mean r - mean u as unchanged.
 *
 * outcome FAIL is SAL_OK; at most alpha of all gates alarm where no statistic dropped by more than
 *         the margin
 * owner   *out is the caller's, sal_gate_free(), before the baseline and the waivers
 * errors  SAL_E_ARG (an option; no `today`), SAL_E_NOMEM
 * random  none; equal files, equal result
 * cost    0.1 ms a check; bets 30 ms
 * source  Welch 1947; Holm 1979; Waudby-Smith & Ramdas 2023
 */
SAL_API sal_status sal_gate_run(const sal_records *now, const sal_baseline *before,
                                const sal_waivers *waivers, const sal_gate_options *options,
                                sal_gate_result **out, sal_error *err);

SAL_API void sal_gate_free(sal_gate_result *r); /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
