/* model/wrapped_model.c - an engine behind callbacks: its parameters are read once, changed tensor
 * by tensor, and put back. */
#include "model/model.h"
#include "model/layers.h"

#include <string.h>

bool sal_model_is_wrapped_(const sal_model *m)
{
    return m->ops != NULL;
}

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

static sal_status check_description(const sal_model_ops *ops, const sal_model_description *d,
                                    sal_error *err)
{
    sal_shape shape;
    size_t count;
    if (!d->rank || d->rank >= SAL_MAX_RANK)
        return sal_fail_(err, SAL_E_SHAPE, "adapter '%s': input has rank %zu, wanted 1 to %d",
                         ops->adapter, d->rank, SAL_MAX_RANK - 1);
    sal_status st = sal_shape_make_(d->rank, d->dims, &shape, &count, err);
    if (st != SAL_OK) return st;
    if (!count || !d->outputs)
        return sal_fail_(err, SAL_E_SHAPE, "adapter '%s': input or output has no elements",
                         ops->adapter);
    if (d->n_params && !d->params)
        return sal_fail_(err, SAL_E_ARG, "adapter '%s': %zu parameters but no descriptions",
                         ops->adapter, d->n_params);
    for (size_t i = 0; i < d->n_params; i++) {
        if (!d->params[i].name)
            return sal_fail_(err, SAL_E_ARG, "adapter '%s': parameter %zu has no name", ops->adapter,
                             i);
        st = sal_shape_make_(d->params[i].rank, d->params[i].dims, &shape, &count, err);
        if (st != SAL_OK) return st;
        if (!count)
            return sal_fail_(err, SAL_E_SHAPE, "adapter '%s': parameter '%s' has no elements",
                             ops->adapter, d->params[i].name);
    }
    return SAL_OK;
}

static sal_status read_params(sal_model *m, sal_params *p, sal_error *err)
{
    for (size_t i = 0; i < p->n; i++) {
        float *values;
        sal_status st = sal_params_edit_(p, i, &values, err);
        if (st != SAL_OK) return st;
        int code = m->ops->get_params(m->self, i, values);
        if (code) return sal_callback_failed_(m, "get_params", code, err);
    }
    return SAL_OK;
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
    for (size_t i = 0; i < d->n_params; i++) {
        counts[i] = 1;
        for (size_t k = 0; k < d->params[i].rank; k++) counts[i] *= (size_t)d->params[i].dims[k];
    }
    sal_status st = sal_model_set_layers_(m, err);
    if (st == SAL_OK) st = sal_params_create_for_(m->env, d->n_params, counts, &m->params, err);
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
    sal_status st = code ? sal_callback_failed_(m, "describe", code, err)
                         : check_description(ops, &d, err);
    if (st == SAL_OK) st = fill(m, &d, err);
    if (st == SAL_OK) *out = m;
    else sal_model_free(m);
    return st;
}

/* loaded is the one part of a const model that moves: it mirrors the engine, not the model. */
sal_status sal_model_load_(const sal_model *m, const sal_params *p, sal_error *err)
{
    sal_params *loaded = m->loaded;
    for (size_t i = 0; i < m->n_params; i++) {
        if (sal_params_get(loaded, i) == sal_params_get(p, i)) continue;
        int code = m->ops->set_params(m->self, i, sal_params_get(p, i));
        if (code) return sal_callback_failed_(m, "set_params", code, err);
        sal_params_share_(loaded, i, p);
    }
    return SAL_OK;
}

sal_status sal_model_restore_(const sal_model *m, sal_error *err)
{
    if (!m->ops || !m->params) return SAL_OK;
    sal_status st = SAL_OK;
    for (size_t i = 0; i < m->n_params; i++) { /* all of them, even after an error */
        int code = m->ops->set_params(m->self, i, sal_params_get(m->params, i));
        if (code && st == SAL_OK) st = sal_callback_failed_(m, "set_params (restoring)", code, err);
        sal_params_share_(m->loaded, i, m->params);
    }
    return st;
}
