/* model/worker.c - evaluates a model: plans are made at first use and kept, one per question asked. */
#include "model/model.h"

#include <string.h>

enum { PLANS = 6 };

/* A plan and the question it answers. */
typedef struct {
    sal_plan *plan;
    const sal_backward_rules *rules;
    sal_value gradient; /* whose gradient; SAL_NO_VALUE = forward only */
} kept;

struct sal_worker {
    const sal_model *m;
    size_t batch;
    kept plans[PLANS];
    size_t n_plans;
    float *x, *seed;  /* [batch, input], [batch, outputs] */
    int64_t *targets; /* [batch] */
    const sal_params **params;
};

sal_status sal_worker_create_(const sal_model *m, size_t batch, sal_worker **out, sal_error *err)
{
    sal_worker *w = sal_alloc_zero_(m->env, 1, sizeof *w);
    if (!w) return sal_no_memory_(err, "a worker");
    w->m = m;
    w->batch = batch ? batch : 1;
    size_t inputs, outputs;
    if (!sal_mul_size_(w->batch, m->input_count, &inputs) ||
        !sal_mul_size_(w->batch, m->outputs, &outputs)) {
        sal_worker_free_(w);
        return sal_no_memory_(err, "a worker");
    }
    w->x = sal_alloc_array_(m->env, inputs, sizeof *w->x);
    w->seed = sal_alloc_array_(m->env, outputs, sizeof *w->seed);
    w->targets = sal_alloc_array_(m->env, w->batch, sizeof *w->targets);
    w->params = sal_alloc_array_(m->env, w->batch, sizeof *w->params);
    if (w->x && w->seed && w->targets && w->params) {
        *out = w;
        return SAL_OK;
    }
    sal_worker_free_(w);
    return sal_no_memory_(err, "a worker");
}

void sal_worker_free_(sal_worker *w)
{
    if (!w) return;
    for (size_t i = 0; i < w->n_plans; i++) sal_plan_free_(w->plans[i].plan);
    sal_free_(w->m->env, w->x);
    sal_free_(w->m->env, w->seed);
    sal_free_(w->m->env, w->targets);
    sal_free_(w->m->env, (void *)w->params);
    sal_free_(w->m->env, w);
}

size_t sal_worker_batch_(const sal_worker *w)
{
    return w->batch;
}

/* The plan for a question. Its workspace stays below the memory limit by a smaller batch. */
static sal_status find_plan(sal_worker *w, sal_value gradient, const sal_backward_rules *rules,
                            sal_plan **out, sal_error *err)
{
    const sal_model *m = w->m;
    for (size_t i = 0; i < w->n_plans; i++)
        if (w->plans[i].gradient == gradient && w->plans[i].rules == rules) {
            *out = w->plans[i].plan;
            return SAL_OK;
        }
    size_t limit = m->env && m->env->memory_limit ? m->env->memory_limit : (size_t)1 << 30;
    bool back = gradient != SAL_NO_VALUE;
    sal_wish wish = {.batch = w->batch,
                     .limit = limit,
                     .output = m->logits,
                     .n_taps = back,
                     .taps = &gradient,
                     .n_gradients = back,
                     .gradients = &gradient,
                     .rules = rules};
    sal_plan *plan;
    sal_status st = sal_plan_create_(m->g, &wish, &plan, err);
    if (st != SAL_OK) return st;
    w->batch = sal_plan_batch_(plan);
    if (w->n_plans == PLANS) sal_plan_free_(w->plans[--w->n_plans].plan);
    w->plans[w->n_plans++] = (kept){plan, rules, gradient};
    *out = plan;
    return SAL_OK;
}

/* Gathers inputs, parameters and the seed that picks each target's logit. */
static void gather(sal_worker *w, size_t n, const sal_job *jobs)
{
    const sal_model *m = w->m;
    memset(w->seed, 0, n * m->outputs * sizeof *w->seed);
    for (size_t i = 0; i < n; i++) {
        memcpy(w->x + i * m->input_count, jobs[i].x, m->input_count * sizeof *w->x);
        w->params[i] = jobs[i].params ? jobs[i].params : m->params;
        w->targets[i] = jobs[i].target;
        w->seed[i * m->outputs + (size_t)jobs[i].target] = 1.0f;
    }
}

/* How many jobs from the first on a wrapped engine takes in one call: equal parameters. */
static size_t wrapped_run(const sal_worker *w, size_t n, const sal_job *jobs)
{
    size_t count = 1;
    while (count < n && count < w->batch && jobs[count].params == jobs[0].params) count++;
    return count;
}

static sal_status wrapped_start(sal_worker *w, size_t n, const sal_job *jobs, sal_error *err)
{
    gather(w, n, jobs);
    return w->params[0] ? sal_model_load_(w->m, w->params[0], err) : SAL_OK;
}

static sal_status wrapped_logits(sal_worker *w, size_t n, const sal_job *jobs, float *logits,
                                 sal_error *err)
{
    const sal_model *m = w->m;
    for (size_t first = 0, count; first < n; first += count) {
        count = wrapped_run(w, n - first, jobs + first);
        sal_status st = wrapped_start(w, count, jobs + first, err);
        if (st != SAL_OK) return st;
        sal_unset_(count * m->outputs, logits + first * m->outputs);
        int code = m->ops->forward(m->self, count, w->x, logits + first * m->outputs);
        if (code) return sal_callback_failed_(m, "forward", code, err);
    }
    return SAL_OK;
}

