/* model/wrapped_model.c - an engine behind callbacks: its parameters are read once, changed tensor
 * by tensor, and put back. */
#include "model/layers.h"
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

sal_status sal_callback_failed_(const sal_model *m, const char *callback, int code, sal_error *err)
{
    return sal_fail_(err, SAL_E_CALLBACK, "adapter '%s': %s returned %d", m->ops->adapter, callback,
                     code);
}

sal_status sal_missing_callback_(const sal_model *m, const char *who, const char *callback,
                                 sal_error *err)
{
    return sal_fail_(err, SAL_E_UNSUPPORTED, "%s needs %s; adapter '%s' has none", who, callback,
                     m->ops->adapter);
}

sal_status sal_missing_params_(const sal_model *m, const char *who, sal_error *err)
{
    const char *which = m->ops->get_params   ? "set_params"
                        : m->ops->set_params ? "get_params"
                                             : "get_params/set_params";
    return sal_missing_callback_(m, who, which, err);
}

void sal_unset_(size_t n, float *values)
{
    for (size_t i = 0; i < n; i++) values[i] = NAN;
}

/* ---- making ----------------------------------------------------------------------------------- */

enum { MOST_OUTPUTS = 1 << 28 };

static sal_status check_shape(const sal_model_ops *ops, const char *what, size_t rank,
                              const int64_t *dims, sal_error *err)
{
    sal_shape shape;
    size_t count;
    sal_error why;
    sal_status st = sal_shape_make_(rank, dims, &shape, &count, &why);
    if (st != SAL_OK)
        return sal_fail_(err, st, "adapter '%s': %s: %s", ops->adapter, what, why.text);
    if (!count)
        return sal_fail_(err, SAL_E_SHAPE, "adapter '%s': %s has no elements", ops->adapter, what);
    return SAL_OK;
}

static sal_status check_param(const sal_model_ops *ops, const sal_param_info *p, size_t i,
                              sal_error *err)
{
    char what[96];
    if (!p->name)
        return sal_fail_(err, SAL_E_ARG, "adapter '%s': parameter %zu has no name", ops->adapter,
                         i);
    if ((int)p->role < 0 || p->role > SAL_NORM_VARIANCE)
        return sal_fail_(err, SAL_E_ARG, "adapter '%s': parameter '%s' has role %d, wanted 0 to %d",
                         ops->adapter, p->name, (int)p->role, (int)SAL_NORM_VARIANCE);
    snprintf(what, sizeof what, "parameter '%.64s'", p->name);
    return check_shape(ops, what, p->rank, p->dims, err);
}

static sal_status check_description(const sal_model_ops *ops, const sal_model_description *d,
                                    sal_error *err)
{
    if (!d->rank || d->rank >= SAL_MAX_RANK)
        return sal_fail_(err, SAL_E_SHAPE, "adapter '%s': input has rank %zu, wanted 1 to %d",
                         ops->adapter, d->rank, SAL_MAX_RANK - 1);
    sal_status st = check_shape(ops, "input", d->rank, d->dims, err);
    if (st != SAL_OK) return st;
    if (!d->outputs || d->outputs > MOST_OUTPUTS)
        return sal_fail_(err, SAL_E_SHAPE, "adapter '%s': %zu outputs, wanted 1 to %d",
                         ops->adapter, d->outputs, MOST_OUTPUTS);
    if (d->n_params && !d->params)
        return sal_fail_(err, SAL_E_ARG, "adapter '%s': %zu parameters but no descriptions",
                         ops->adapter, d->n_params);
    for (size_t i = 0; st == SAL_OK && i < d->n_params; i++)
        st = check_param(ops, &d->params[i], i, err);
    return st;
}

static sal_status read_params(sal_model *m, sal_params *p, sal_error *err)
{
    for (size_t i = 0; i < p->n; i++) {
        float *values;
        sal_status st = sal_params_edit_(p, i, &values, err);
        if (st != SAL_OK) return st;
        sal_unset_(sal_params_size(p, i), values);
        int code = m->ops->get_params(m->self, i, values);
        if (code) return sal_callback_failed_(m, "get_params", code, err);
    }
    return SAL_OK;
}

/* Room for n tensors; counts is scratch of n + 1. */
static sal_status make_params(sal_model *m, size_t *counts, sal_error *err)
{
    size_t largest = 0;
    for (size_t i = 0; i < m->n_params; i++) {
        counts[i] = 1;
        for (size_t k = 0; k < m->infos[i].rank; k++) counts[i] *= (size_t)m->infos[i].dims[k];
        largest = counts[i] > largest ? counts[i] : largest;
    }
    m->lost = sal_alloc_zero_(m->env, m->n_params + 1, sizeof *m->lost);
    m->spare = sal_alloc_array_(m->env, largest + 1, sizeof *m->spare);
    if (!m->lost || !m->spare) return sal_no_memory_(err, "parameters");
    return sal_params_create_for_(m->env, m->n_params, counts, &m->params, err);
}

