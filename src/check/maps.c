/* check/maps.c - maps made ready for comparing, and the shelves that keep them. */
#include "check/check.h"

#include <string.h>

sal_explain_job sal_run_job_(const sal_run *run, size_t input, const sal_params *p)
{
    return (sal_explain_job){.job = {p, run->x[input], run->target[input]},
                             .noise = sal_noise_of_(run->seed, input)};
}

sal_status sal_ready_alloc_(const sal_run *run, size_t n, sal_ready *ready, sal_error *err)
{
    memset(ready, 0, n * sizeof *ready);
    for (size_t i = 0; i < n; i++) {
        ready[i].values = sal_alloc_array_(run->env, run->metric.prepared + 1, sizeof(double));
        if (ready[i].values) continue;
        sal_ready_free_(run, i, ready);
        return sal_no_memory_(err, "maps");
    }
    return SAL_OK;
}

void sal_ready_free_(const sal_run *run, size_t n, sal_ready *ready)
{
    for (size_t i = 0; i < n; i++) sal_free_(run->env, ready[i].values);
    memset(ready, 0, n * sizeof *ready);
}

static void prepare(const sal_run *run, const float *map, sal_ready *ready)
{
    size_t n = run->m->input_count;
    ready->known = true;
    ready->bad = sal_first_not_finite_(n, map);
    ready->not_finite = ready->bad < n;
    ready->undefined = ready->not_finite
                           ? "not finite"
                           : sal_metric_prepare_(&run->metric, map, ready->values, run->scratch);
}

/* A map that is not finite makes whatever needs it invalid, made now or long ago. */
static void look(sal_run *run, const sal_ready *ready, size_t input, const char *whose)
{
    if (ready->not_finite)
        sal_run_invalid_(run, "the map of input %zu under %s is not finite at element %zu",
                         run->place[input], whose, ready->bad);
}

static size_t input_of(const sal_run *run, const sal_explain_job *job)
{
    for (size_t i = 0; i < run->n; i++)
        if (run->x[i] == job->job.x) return i;
    return 0;
}

static sal_status make(sal_run *run, sal_team *team, const sal_method *method, size_t n,
                       sal_explain_job *jobs, sal_ready *const *ready, sal_error *err)
{
    for (size_t first = 0; first < n; first += SAL_WAVE_MAPS) {
        size_t count = n - first < SAL_WAVE_MAPS ? n - first : SAL_WAVE_MAPS;
        sal_status st = SAL_OK;
        if (!method->def->info.ignores_model)
            st = sal_run_retarget_(run, team, count, jobs + first, err);
        if (st == SAL_OK) st = sal_team_explain_(team, method, count, jobs + first, run->maps, err);
        if (st != SAL_OK) return st;
        for (size_t i = 0; i < count; i++)
            prepare(run, run->maps + i * run->m->input_count, ready[first + i]);
    }
    return SAL_OK;
}

sal_status sal_run_make_(sal_run *run, size_t n, const sal_explain_job *jobs, const char *whose,
                         sal_ready *ready, sal_error *err)
{
    sal_explain_job own[SAL_WAVE_MAPS];
    sal_ready *places[SAL_WAVE_MAPS] = {NULL};
    memcpy(own, jobs, n * sizeof own[0]);
    for (size_t i = 0; i < n; i++) places[i] = &ready[i];
    sal_status st = make(run, run->team, &run->method, n, own, places, err);
    for (size_t i = 0; st == SAL_OK && i < n; i++)
        look(run, &ready[i], input_of(run, &jobs[i]), whose);
    return st;
}

sal_status sal_shelf_open_(const sal_run *run, sal_shelf *shelf, sal_error *err)
{
    shelf->ready = sal_alloc_zero_(run->env, run->n, sizeof *shelf->ready);
    return shelf->ready ? SAL_OK : sal_no_memory_(err, "maps");
}

void sal_shelf_close_(const sal_run *run, sal_shelf *shelf)
{
    if (shelf->ready) sal_ready_free_(run, run->n, shelf->ready);
    sal_free_(run->env, shelf->ready);
    shelf->ready = NULL;
}

sal_status sal_shelf_need_(sal_run *run, sal_shelf *shelf, size_t n, const size_t *inputs,
                           sal_error *err)
{
    sal_explain_job jobs[SAL_WAVE_MAPS];
    sal_ready *places[SAL_WAVE_MAPS];
    size_t missing = 0;
    for (size_t i = 0; i < n && missing < SAL_WAVE_MAPS; i++) {
        sal_ready *r = &shelf->ready[inputs[i]];
        if (r->known || r->values) continue;
        sal_status st = sal_ready_alloc_(run, 1, r, err);
        if (st != SAL_OK) return st;
        jobs[missing] = sal_run_job_(run, inputs[i], shelf->params);
        places[missing++] = r;
    }
    sal_status st =
        missing ? make(run, shelf->team, shelf->method, missing, jobs, places, err) : SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < n; i++)
        look(run, &shelf->ready[inputs[i]], inputs[i], shelf->whose);
    return st;
}

bool sal_run_compare_(const sal_run *run, const sal_ready *a, const sal_ready *b, double *value)
{
    if (a->undefined || b->undefined) return false;
    sal_similarity s = sal_metric_compare_(&run->metric, a->values, b->values, run->scratch, true);
    *value = s.value;
    return s.defined;
}

sal_status sal_run_retarget_(sal_run *run, sal_team *team, size_t n, sal_explain_job *jobs,
                             sal_error *err)
{
    if (run->args->target_rule != SAL_TARGET_CURRENT) return SAL_OK;
    size_t outputs = run->m->outputs;
    sal_job plain[SAL_WAVE_MAPS];
    float *logits = sal_alloc_array_(run->env, n * outputs, sizeof *logits);
    if (!logits) return sal_no_memory_(err, "predictions");
    for (size_t i = 0; i < n; i++) plain[i] = jobs[i].job;
    sal_status st = sal_team_logits_(team, n, plain, logits, err);
    for (size_t i = 0; st == SAL_OK && i < n; i++)
        jobs[i].job.target = (int64_t)sal_best_class_(outputs, logits + i * outputs);
    sal_free_(run->env, logits);
    return st;
}