sal_status sal_worker_logits_(sal_worker *w, size_t n, const sal_job *jobs, float *logits,
                              sal_error *err)
{
    const sal_model *m = w->m;
    if (m->ops) return wrapped_logits(w, n, jobs, logits, err);
    sal_plan *plan;
    sal_status st = find_plan(w, SAL_NO_VALUE, NULL, &plan, err);
    for (size_t first = 0; st == SAL_OK && first < n; first += w->batch) {
        size_t count = n - first < w->batch ? n - first : w->batch;
        const float *inputs[1] = {w->x};
        gather(w, count, jobs + first);
        sal_plan_forward_(plan, count, inputs, w->params);
        memcpy(logits + first * m->outputs, sal_plan_value_(plan, m->logits),
               count * m->outputs * sizeof *logits);
    }
    return st;
}

static sal_status wrapped_gradient(sal_worker *w, size_t n, const sal_job *jobs, float *gradients,
                                   float *logits, sal_error *err)
{
    const sal_model *m = w->m;
    if (!m->ops->input_gradient)
        return sal_missing_callback_(m, "a gradient", "input_gradient", err);
    for (size_t first = 0, count; first < n; first += count) {
        count = wrapped_run(w, n - first, jobs + first);
        sal_status st = wrapped_start(w, count, jobs + first, err);
        if (st != SAL_OK) return st;
        sal_unset_(count * m->input_count, gradients + first * m->input_count);
        int code = m->ops->input_gradient(m->self, count, w->x, w->targets,
                                          gradients + first * m->input_count);
        if (code) return sal_callback_failed_(m, "input_gradient", code, err);
    }
    return logits ? wrapped_logits(w, n, jobs, logits, err) : SAL_OK;
}

sal_status sal_worker_gradient_(sal_worker *w, size_t n, const sal_job *jobs,
                                const sal_backward_rules *rules, float *gradients, float *logits,
                                sal_error *err)
{
    const sal_model *m = w->m;
    if (m->ops && rules)
        return sal_fail_(err, SAL_E_UNSUPPORTED,
                         "changed backward rules need a graph; adapter '%s' wraps an engine",
                         m->ops->adapter);
    if (m->ops) return wrapped_gradient(w, n, jobs, gradients, logits, err);
    sal_plan *plan;
    sal_status st = find_plan(w, m->input_value, rules, &plan, err);
    for (size_t first = 0; st == SAL_OK && first < n; first += w->batch) {
        size_t count = n - first < w->batch ? n - first : w->batch;
        const float *inputs[1] = {w->x};
        gather(w, count, jobs + first);
        sal_plan_forward_(plan, count, inputs, w->params);
        if (logits)
            memcpy(logits + first * m->outputs, sal_plan_value_(plan, m->logits),
                   count * m->outputs * sizeof *logits);
        sal_plan_backward_(plan, w->seed, NULL);
        memcpy(gradients + first * m->input_count, sal_plan_gradient_(plan, m->input_value),
               count * m->input_count * sizeof *gradients);
    }
    return st;
}

static sal_status wrapped_tap(sal_worker *w, size_t n, const sal_job *jobs, const sal_tap *tap,
                              float *activation, float *gradient, sal_error *err)
{
    const sal_model *m = w->m;
    size_t size = tap->channels * tap->height * tap->width;
    for (size_t first = 0, count; first < n; first += count) {
        count = wrapped_run(w, n - first, jobs + first);
        sal_status st = wrapped_start(w, count, jobs + first, err);
        if (st != SAL_OK) return st;
        sal_unset_(count * size, activation + first * size);
        sal_unset_(count * size, gradient + first * size);
        int code = m->ops->activation(m->self, tap->layer, count, w->x, w->targets,
                                      activation + first * size, gradient + first * size);
        if (code) return sal_callback_failed_(m, "activation", code, err);
    }
    return SAL_OK;
}

sal_status sal_worker_tap_(sal_worker *w, size_t n, const sal_job *jobs, const sal_tap *tap,
                           float *activation, float *gradient, sal_error *err)
{
    if (w->m->ops) return wrapped_tap(w, n, jobs, tap, activation, gradient, err);
    size_t size = tap->channels * tap->height * tap->width;
    sal_plan *plan;
    sal_status st = find_plan(w, tap->value, NULL, &plan, err);
    for (size_t first = 0; st == SAL_OK && first < n; first += w->batch) {
        size_t count = n - first < w->batch ? n - first : w->batch;
        const float *inputs[1] = {w->x};
        gather(w, count, jobs + first);
        sal_plan_forward_(plan, count, inputs, w->params);
        memcpy(activation + first * size, sal_plan_value_(plan, tap->value),
               count * size * sizeof *activation);
        sal_plan_backward_(plan, w->seed, NULL);
        memcpy(gradient + first * size, sal_plan_gradient_(plan, tap->value),
               count * size * sizeof *gradient);
    }
    return st;
}
