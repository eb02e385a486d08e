/**
 * verdict.h - what a check found: a plain record, the source of every rendering (report.h).
 */
#ifndef SALCHECK_VERDICT_H
#define SALCHECK_VERDICT_H

#include <salcheck/core.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SAL_VERDICT_SCHEMA "salcheck.verdict/1"
#define SAL_PART_SCHEMA "salcheck.part/1" /* what a shard of a check has measured */

/** One draw as it was measured. */
typedef struct sal_draw_record {
    size_t draw, input, other; /* index; places of x and o among the inputs given; `other` is not
                                  kept in files */
    double r, a, u;            /* a mean (R, F) has only a */
    bool defined;
} sal_draw_record;

/** One step: a layer of a cascade, a picture of `edges`, a part of `sane`. */
typedef struct sal_step_verdict {
    char check[24];      /* the check, or the part of a composed one */
    char step[64];       /* layer, picture, or "" */
    char change[192];    /* what was changed, for people */
    char meaning[256];   /* what a failure means; lines are parted by '\n' */
    char reason[256];    /* why it is invalid or inconclusive, else "" */
    char statistic_name; /* 'D', 'R' or 'F' */
    char scale[96];      /* what its ends mean */
    sal_outcome outcome;
    bool has_statistic;
    double statistic, low, high, limit;
    double mean_r, mean_a, mean_u;
    size_t draws, undefined; /* looked at; of these without a value */
    double lowest, highest;  /* range of r, a and u; of verdicts, not kept in files */
    size_t wave;             /* draws measured at once; of verdicts, not kept in files */
    size_t n_records;
    sal_draw_record *records; /* owned by the verdict */
} sal_step_verdict;

typedef struct sal_verdict {
    const sal_env *env;
    char id[320];      /* what reports, baselines and waivers know the check by */
    char options[256]; /* what else changes the question: "layer=conv2 initialiser=gaussian" */
    char check[24], method[64], metric[96], randomisation[96], model[96];
    char claim[96]; /* "does not depend on params", by outcome */
    uint64_t model_hash, inputs_hash;
    sal_outcome outcome;
    double alpha;
    uint64_t seed;
    size_t inputs, distinct; /* given; different from each other */
    size_t shard, shards;    /* a part: draws of shard 1 to `shards`, not judged; 0, 0 = whole */
    bool measured_r;         /* the engine does not repeat itself */
    size_t min_draws, max_draws;
    size_t total_steps; /* of the check; those after a failure are not run */
    size_t n_steps, decisive;
    sal_step_verdict *steps; /* owned */
    char picture[512];       /* path of the sheet, "" = none was asked for */
} sal_verdict;

SAL_API void sal_verdict_free(sal_verdict *v); /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
