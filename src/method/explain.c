/* method/explain.c - the public call: maps of many inputs. */
#include "method/method.h"

/* Class of each input: the caller's, or the largest logit (the first one on ties). */
static sal_status set_targets(const sal_model *m, sal_team *team, const int64_t *given, size_t n,
                              sal_explain_job *jobs, sal_error *err)
{
    for (size_t i = 0; given && i < n; i++) {
        if (given[i] < 0 || (size_t)given[i] >= m->outputs)
            return sal_fail_(err, SAL_E_ARG, "target %zu is %lld, wanted 0 to %zu", i,
                             (long long)given[i], m->outputs - 1);
        jobs[i].job.target = given[i];
    }
    if (given) return SAL_OK;
    float *logits = sal_alloc_array_(m->env, n * m->outputs, sizeof *logits);
    sal_job *plain = sal_alloc_array_(m->env, n, sizeof *plain);
    sal_status st = logits && plain ? SAL_OK : sal_no_memory_(err, "predictions");
    for (size_t i = 0; st == SAL_OK && i < n; i++) plain[i] = jobs[i].job;
    if (st == SAL_OK) st = sal_team_logits_(team, n, plain, logits, err);
    for (size_t i = 0; st == SAL_OK && i < n; i++)
        jobs[i].job.target = (int64_t)sal_best_class_(m->outputs, logits + i * m->outputs);
    sal_free_(m->env, logits);
    sal_free_(m->env, plain);
    return st;
}

size_t sal_best_class_(size_t classes, const float *logits)
{
    size_t best = 0;
    for (size_t k = 1; k < classes; k++)
        if (logits[k] > logits[best]) best = k;
    return best;
}

sal_status sal_explain(const sal_model *m, const sal_tensor *x, const char *name,
                       const sal_explain_options *options, float *maps, sal_error *err)
{
    static const sal_explain_options none;
    const sal_explain_options *o = options ? options : &none;
    sal_method method;
    sal_team *team = NULL;
    sal_explain_job *jobs = NULL;
    if (!maps) return sal_fail_(err, SAL_E_ARG, "maps is NULL");
    sal_status st = sal_model_check_input_(m, x, err);
    if (st == SAL_OK) st = sal_method_open_(m, name, o->layer, o->own, &method, err);
    if (st == SAL_OK) st = sal_model_unchanged_(m, err);
    if (st == SAL_OK) st = sal_team_create_(m, o->batch, method.def->one_thread, &team, err);
    if (st != SAL_OK) return st;
    size_t n = (size_t)x->shape.dims[0];
    jobs = sal_alloc_zero_(m->env, n, sizeof *jobs);
    if (!jobs) st = sal_no_memory_(err, "maps");
    for (size_t i = 0; jobs && i < n; i++) {
        jobs[i].job.x = x->data + i * m->input_count;
        jobs[i].noise = sal_noise_of_(o->seed, o->first + i);
    }
    if (st == SAL_OK && !method.def->info.ignores_model)
        st = set_targets(m, team, o->targets, n, jobs, err);
    if (st == SAL_OK) st = sal_team_explain_(team, &method, n, jobs, maps, err);
    st = sal_model_put_back_(m, st, err);
    sal_free_(m->env, jobs);
    sal_team_free_(team);
    return st;
}

uint64_t sal_noise_of_(uint64_t seed, uint64_t input)
{
    return sal_index_pair_(seed ? seed : SAL_SEED_DEFAULT, input);
}
