/* check/judge.h - judging from draws alone: no model, no maps. The draws of a step come in index order
 * from the run itself, wave by wave, or from the files of shards. */
#ifndef SAL_CHECK_JUDGE_H
#define SAL_CHECK_JUDGE_H

#include "stats/betting.h"

#include <salcheck/verdict.h>

/* One step: its draws being judged, and the bet that there is nothing to compare. */
typedef struct sal_judge {
    sal_trial trial;
    sal_wealth nothing; /* on r - u - NOTHING */
    size_t least;       /* draws to look at, decided or not */
    bool has_nothing;
    char invalid[256]; /* a precondition that does not hold, or "" */
} sal_judge;

/* The rule of a step: v's alpha, steps and measured_r, s's limit and range. */
sal_rule sal_judge_rule_(const sal_verdict *v, const sal_step_verdict *s);

void sal_judge_start_(sal_judge *j, const sal_verdict *v, const sal_step_verdict *s);

/* Takes one draw; true when the step is over. */
bool sal_judge_take_(sal_judge *j, const sal_draw_record *d);

/* Whoever measures found that a precondition does not hold. */
void sal_judge_invalid_(sal_judge *j, const char *reason);

/* Sets what was found in s, whose records are the draws taken; `ended`: by the caller. */
sal_status sal_judge_end_(sal_judge *j, const sal_env *env, bool ended, sal_step_verdict *s,
                          sal_error *err);

/* Standard deviation of Z at the rule's limit over the defined draws of s, of which there are two or more. */
double sal_judge_spread_(const sal_rule *rule, const sal_step_verdict *s);

/* The outcome of the whole, with its last step. */
void sal_judge_whole_(sal_verdict *v);

/* The shard that measures this wave of this step; 0 of a whole. Waves are dealt out in turn, over all steps, from a
 * place that the id gives: so that small checks do not all burden the first shards. */
size_t sal_shard_of_(const sal_verdict *v, size_t step, size_t wave, size_t waves);

/* Number of waves of a step. */
static inline size_t sal_waves_(const sal_verdict *v, const sal_step_verdict *s)
{
    return (v->max_draws + s->wave - 1) / s->wave;
}

#endif
