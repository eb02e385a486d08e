/* check/run.c - opens a run: arguments, distinct inputs, classes, and the preconditions that hold for
 * every check. */
#include "check/check.h"

#include <math.h>
#include <string.h>

enum { DRAWS = 256, MOST_DRAWS = 1000000, MOST_SHARDS = 1 << 16 };

static sal_status check_numbers(const sal_check_args *a, sal_error *err)
{
    if (a->alpha < 0 || a->alpha >= 1 || isnan(a->alpha))
        return sal_fail_(err, SAL_E_ARG, "alpha is %s, wanted a number in (0, 1)",
                         SAL_SHORT(a->alpha));
    if (a->limit < 0 || a->limit >= 1 || isnan(a->limit))
        return sal_fail_(err, SAL_E_ARG, "limit is %s, wanted a number in (0, 1)",
                         SAL_SHORT(a->limit));
    size_t most = a->max_draws ? a->max_draws : DRAWS;
    if (most > MOST_DRAWS || a->min_draws > most)
        return sal_fail_(err, SAL_E_ARG,
                         "min_draws is %zu and max_draws %zu: wanted min <= max <= %d",
                         a->min_draws, most, MOST_DRAWS);
    if ((unsigned)a->target_rule > SAL_TARGET_CURRENT)
        return sal_fail_(err, SAL_E_ARG, "target_rule is %d, which is none", (int)a->target_rule);
    if ((unsigned)a->inconclusive > SAL_SKIP)
        return sal_fail_(err, SAL_E_ARG, "inconclusive is %d, which is neither of its values",
                         (int)a->inconclusive);
    if (a->shards > MOST_SHARDS || (a->shards ? !a->shard : a->shard) || a->shard > a->shards)
        return sal_fail_(err, SAL_E_ARG, "shard %zu of %zu, wanted 1 to the number, at most %d",
                         a->shard, a->shards, MOST_SHARDS);
    for (size_t i = 0; i < 4; i++)
        if (a->reserved_[i]) return sal_fail_(err, SAL_E_ARG, "a reserved field is not 0");
    return SAL_OK;
}

/* Keeps the first of inputs that are equal bit for bit. */
static sal_status find_distinct(sal_run *run, sal_error *err)
{
    const sal_tensor *t = run->args->inputs;
    size_t total = (size_t)t->shape.dims[0], size = run->m->input_count;
    run->place = sal_alloc_zero_(run->env, total, sizeof *run->place);
    run->x = sal_alloc_zero_(run->env, total, sizeof *run->x);
    run->target = sal_alloc_zero_(run->env, total, sizeof *run->target);
    uint64_t *digest = sal_alloc_zero_(run->env, total, sizeof *digest);
    sal_status st =
        run->place && run->x && run->target && digest ? SAL_OK : sal_no_memory_(err, "inputs");
    for (size_t i = 0; st == SAL_OK && i < total; i++) {
        const float *x = t->data + i * size;
        digest[run->n] = sal_hash_(0, x, size * sizeof *x);
        size_t k = 0;
        while (k < run->n &&
               (digest[k] != digest[run->n] || memcmp(run->x[k], x, size * sizeof *x)))
            k++;
        if (k < run->n) continue;
        run->place[run->n] = i;
        run->x[run->n++] = x;
    }
    sal_free_(run->env, digest);
    if (st == SAL_OK && run->n < 2)
        return sal_fail_(err, SAL_E_ARG,
                         "%zu inputs, %zu of them different: a check compares at "
                         "least two different inputs",
                         total, run->n);
    return st;
}

