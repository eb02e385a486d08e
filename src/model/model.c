/* model/model.c - what every model has: its life, layers, checks of inputs and parameters. */
#include "model/layers.h"

#include <string.h>

void sal_model_free(sal_model *m)
{
    if (!m) return;
    sal_params_free(m->params);
    sal_params_free(m->loaded);
    sal_free_(m->env, m->lost);
    sal_free_(m->env, m->spare);
    sal_free_(m->env, m->layer_of);
    sal_free_(m->env, (void *)m->layers);
    sal_free_(m->env, (void *)m->blocks);
    sal_free_(m->env, m->block_of);
    sal_free_(m->env, m->has_weights);
    sal_free_(m->env, m->block_names);
    sal_free_(m->env, m->own_infos);
    sal_free_(m->env, m->name);
    sal_free_(m->env, m);
}

/* Each layer with weights or biases is a block. */
static void make_blocks(sal_model *m)
{
    for (size_t i = 0; i < m->n_params; i++)
        if (sal_is_weight_(m->infos[i].role)) m->has_weights[m->layer_of[i]] = true;
    for (size_t k = 0; k < m->n_layers; k++) {
        if (m->has_weights[k]) m->blocks[m->n_blocks++] = m->layers[k];
        m->block_of[k] = m->n_blocks ? m->n_blocks - 1 : 0;
    }
}

sal_status sal_model_set_layers_(sal_model *m, sal_error *err)
{
    m->layer_of = sal_alloc_zero_(m->env, m->n_params + 1, sizeof *m->layer_of);
    m->layers = sal_alloc_zero_(m->env, m->n_params + 1, sizeof *m->layers);
    m->blocks = sal_alloc_zero_(m->env, m->n_params + 1, sizeof *m->blocks);
    m->block_of = sal_alloc_zero_(m->env, m->n_params + 1, sizeof *m->block_of);
    m->has_weights = sal_alloc_zero_(m->env, m->n_params + 1, sizeof *m->has_weights);
    if (!m->layer_of || !m->layers || !m->blocks || !m->block_of || !m->has_weights)
        return sal_no_memory_(err, "a model");
    for (size_t i = 0; i < m->n_params; i++) {
        const char *layer = m->infos[i].layer ? m->infos[i].layer : m->infos[i].name;
        size_t k = 0;
        while (k < m->n_layers && strcmp(m->layers[k], layer) != 0) k++;
        if (k == m->n_layers) m->layers[m->n_layers++] = layer;
        m->layer_of[i] = k;
    }
    make_blocks(m);
    return SAL_OK;
}

sal_status sal_model_check_params_(const sal_model *m, sal_error *err)
{
    for (size_t i = 0; i < m->n_params; i++) {
        size_t n = sal_params_size(m->params, i);
        size_t bad = sal_first_not_finite_(n, sal_params_get(m->params, i));
        if (bad < n)
            return sal_fail_(err, SAL_E_VALUE,
                             "model '%s': parameter '%s', element %zu is not finite", m->name,
                             m->infos[i].name, bad);
    }
    return SAL_OK;
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

size_t sal_model_block_count(const sal_model *m)
{
    return m->n_blocks;
}

const char *sal_model_block_name(const sal_model *m, size_t block)
{
    return block < m->n_blocks ? m->blocks[block] : NULL;
}

size_t sal_model_block_of(const sal_model *m, size_t layer)
{
    size_t block = layer < m->n_layers ? m->block_of[layer] : SAL_NO_BLOCK;
    return block < m->n_blocks ? block : m->n_blocks;
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
