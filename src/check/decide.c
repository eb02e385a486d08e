/* check/decide.c - measures one step, wave by wave, until its judge has seen enough: draw by draw in
 * index order, whatever the wave, so that threads and batches cannot change the outcome. A shard
 * measures its own waves and judges nothing. */
#include "check/check.h"
#include "check/judge.h"

#include <stdio.h>

void sal_decide_terms_(const sal_run *run, const sal_part *part, sal_step_verdict *s)
{
    const sal_metric_info *metric = &run->metric.def->info;
    bool plain = part->def->mean && !part->def->info.metric; /* shares, in [0, 1] */
    s->limit = part->limit;
    s->lowest = plain ? 0 : metric->lowest;
    s->highest = plain ? 1 : metric->highest;
    s->wave = part->def->wave_size ? part->def->wave_size(run) : SAL_WAVE;
    s->statistic_name = part->def->statistic_name;
    snprintf(s->check, sizeof s->check, "%s", part->def->info.name);
    snprintf(s->scale, sizeof s->scale, "%s", part->def->scale);
}

static bool goes_on(sal_run *run, size_t draws)
{
    const sal_check_args *a = run->args;
    run->ended = a->progress && !a->progress(a->progress_self, draws, run->max_draws);
    return !run->ended;
}

/* Takes the reason from the run: it is of this step, and the next one stands for itself. */
static bool found_invalid(sal_run *run, sal_judge *j)
{
    if (!run->invalid[0]) return false;
    sal_judge_invalid_(j, run->invalid);
    run->invalid[0] = '\0';
    return true;
}

static sal_status draw(sal_run *run, sal_part *part, size_t step, const sal_verdict *v,
                       sal_judge *j, sal_error *err)
{
    sal_step_verdict *s = &v->steps[v->n_steps - 1];
    size_t waves = sal_waves_(v, s);
    bool over = false;
    for (size_t w = 0; w < waves && !over; w++) {
        size_t first = w * s->wave, left = v->max_draws - first;
        size_t n = left < s->wave ? left : s->wave;
        sal_draw_record *records = s->records + s->n_records;
        if (sal_shard_of_(v, v->n_steps - 1, w, waves) != v->shard) continue;
        if (!goes_on(run, first)) break;
        sal_status st = part->def->wave(run, part, step, first, n, records, err);
        if (st != SAL_OK) return st;
        if (found_invalid(run, j)) break;
        for (size_t i = 0; !over && i < n; i++) {
            records[i].draw = first + i;
            s->n_records++;
            over = !v->shards && sal_judge_take_(j, &records[i]);
        }
    }
    return SAL_OK;
}

/* A part has no outcome of its own, unless a wave of its own is invalid: the one after its last. */
static sal_status end_part(const sal_run *run, const sal_verdict *v, const sal_judge *j,
                           sal_step_verdict *s, sal_error *err)
{
    if (run->ended)
        return sal_fail_(err, SAL_E_CALLBACK, "shard %zu of %zu was ended by the caller", v->shard,
                         v->shards);
    s->draws = s->n_records;
    for (size_t i = 0; i < s->n_records; i++) s->undefined += !s->records[i].defined;
    s->outcome = j->invalid[0] ? SAL_INVALID : SAL_INCONCLUSIVE;
    snprintf(s->reason, sizeof s->reason, "%s", j->invalid);
    return SAL_OK;
}

sal_status sal_decide_step_(sal_run *run, sal_part *part, size_t step, sal_verdict *v,
                            sal_error *err)
{
    sal_judge j;
    sal_step_verdict *s = &v->steps[v->n_steps - 1];
    sal_decide_terms_(run, part, s);
    snprintf(s->meaning, sizeof s->meaning, "%s", part->def->meaning);
    if (part->def->describe) part->def->describe(run, part, step, s);
    s->records = sal_alloc_zero_(run->env, run->max_draws, sizeof *s->records);
    if (!s->records) return sal_no_memory_(err, "draws");
    sal_judge_start_(&j, v, s);
    sal_status st = draw(run, part, step, v, &j, err);
    if (st != SAL_OK) return st;
    return v->shards ? end_part(run, v, &j, s, err)
                     : sal_judge_end_(&j, run->env, run->ended, s, err);
}