/* Logits of the distinct inputs, and the class that each map explains. */
static sal_status find_targets(sal_run *run, sal_error *err)
{
    const sal_check_args *a = run->args;
    size_t outputs = run->m->outputs, total = (size_t)a->inputs->shape.dims[0];
    for (size_t i = 0; i < total; i++) {
        if (a->targets && (a->targets[i] < 0 || (size_t)a->targets[i] >= outputs))
            return sal_fail_(err, SAL_E_ARG, "target %zu is %lld, wanted 0 to %zu", i,
                             (long long)a->targets[i], outputs - 1);
        if (a->labels && (a->labels[i] < 0 || (size_t)a->labels[i] >= outputs))
            return sal_fail_(err, SAL_E_ARG, "label %zu is %lld, wanted 0 to %zu", i,
                             (long long)a->labels[i], outputs - 1);
    }
    run->logits = sal_alloc_zero_(run->env, run->n * outputs, sizeof *run->logits);
    sal_job *jobs = sal_alloc_zero_(run->env, run->n, sizeof *jobs);
    sal_status st = run->logits && jobs ? SAL_OK : sal_no_memory_(err, "predictions");
    for (size_t i = 0; st == SAL_OK && i < run->n; i++) jobs[i].x = run->x[i];
    if (st == SAL_OK) st = sal_team_logits_(run->team, run->n, jobs, run->logits, err);
    sal_free_(run->env, jobs);
    if (st != SAL_OK) return st;
    size_t bad = sal_first_not_finite_(run->n * outputs, run->logits);
    if (bad < run->n * outputs)
        sal_run_invalid_(run, "logit %zu of input %zu is not finite", bad % outputs,
                         run->place[bad / outputs]);
    for (size_t i = 0; i < run->n; i++)
        run->target[i] = a->targets ? a->targets[run->place[i]]
                                    : (int64_t)sal_best_class_(outputs, run->logits + i * outputs);
    return SAL_OK;
}

/* P(at least k of n hit), each with chance p. */
static double upper_tail(size_t n, size_t k, double p)
{
    double sum = 0, log_ways = 0; /* of choosing i of n */
    for (size_t i = 0; i <= n; i++) {
        if (i) log_ways += log((double)(n - i + 1)) - log((double)i);
        if (i >= k) sum += exp(log_ways + (double)i * log(p) + (double)(n - i) * log1p(-p));
    }
    return sum;
}

/* A model that has learned nothing must not pass: its maps depend on its parameters all right. */
static void check_trained(sal_run *run)
{
    size_t outputs = run->m->outputs, hits = 0, kinds = 0, same = 1;
    if (outputs < 2 || run->invalid[0]) return;
    int64_t first = (int64_t)sal_best_class_(outputs, run->logits);
    for (size_t i = 1; i < run->n; i++)
        same += first == (int64_t)sal_best_class_(outputs, run->logits + i * outputs);
    const int64_t *labels = run->args->labels;
    for (size_t i = 0; labels && i < run->n; i++) {
        size_t k = 0;
        while (k < i && labels[run->place[k]] != labels[run->place[i]]) k++;
        kinds += k == i;
        hits +=
            labels[run->place[i]] == (int64_t)sal_best_class_(outputs, run->logits + i * outputs);
    }
    if (same == run->n && run->n >= 16 && (!labels || kinds > 1)) {
        sal_run_invalid_(run, "model not trained: it says class %lld for all %zu inputs%s",
                         (long long)first, run->n,
                         labels ? "" : " (if they are all of one class, say so with .labels)");
        return;
    }
    double chance = kinds ? 1.0 / (double)kinds : 0, share = (double)hits / (double)run->n;
    bool nearer_to_chance =
        share < (1 + chance) / 2; /* few inputs prove nothing against a good model */
    if (kinds > 1 && nearer_to_chance && upper_tail(run->n, hits, chance) > 0.01)
        sal_run_invalid_(run,
                         "model not trained: it is right on %zu of %zu inputs of %zu classes, "
                         "which chance explains",
                         hits, run->n, kinds);
}

/* Asks a foreign engine or method twice for one map. */
static sal_status ask_twice(sal_run *run, sal_error *err)
{
    bool own = !strcmp(run->method.def->info.name, SAL_OWN);
    if (!own && !run->m->ops) return SAL_OK;
    size_t size = run->m->input_count;
    sal_explain_job jobs[2] = {sal_run_job_(run, 0, NULL), sal_run_job_(run, 0, NULL)};
    float *maps = sal_alloc_array_(run->env, 2 * size, sizeof *maps);
    if (!maps) return sal_no_memory_(err, "maps");
    sal_status st = sal_run_retarget_(run, run->team, 2, jobs, err);
    if (st == SAL_OK) st = sal_team_explain_(run->team, &run->method, 1, jobs, maps, err);
    if (st == SAL_OK)
        st = sal_team_explain_(run->team, &run->method, 1, jobs + 1, maps + size, err);
    if (st == SAL_OK) {
        run->measured_r = memcmp(maps, maps + size, size * sizeof *maps) != 0;
        run->repeats = !run->measured_r;
    }
    sal_free_(run->env, maps);
    return st;
}

