/* method/team.c - workers in parallel. Jobs are cut into pieces that any worker may take; no bit of
 * a map depends on the piece it was in. */
#include "method/method.h"

enum { BATCH = 32 };

struct sal_team {
    const sal_model *m;
    size_t n, batch;
    sal_worker **workers;
};

sal_status sal_team_create_(const sal_model *m, size_t batch, bool one_thread, sal_team **out,
                            sal_error *err)
{
    sal_team *t = sal_alloc_zero_(m->env, 1, sizeof *t);
    if (!t) return sal_no_memory_(err, "workers");
    t->m = m;
    t->batch = batch ? batch : BATCH;
    t->n = one_thread || m->ops ? 1 : sal_threads_(m->env);
    t->workers = sal_alloc_zero_(m->env, t->n, sizeof *t->workers);
    sal_status st = t->workers ? SAL_OK : sal_no_memory_(err, "workers");
    for (size_t i = 0; st == SAL_OK && i < t->n; i++)
        st = sal_worker_create_(m, t->batch, &t->workers[i], err);
    if (st == SAL_OK)
        *out = t;
    else
        sal_team_free_(t);
    return st;
}

void sal_team_free_(sal_team *t)
{
    if (!t) return;
    for (size_t i = 0; t->workers && i < t->n; i++) sal_worker_free_(t->workers[i]);
    sal_free_(t->m->env, t->workers);
    sal_free_(t->m->env, t);
}

typedef struct {
    sal_team *team;
    const sal_method *method;
    const sal_explain_job *explain; /* one of the two kinds of jobs */
    const sal_job *jobs;
    float *out;
    size_t n, piece, width;
} work;

static sal_status run_piece(void *self, size_t piece, size_t worker, sal_error *err)
{
    work *k = self;
    size_t first = piece * k->piece, n = k->n - first < k->piece ? k->n - first : k->piece;
    float *out = k->out + first * k->width;
    sal_worker *w = k->team->workers[worker];
    if (k->method) return k->method->def->explain(k->method, w, n, k->explain + first, out, err);
    return sal_worker_logits_(w, n, k->jobs + first, out, err);
}

static sal_status run(sal_team *t, work *k, bool one_thread, sal_error *err)
{
    size_t workers = one_thread ? 1 : t->n, even = (k->n + workers - 1) / workers;
    k->team = t;
    k->piece = even < t->batch ? even : t->batch;
    if (!k->n) return SAL_OK;
    return sal_parallel_(workers, (k->n + k->piece - 1) / k->piece, run_piece, k, err);
}

sal_status sal_team_explain_(sal_team *t, const sal_method *m, size_t n,
                             const sal_explain_job *jobs, float *maps, sal_error *err)
{
    work k = {.method = m, .explain = jobs, .out = maps, .n = n, .width = t->m->input_count};
    return run(t, &k, m->def->one_thread, err);
}

sal_status sal_team_logits_(sal_team *t, size_t n, const sal_job *jobs, float *logits,
                            sal_error *err)
{
    work k = {.jobs = jobs, .out = logits, .n = n, .width = t->m->outputs};
    return run(t, &k, false, err);
}
