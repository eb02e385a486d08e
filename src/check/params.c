/* check/params.c - does the map follow the parameters (Adebayo et al. 2018)? a: the map after the
 * step's layers are re-initialised; u: another input's map under a model random in every layer. */
#include "check/check.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    sal_randomiser randomiser;
    sal_params *pool[SAL_POOL]; /* every layer random, made when first picked */
    sal_shelf shelves[SAL_POOL];
} state;

static sal_status open(sal_run *run, sal_part *part, sal_error *err)
{
    const sal_check_args *a = run->args;
    state *s = sal_alloc_zero_(run->env, 1, sizeof *s);
    if (!s) return sal_no_memory_(err, "a check");
    part->state = s;
    if (run->m->ops && !run->m->params) return sal_missing_params_(run->m, "check 'params'", err);
    sal_status st = sal_randomiser_open_(run->m, a->randomisation, a->initialiser, a->inputs,
                                         &s->randomiser, err);
    part->n_steps = s->randomiser.n_steps;
    for (size_t k = 0; st == SAL_OK && k < SAL_POOL; k++) {
        s->shelves[k] = (sal_shelf){
            .method = &run->method, .team = run->team, .whose = "a model random in every layer"};
        st = sal_shelf_open_(run, &s->shelves[k], err);
    }
    return st;
}

static void close(sal_run *run, sal_part *part)
{
    state *s = part->state;
    if (!s) return;
    for (size_t k = 0; k < SAL_POOL; k++) {
        sal_shelf_close_(run, &s->shelves[k]);
        sal_params_free(s->pool[k]);
    }
    sal_free_(run->env, s);
}

static void describe(const sal_run *run, const sal_part *part, size_t step, sal_step_verdict *v)
{
    (void)run;
    const state *s = part->state;
    sal_text t = sal_text_into_(v->change, sizeof v->change);
    sal_randomiser_describe_(&s->randomiser, step, &t);
    snprintf(v->step, sizeof v->step, "%s", sal_randomiser_step_name_(&s->randomiser, step));
}

/* One wave: its picks, and the randomised model of each draw. */
typedef struct {
    sal_run *run;
    state *s;
    size_t step, first, n;
    bool full;
    sal_pick picks[SAL_WAVE];
    sal_params *params[SAL_WAVE];
    sal_ready changed[SAL_WAVE];
} wave_state;

static sal_status randomise_job(void *self, size_t job, size_t worker, sal_error *err)
{
    (void)worker;
    wave_state *w = self;
    return sal_randomiser_make_(&w->s->randomiser, w->step, false, w->run->seed, w->first + job,
                                &w->params[job], err);
}

static sal_status pool_job(void *self, size_t job, size_t worker, sal_error *err)
{
    (void)worker;
    wave_state *w = self;
    bool wanted = false;
    for (size_t i = 0; i < w->n; i++) wanted = wanted || w->picks[i].pool == job;
    if (!wanted || w->s->pool[job]) return SAL_OK;
    return sal_randomiser_make_(&w->s->randomiser, 0, true, w->run->seed, job, &w->s->pool[job],
                                err);
}

/* A step that moves no logit would pass or fail for no reason. */
static sal_status check_moved(wave_state *w, sal_error *err)
{
    sal_run *run = w->run;
    size_t outputs = run->m->outputs, n = run->n < SAL_WAVE ? run->n : SAL_WAVE;
    sal_job jobs[SAL_WAVE];
    float *logits = sal_alloc_array_(run->env, n * outputs, sizeof *logits);
    if (!logits) return sal_no_memory_(err, "predictions");
    for (size_t i = 0; i < n; i++) jobs[i] = (sal_job){w->params[0], run->x[i], 0};
    sal_status st = sal_team_logits_(run->team, n, jobs, logits, err);
    size_t bad = st == SAL_OK ? sal_first_not_finite_(n * outputs, logits) : n * outputs;
    if (bad < n * outputs)
        sal_run_invalid_(run, "logit %zu of input %zu under a randomised model is not finite",
                         bad % outputs, run->place[bad / outputs]);
    if (st == SAL_OK && !memcmp(logits, run->logits, n * outputs * sizeof *logits))
        sal_run_invalid_(run, "the randomised parameters did not change a single logit");
    sal_free_(run->env, logits);
    return st;
}