sal_status sal_run_probe_(sal_run *run, const sal_model *m, const sal_method *method,
                          bool needs_params, sal_error *err)
{
    char reason[sizeof run->invalid] = "";
    if (!m->ops || run->invalid[0]) return SAL_OK;
    sal_status st = sal_model_probe_(m, run->n, run->x, needs_params, method->def->needs_gradient,
                                     reason, sizeof reason, err);
    if (st == SAL_OK && !reason[0] && method->tap.layer[0])
        st = sal_model_probe_tap_(m, run->n, run->x, &method->tap, reason, sizeof reason, err);
    if (st == SAL_OK && reason[0]) sal_run_invalid_(run, "%s", reason);
    return st;
}

static sal_status open_metric(sal_run *run, const sal_check_def *def, sal_error *err)
{
    sal_map_shape shape;
    const char *name = run->args->metric ? run->args->metric : def->info.metric;
    sal_status st = sal_map_shape_of_(run->m->input.rank - 1, run->m->input.dims + 1, &shape, err);
    if (st == SAL_OK)
        st = sal_metric_open_(name ? name : SAL_PEARSON_FOLDED, shape, true, &run->metric, err);
    if (st != SAL_OK) return st;
    size_t plane = shape.height * shape.width;
    run->scratch = sal_alloc_array_(run->env, run->metric.scratch + plane + 1, sizeof(double));
    run->maps = sal_alloc_array_(run->env, SAL_WAVE_MAPS * run->m->input_count, sizeof(float));
    return run->scratch && run->maps ? SAL_OK : sal_no_memory_(err, "maps");
}

sal_status sal_run_open_(const sal_check_args *args, const sal_check_def *def, sal_run *run,
                         sal_error *err)
{
    memset(run, 0, sizeof *run);
    run->args = args;
    run->m = args->model;
    if (!args->model || !args->inputs)
        return sal_fail_(err, SAL_E_ARG, "check '%s' needs a model and inputs", def->info.name);
    if (!args->method && !args->own_method)
        return sal_fail_(err, SAL_E_ARG, "check '%s' needs a method", def->info.name);
    run->env = args->model->env;
    run->alpha = args->alpha > 0 ? args->alpha : 0.01;
    run->seed = args->seed ? args->seed : SAL_SEED_DEFAULT;
    run->max_draws = args->max_draws ? args->max_draws : DRAWS;
    sal_status st = check_numbers(args, err);
    if (st == SAL_OK) st = sal_model_check_input_(run->m, args->inputs, err);
    if (st == SAL_OK)
        st = sal_method_open_(run->m, args->method, args->layer, args->own_method, &run->method,
                              err);
    if (st == SAL_OK) st = open_metric(run, def, err);
    if (st == SAL_OK)
        st = sal_team_create_(run->m, args->batch, run->method.def->one_thread, &run->team, err);
    if (st == SAL_OK) st = find_distinct(run, err);
    if (st == SAL_OK) st = find_targets(run, err);
    if (st != SAL_OK) return st;
    check_trained(run);
    run->base =
        (sal_shelf){.method = &run->method, .team = run->team, .whose = "the trained model"};
    st = sal_shelf_open_(run, &run->base, err);
    return st == SAL_OK ? ask_twice(run, err) : st;
}

void sal_run_close_(sal_run *run)
{
    const sal_env *env = run->env;
    sal_shelf_close_(run, &run->base);
    sal_team_free_(run->team);
    sal_free_(env, run->place);
    sal_free_(env, run->x);
    sal_free_(env, run->target);
    sal_free_(env, run->logits);
    sal_free_(env, run->scratch);
    sal_free_(env, run->maps);
}

sal_status sal_run_accuracy_(const sal_model *m, const sal_tensor *x, const int64_t *labels,
                             double *accuracy, sal_error *err)
{
    size_t n = x ? (size_t)sal_tensor_dim(x, 0) : 0, hits = 0;
    float *logits = sal_alloc_array_(m->env, n * m->outputs + 1, sizeof *logits);
    if (!logits) return sal_no_memory_(err, "predictions");
    sal_status st = sal_model_predict(m, x, logits, err);
    for (size_t i = 0; st == SAL_OK && i < n; i++) {
        if (labels[i] < 0 || (size_t)labels[i] >= m->outputs)
            st = sal_fail_(err, SAL_E_ARG, "training label %zu is %lld, wanted 0 to %zu", i,
                           (long long)labels[i], m->outputs - 1);
        hits += (size_t)labels[i] == sal_best_class_(m->outputs, logits + i * m->outputs);
    }
    if (st == SAL_OK) *accuracy = (double)hits / (double)n;
    sal_free_(m->env, logits);
    return st;
}
