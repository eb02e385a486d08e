/* model/graph_model.c - a model of a graph and a set of parameters. */
#include "model/layers.h"

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
        return sal_fail_(err, SAL_E_ARG,
                         "a model needs one input of the graph and a node's output");
    st = sal_params_belong_(g, p, err);
    if (st != SAL_OK) return st;
    sal_model *m = sal_alloc_zero_(g->env, 1, sizeof *m);
    if (!m) return sal_no_memory_(err, "a model");
    m->env = g->env;
    m->g = g;
    m->input_value = input;
    m->logits = logits;
    st = from_graph(m, p, err);
    if (st == SAL_OK)
        *out = m;
    else
        sal_model_free(m);
    return st;
}