/* Maps of the unrelated models, for the draws that take them. */
static sal_status need_unrelated(wave_state *w, sal_error *err)
{
    size_t threads = w->run->m->ops ? 1 : sal_threads_(w->run->env);
    sal_status st = sal_parallel_(threads, SAL_POOL, pool_job, w, err);
    for (size_t k = 0; st == SAL_OK && k < SAL_POOL; k++) {
        size_t inputs[SAL_WAVE], n = 0;
        for (size_t i = 0; i < w->n; i++)
            if (w->picks[i].pool == k) inputs[n++] = w->picks[i].x;
        w->s->shelves[k].params = w->s->pool[k];
        if (n) st = sal_shelf_need_(w->run, &w->s->shelves[k], n, inputs, err);
    }
    return st;
}

static sal_status make_maps(wave_state *w, sal_error *err)
{
    sal_run *run = w->run;
    sal_explain_job jobs[SAL_WAVE];
    size_t inputs[2 * SAL_WAVE], threads = run->m->ops ? 1 : sal_threads_(run->env);
    for (size_t i = 0; i < w->n; i++) {
        w->picks[i] = sal_run_pick_(run, w->first + i);
        inputs[2 * i] = w->picks[i].x;
        inputs[2 * i + 1] = w->picks[i].o;
    }
    sal_status st = sal_shelf_need_(run, &run->base, 2 * w->n, inputs, err);
    if (st == SAL_OK) st = sal_parallel_(threads, w->n, randomise_job, w, err);
    if (st == SAL_OK && !w->first) st = check_moved(w, err);
    for (size_t i = 0; st == SAL_OK && i < w->n; i++)
        jobs[i] = sal_run_job_(run, w->picks[i].x, w->params[i]);
    if (st == SAL_OK) st = sal_run_make_(run, w->n, jobs, "a randomised model", w->changed, err);
    return st == SAL_OK && !w->full ? need_unrelated(w, err) : st;
}

static sal_status wave(sal_run *run, sal_part *part, size_t step, size_t first, size_t n,
                       sal_draw_record *out, sal_error *err)
{
    state *s = part->state;
    wave_state w = {.run = run,
                    .s = s,
                    .step = step,
                    .first = first,
                    .n = n,
                    .full = sal_randomiser_is_full_(&s->randomiser, step)};
    double r[SAL_WAVE];
    bool again[SAL_WAVE];
    sal_status st = sal_ready_alloc_(run, n, w.changed, err);
    if (st != SAL_OK) return st;
    st = make_maps(&w, err);
    if (st == SAL_OK) st = sal_run_again_(run, n, w.picks, r, again, err);
    for (size_t i = 0; st == SAL_OK && i < n; i++) {
        const sal_pick *p = &w.picks[i];
        const sal_ready *x = &run->base.ready[p->x], *o = &run->base.ready[p->o];
        const sal_ready *far = w.full ? &w.changed[i] : &s->shelves[p->pool].ready[p->x];
        out[i] = (sal_draw_record){.input = run->place[p->x], .other = run->place[p->o], .r = r[i]};
        out[i].defined = sal_run_compare_(run, x, &w.changed[i], &out[i].a) &&
                         sal_run_compare_(run, o, far, &out[i].u) && again[i];
    }
    for (size_t i = 0; i < n; i++) sal_params_free(w.params[i]);
    sal_ready_free_(run, n, w.changed);
    return st;
}

const sal_check_def sal_check_params_ = {
    .info = {.name = SAL_CHECK_PARAMS,
             .summary = "the map follows the parameters",
             .source = "Adebayo et al. 2018",
             .metric = SAL_PEARSON_FOLDED,
             .limit = 0.5},
    .claims = {"depends on params", "does not depend on params",
               "does not clearly depend on params or not", "does not get a verdict on params"},
    .statistic_name = 'D',
    .scale = "0 = map unchanged, 1 = nothing of it is left",
    .meaning = "the map stays the same when the layer that separates the classes is random:\n"
               "it shows the input's structure, not what the model learned",
    .changes_params = true,
    .open = open,
    .close = close,
    .describe = describe,
    .wave = wave,
};
