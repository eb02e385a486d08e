/* model/model.c - models of graphs, what all models share, and the public evaluations. */
#include "model/layers.h"

#include <string.h>

void sal_model_free(sal_model *m)
{
    if (!m) return;
    sal_params_free(m->params);
    sal_params_free(m->loaded);
    sal_free_(m->env, m->layer_of);
    sal_free_(m->env, (void *)m->layers);
    sal_free_(m->env, m->own_infos);
    sal_free_(m->env, m->name);
    sal_free_(m->env, m);
}

sal_status sal_model_set_layers_(sal_model *m, sal_error *err)
{
    m->layer_of = sal_alloc_zero_(m->env, m->n_params + 1, sizeof *m->layer_of);
    m->layers = sal_alloc_zero_(m->env, m->n_params + 1, sizeof *m->layers);
    if (!m->layer_of || !m->layers) return sal_no_memory_(err, "a model");
    for (size_t i = 0; i < m->n_params; i++) {
        const char *layer = m->infos[i].layer ? m->infos[i].layer : m->infos[i].name;
        size_t k = 0;
        while (k < m->n_layers && strcmp(m->layers[k], layer) != 0) k++;
        if (k == m->n_layers) m->layers[m->n_layers++] = layer;
        m->layer_of[i] = k;
    }
    return SAL_OK;
}

sal_status sal_model_check_params_(const sal_model *m, sal_error *err)
{
    for (size_t i = 0; i < m->n_params; i++) {
        size_t n = sal_params_size(m->params, i);
        size_t bad = sal_first_not_finite_(n, sal_params_get(m->params, i));
        if (bad < n)
            return sal_fail_(err, SAL_E_VALUE, "model '%s': parameter '%s', element %zu is not finite",
                             m->name, m->infos[i].name, bad);
    }
    return SAL_OK;
}

static sal_status from_graph(sal_model *m, const sal_params *p, sal_error *err)
{
    const sal_graph *g = m->g;
    m->input = g->values[m->input_value].shape;
    m->input_count = sal_value_count_(g, m->input_value);
    m->outputs = sal_value_count_(g, m->logits);
    m->n_params = g->n_params;
    m->name = sal_copy_text_(m->env, g->name);
    m->own_infos = sal_alloc_zero_(m->env, g->n_params + 1, sizeof *m->own_infos);
    if (!m->name || !m->own_infos) return sal_no_memory_(err, "a model");
    for (size_t i = 0; i < g->n_params; i++) m->own_infos[i] = g->params[i].info;
    m->infos = m->own_infos;
    sal_status st = sal_model_set_layers_(m, err);
    if (st == SAL_OK) st = sal_params_clone(p, &m->params, err);
    return st == SAL_OK ? sal_model_check_params_(m, err) : st;
}

sal_status sal_model_from_graph(const sal_graph *g, sal_value input, sal_value logits,
                                const sal_params *p, sal_model **out, sal_error *err)
{
    if (!g || !p || !out) return sal_fail_(err, SAL_E_ARG, "graph, parameters or out is NULL");
    sal_status st = sal_graph_check(g, err);
    if (st != SAL_OK) return st;
    if (input < 0 || (size_t)input >= g->n_values || g->values[input].kind != SAL_IS_INPUT ||
        logits < 0 || (size_t)logits >= g->n_values || g->values[logits].kind != SAL_IS_NODE ||
        g->n_inputs != 1)
        return sal_fail_(err, SAL_E_ARG, "a model needs one input of the graph and a node's output");
    st = sal_params_belong_(g, p, err);
    if (st != SAL_OK) return st;
    sal_model *m = sal_alloc_zero_(g->env, 1, sizeof *m);
    if (!m) return sal_no_memory_(err, "a model");
    m->env = g->env;
    m->g = g;
    m->input_value = input;
    m->logits = logits;
    st = from_graph(m, p, err);
    if (st == SAL_OK) *out = m;
    else sal_model_free(m);
    return st;
}

const char *sal_model_get_name(const sal_model *m)
{
    return m->name;
}

size_t sal_model_outputs(const sal_model *m)
{
    return m->outputs;
}

size_t sal_model_input_shape(const sal_model *m, int64_t dims[SAL_MAX_RANK])
{
    memcpy(dims, m->input.dims + 1, (m->input.rank - 1) * sizeof dims[0]);
    return m->input.rank - 1;
}

size_t sal_model_layer_count(const sal_model *m)
{
    return m->n_layers;
}

const char *sal_model_layer_name(const sal_model *m, size_t layer)
{
    return layer < m->n_layers ? m->layers[layer] : NULL;
}