static sal_status fill(sal_model *m, const sal_model_description *d, sal_error *err)
{
    m->name = sal_copy_text_(m->env, d->name ? d->name : m->ops->adapter);
    if (!m->name) return sal_no_memory_(err, "a model");
    m->input.rank = d->rank + 1;
    m->input.dims[0] = 1;
    memcpy(m->input.dims + 1, d->dims, d->rank * sizeof d->dims[0]);
    m->input_count = sal_shape_count_from_(&m->input, 1);
    m->outputs = d->outputs;
    if (!m->ops->get_params || !m->ops->set_params) return SAL_OK;
    m->n_params = d->n_params;
    m->infos = d->params;
    size_t *counts = sal_alloc_zero_(m->env, d->n_params + 1, sizeof *counts);
    if (!counts) return sal_no_memory_(err, "a model");
    sal_status st = sal_model_set_layers_(m, err);
    if (st == SAL_OK) st = make_params(m, counts, err);
    sal_free_(m->env, counts);
    if (st == SAL_OK) st = read_params(m, m->params, err);
    if (st == SAL_OK) st = sal_model_check_params_(m, err);
    return st == SAL_OK ? sal_params_clone(m->params, &m->loaded, err) : st;
}

sal_status sal_model_wrap(const sal_env *env, const sal_model_ops *ops, void *self, sal_model **out,
                          sal_error *err)
{
    if (!ops || !out || !ops->adapter)
        return sal_fail_(err, SAL_E_ARG, "ops, its adapter name or out is NULL");
    if (!ops->describe || !ops->forward)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "a wrapped engine needs %s; adapter '%s' has none",
                         ops->describe ? "forward" : "describe", ops->adapter);
    sal_model *m = sal_alloc_zero_(env, 1, sizeof *m);
    if (!m) return sal_no_memory_(err, "a model");
    sal_model_description d;
    memset(&d, 0, sizeof d);
    m->env = env;
    m->ops = ops;
    m->self = self;
    m->input_value = m->logits = SAL_NO_VALUE;
    int code = ops->describe(self, &d);
    sal_status st =
        code ? sal_callback_failed_(m, "describe", code, err) : check_description(ops, &d, err);
    if (st == SAL_OK) st = fill(m, &d, err);
    if (st == SAL_OK)
        *out = m;
    else
        sal_model_free(m);
    return st;
}

/* ---- parameters in the engine ----------------------------------------------------------------- */

/* loaded and lost are the parts of a const model that move: they mirror the engine, not the model. */
static int set(const sal_model *m, size_t i, const sal_params *p)
{
    int code = m->ops->set_params(m->self, i, sal_params_get(p, i));
    m->lost[i] = code != 0;
    if (!code) sal_params_share_(m->loaded, i, p);
    return code;
}

static bool is_loaded(const sal_model *m, size_t i, const sal_params *p)
{
    return !m->lost[i] && sal_params_get(m->loaded, i) == sal_params_get(p, i);
}

sal_status sal_model_load_(const sal_model *m, const sal_params *p, sal_error *err)
{
    for (size_t i = 0; i < m->n_params; i++) {
        int code = is_loaded(m, i, p) ? 0 : set(m, i, p);
        if (code) return sal_callback_failed_(m, "set_params", code, err);
    }
    return SAL_OK;
}

/* Does the engine say that it holds the model's own tensor i? */
static int holds_own(const sal_model *m, size_t i, bool *holds)
{
    size_t n = sal_params_size(m->params, i);
    sal_unset_(n, m->spare);
    int code = m->ops->get_params(m->self, i, m->spare);
    *holds = !code && !memcmp(m->spare, sal_params_get(m->params, i), n * sizeof *m->spare);
    return code;
}

sal_status sal_model_unchanged_(const sal_model *m, sal_error *err)
{
    if (!m || !m->ops || !m->params) return SAL_OK;
    for (size_t i = 0; i < m->n_params; i++) {
        bool same;
        if (!is_loaded(m, i, m->params)) continue; /* ours, from an error before */
        int code = holds_own(m, i, &same);
        if (code) return sal_callback_failed_(m, "get_params", code, err);
        if (!same)
            return sal_fail_(
                err, SAL_E_ARG,
                "adapter '%s': parameter '%s' has changed since the engine was wrapped: "
                "wrap it again",
                m->ops->adapter, m->infos[i].name);
    }
    return SAL_OK;
}

static sal_status not_put_back(const sal_model *m, size_t i, const char *callback, int code,
                               const char *then, sal_error *err)
{
    return sal_fail_(err, SAL_E_CALLBACK, "adapter '%s': %s returned %d when '%s' was put back%s",
                     m->ops->adapter, callback, code, m->infos[i].name, then);
}

/* What salcheck changed, and what the engine's own code changed behind its back. What cannot be set
 * is tried once more after the others. */
static sal_status restore(const sal_model *m, sal_error *err)
{
    sal_status st = SAL_OK;
    bool again = false;
    for (size_t i = 0; i < m->n_params; i++) {
        bool holds = false;
        int code = is_loaded(m, i, m->params) ? holds_own(m, i, &holds) : 0;
        if (code) st = not_put_back(m, i, "get_params", code, "", err);
        code = holds ? 0 : set(m, i, m->params);
        if (code) st = not_put_back(m, i, "set_params", code, "", err);
        again = again || code;
    }
    for (size_t i = 0; again && i < m->n_params; i++) {
        int code = is_loaded(m, i, m->params) ? 0 : set(m, i, m->params);
        if (code)
            st = not_put_back(m, i, "set_params", code, ": the engine does not hold its parameters",
                              err);
    }
    return st;
}

sal_status sal_model_put_back_(const sal_model *m, sal_status st, sal_error *err)
{
    sal_error own;
    if (!m || !m->ops || !m->params) return st;
    sal_status back = restore(m, &own);
    if (back == SAL_OK) return st;
    if (st == SAL_OK) return sal_fail_(err, back, "%s", own.text);
    if (!err) return st;
    sal_error first = *err;
    return sal_fail_(err, st, "%.*s; %s", SAL_ERROR_TEXT / 2, first.text, own.text);
}
