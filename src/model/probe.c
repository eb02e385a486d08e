/* model/probe.c - what a wrapped engine must do before anything it says is believed. */
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PIXELS = 6 };

typedef struct {
    const sal_model *m;
    sal_worker *w;
    const float *x;
    float *first, *second; /* [outputs] */
    char *reason;
    size_t size;
} probe;

static sal_status logits(probe *p, const sal_params *params, const float *x, float *out,
                         sal_error *err)
{
    sal_job job = {params, x, 0};
    return sal_worker_logits_(p->w, 1, &job, out, err);
}

static bool same(const probe *p)
{
    return !memcmp(p->first, p->second, p->m->outputs * sizeof(float));
}

static sal_status two_forwards_agree(probe *p, sal_error *err)
{
    sal_status st = logits(p, NULL, p->x, p->first, err);
    if (st == SAL_OK) st = logits(p, NULL, p->x, p->second, err);
    if (st == SAL_OK && !same(p))
        snprintf(p->reason, p->size, "adapter '%s': two forward passes of one input differ",
                 p->m->ops->adapter);
    return st;
}

/* Every tensor with its entries moved by one place and their signs turned: another network. */
static sal_status shifted(const sal_model *m, sal_params **out, sal_error *err)
{
    sal_params *p = NULL;
    sal_status st = sal_params_clone(m->params, &p, err);
    for (size_t i = 0; st == SAL_OK && i < m->n_params; i++) {
        float *v;
        const float *from = sal_params_get(m->params, i);
        size_t n = sal_params_size(p, i);
        bool positive = m->infos[i].role == SAL_NORM_VARIANCE;
        st = sal_params_edit_(p, i, &v, err);
        for (size_t k = 0; st == SAL_OK && k < n; k++)
            v[k] = positive ? from[(k + 1) % n] : -from[(k + 1) % n];
    }
    if (st == SAL_OK) *out = p;
    else sal_params_free(p);
    return st;
}

static sal_status get_after_set(probe *p, const sal_params *set, sal_error *err)
{
    const sal_model *m = p->m;
    for (size_t i = 0; i < m->n_params && !p->reason[0]; i++) {
        size_t n = sal_params_size(set, i);
        float *got = sal_alloc_array_(m->env, n, sizeof *got);
        if (!got) return sal_no_memory_(err, "parameters");
        int code = m->ops->get_params(m->self, i, got);
        if (!code && memcmp(got, sal_params_get(set, i), n * sizeof *got) != 0)
            snprintf(p->reason, p->size,
                     "adapter '%s': get_params of '%s' does not return what set_params was given",
                     m->ops->adapter, m->infos[i].name);
        sal_free_(m->env, got);
        if (code) return sal_callback_failed_(m, "get_params", code, err);
    }
    return SAL_OK;
}

static sal_status params_move_logits(probe *p, sal_error *err)
{
    sal_params *other = NULL;
    sal_status st = shifted(p->m, &other, err);
    if (st != SAL_OK) return st;
    st = logits(p, other, p->x, p->second, err);
    if (st == SAL_OK && same(p))
        snprintf(p->reason, p->size,
                 "adapter '%s': set_params does not change the logits: the engine ignores it",
                 p->m->ops->adapter);
    if (st == SAL_OK) st = get_after_set(p, other, err);
    st = sal_model_put_back_(p->m, st, err);
    if (st == SAL_OK && !p->reason[0]) st = logits(p, NULL, p->x, p->second, err);
    if (st == SAL_OK && !p->reason[0] && !same(p))
        snprintf(p->reason, p->size,
                 "adapter '%s': the logits differ after the parameters were put back",
                 p->m->ops->adapter);
    sal_params_free(other);
    return st;
}

/* Central difference of one logit along element i, and how far two step sizes disagree. */
static sal_status difference(probe *p, size_t target, size_t i, float step, float *x, double *slope,
                             sal_error *err)
{
    float keep = x[i], up = keep + step, down = keep - step;
    x[i] = up;
    sal_status st = logits(p, NULL, x, p->first, err);
    x[i] = down;
    if (st == SAL_OK) st = logits(p, NULL, x, p->second, err);
    x[i] = keep;
    *slope = ((double)p->first[target] - (double)p->second[target]) / ((double)up - (double)down);
    return st;
}

/* The pixels with the largest gradients, where a wrong one shows: of them most must agree (a kink
 * of a ReLU may lie within a step). */
static sal_status gradient_agrees(probe *p, float *x, float *gradient, sal_error *err)
{
    const sal_model *m = p->m;
    size_t n = m->input_count, wrong = 0, looked = 0, worst_at = 0;
    double worst_given = 0, worst_measured = 0;
    sal_job job = {NULL, p->x, 0};
    sal_status st = sal_worker_gradient_(p->w, 1, &job, NULL, gradient, NULL, err);
    memcpy(x, p->x, n * sizeof *x);
    for (; st == SAL_OK && looked < PIXELS && looked < n; looked++) {
        size_t at = 0;
        for (size_t i = 1; i < n; i++)
            if (fabsf(gradient[i]) > fabsf(gradient[at])) at = i;
        double given = (double)gradient[at], near = 0, far = 0;
        gradient[at] = 0; /* the next largest comes next */
        st = difference(p, 0, at, 1e-2f, x, &near, err);
        if (st == SAL_OK) st = difference(p, 0, at, 2e-2f, x, &far, err);
        double slack = 2 * fabs(near - far) + 0.02 * (fabs(given) + fabs(near)) + 1e-4;
        if (st == SAL_OK && !(fabs(given - near) <= slack)) {
            wrong++;
            worst_at = at;
            worst_given = given;
            worst_measured = near;
        }
    }
    if (st == SAL_OK && 2 * wrong > looked)
        snprintf(p->reason, p->size,
                 "adapter '%s': input_gradient is wrong: element %zu is %.4g, differences say %.4g",
                 m->ops->adapter, worst_at, worst_given, worst_measured);
    return st;
}

sal_status sal_model_probe_(const sal_model *m, const float *x, bool needs_params,
                            bool needs_gradient, char *reason, size_t size, sal_error *err)
{
    probe p = {.m = m, .x = x, .reason = reason, .size = size};
    reason[0] = '\0';
    if (!m->ops) return SAL_OK;
    float *memory = sal_alloc_array_(m->env, 2 * m->outputs + 2 * m->input_count, sizeof *memory);
    if (!memory) return sal_no_memory_(err, "a probe");
    p.first = memory;
    p.second = memory + m->outputs;
    sal_status st = sal_worker_create_(m, 1, &p.w, err);
    if (st == SAL_OK) st = two_forwards_agree(&p, err);
    if (st == SAL_OK && !reason[0] && needs_params) st = params_move_logits(&p, err);
    if (st == SAL_OK && !reason[0] && needs_gradient && m->ops->input_gradient)
        st = gradient_agrees(&p, p.second + m->outputs, p.second + m->outputs + m->input_count, err);
    sal_worker_free_(p.w);
    sal_free_(m->env, memory);
    return st;
}