sal_model sal_model_view_(const sal_model *m, const sal_params *p, sal_worker *w)
{
    sal_model view = *m;
    view.params = (sal_params *)(uintptr_t)p; /* read only: a view is handed out as const */
    view.worker = w;
    return view;
}

uint64_t sal_params_digest_(const sal_params *p)
{
    uint64_t digest = 0;
    for (size_t i = 0; i < p->n; i++) {
        const float *v = sal_params_get(p, i);
        uint64_t h = UINT64_C(0x9E3779B97F4A7C15) + i;
        for (size_t k = 0; k < sal_params_size(p, i); k++) {
            uint32_t bits;
            memcpy(&bits, &v[k], sizeof bits);
            h = (h ^ bits) * UINT64_C(0xD6E8FEB86659FD93);
            h ^= h >> 32;
        }
        digest = sal_hash_(digest, &h, sizeof h);
    }
    return digest;
}

sal_status sal_model_check_input_(const sal_model *m, const sal_tensor *x, sal_error *err)
{
    if (!m || !x) return sal_fail_(err, SAL_E_ARG, "model or inputs is NULL");
    sal_shape want = m->input;
    want.dims[0] = sal_tensor_dim(x, 0);
    if (sal_shape_equal_(&want, &x->shape) && want.dims[0] > 0) {
        size_t bad = sal_first_not_finite_(x->count, x->data);
        if (bad == x->count) return SAL_OK;
        return sal_fail_(err, SAL_E_VALUE, "model '%s': input %zu, element %zu is not finite",
                         m->name, bad / m->input_count, bad % m->input_count);
    }
    char got[SAL_SHAPE_TEXT], wanted[SAL_SHAPE_TEXT];
    sal_shape one = {.rank = m->input.rank - 1};
    memcpy(one.dims, m->input.dims + 1, one.rank * sizeof one.dims[0]);
    return sal_fail_(err, SAL_E_SHAPE, "model '%s': inputs are %s, wanted N >= 1 times %s", m->name,
                     sal_shape_text_(&x->shape, got, sizeof got),
                     sal_shape_text_(&one, wanted, sizeof wanted));
}

typedef sal_status evaluate(sal_worker *w, size_t n, const sal_job *jobs, float *out,
                            sal_error *err);

static sal_status plain_gradient(sal_worker *w, size_t n, const sal_job *jobs, float *out,
                                 sal_error *err)
{
    return sal_worker_gradient_(w, n, jobs, NULL, out, NULL, err);
}

/* Evaluates all inputs in blocks, on the view's worker or one made for the call. */
static sal_status for_all(const sal_model *m, const sal_tensor *x, const int64_t *target,
                          evaluate *how, size_t width, float *out, sal_error *err)
{
    enum { BLOCK = 64 };
    sal_job jobs[BLOCK];
    sal_worker *own = NULL;
    sal_status st = sal_model_check_input_(m, x, err);
    if (st != SAL_OK) return st;
    size_t n = (size_t)x->shape.dims[0];
    for (size_t i = 0; target && i < n; i++)
        if (target[i] < 0 || (size_t)target[i] >= m->outputs)
            return sal_fail_(err, SAL_E_ARG, "target %zu is %lld, wanted 0 to %zu", i,
                             (long long)target[i], m->outputs - 1);
    if (!m->worker) st = sal_worker_create_(m, n < BLOCK ? n : BLOCK, &own, err);
    for (size_t first = 0; st == SAL_OK && first < n; first += BLOCK) {
        size_t count = n - first < BLOCK ? n - first : BLOCK;
        for (size_t i = 0; i < count; i++)
            jobs[i] = (sal_job){m->params, x->data + (first + i) * m->input_count,
                                target ? target[first + i] : 0};
        st = how(own ? own : m->worker, count, jobs, out + first * width, err);
    }
    sal_worker_free_(own);
    return st;
}

sal_status sal_model_predict(const sal_model *m, const sal_tensor *x, float *logits, sal_error *err)
{
    if (!m || !logits) return sal_fail_(err, SAL_E_ARG, "model or logits is NULL");
    return for_all(m, x, NULL, sal_worker_logits_, m->outputs, logits, err);
}

sal_status sal_model_input_gradient(const sal_model *m, const sal_tensor *x, const int64_t *target,
                                    float *gradient, sal_error *err)
{
    if (!m || !target || !gradient)
        return sal_fail_(err, SAL_E_ARG, "model, target or gradient is NULL");
    return for_all(m, x, target, plain_gradient, m->input_count, gradient, err);
}
