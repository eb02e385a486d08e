/* check/reproducible.c - does the map come out again? R: similarity with a second map of the same
 * input and model, made with fresh noise. */
#include "check/check.h"

#include <stdio.h>

static sal_status open(sal_run *run, sal_part *part, sal_error *err)
{
    (void)run;
    (void)err;
    part->n_steps = 1;
    return SAL_OK;
}

static void describe(const sal_run *run, const sal_part *part, size_t step, sal_step_verdict *v)
{
    (void)run;
    (void)part;
    (void)step;
    snprintf(v->change, sizeof v->change, "the map made again with fresh noise");
}

static sal_status wave(sal_run *run, sal_part *part, size_t step, size_t first, size_t n,
                       sal_draw_record *out, sal_error *err)
{
    (void)part;
    (void)step;
    sal_pick picks[SAL_WAVE];
    sal_explain_job jobs[SAL_WAVE];
    sal_ready again[SAL_WAVE];
    size_t inputs[SAL_WAVE];
    sal_status st = sal_ready_alloc_(run, n, again, err);
    if (st != SAL_OK) return st;
    for (size_t i = 0; i < n; i++) {
        picks[i] = sal_run_pick_(run, first + i);
        inputs[i] = picks[i].x;
        jobs[i] = sal_run_job_(run, picks[i].x, NULL);
        jobs[i].noise = sal_index_pair_(jobs[i].noise, first + i + 1);
    }
    st = sal_shelf_need_(run, &run->base, n, inputs, err);
    if (st == SAL_OK) st = sal_run_make_(run, n, jobs, "the trained model", again, err);
    for (size_t i = 0; st == SAL_OK && i < n; i++) {
        out[i] =
            (sal_draw_record){.input = run->place[picks[i].x], .other = run->place[picks[i].o]};
        out[i].defined = sal_run_compare_(run, &run->base.ready[picks[i].x], &again[i], &out[i].a);
    }
    sal_ready_free_(run, n, again);
    return st;
}

const sal_check_def sal_check_reproducible_ = {
    .info = {.name = SAL_CHECK_REPRODUCIBLE,
             .summary = "the map comes out again with fresh noise",
             .source = "repeatability, as in Arun et al. 2021",
             .metric = SAL_PEARSON_FOLDED,
             .limit = 0.5},
    .claims = {"repeats itself", "does not repeat itself", "does not clearly repeat itself or not",
               "does not get a verdict on repeating itself"},
    .statistic_name = 'R',
    .scale = "0 = another map every time, 1 = the same map",
    .meaning = "the map is mostly the method's own noise: another run tells another story",
    .mean = true,
    .open = open,
    .describe = describe,
    .wave = wave,
};
