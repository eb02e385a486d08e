/* graph/run.c - runs a plan: forward in order, backward in reverse. Images whose parameters for a
 * node are the same memory are taken in one call. */
#include "graph/plan_impl.h"
#include "tensor/blas.h"

#include <string.h>

static float *place_of(const sal_plan *p, const sal_buffer *b, size_t image)
{
    return b->count ? p->workspace + b->at + image * b->count : NULL;
}

static const float *data_of(const sal_plan *p, sal_value v, size_t image)
{
    const sal_value_info *info = &p->g->values[v];
    switch (info->kind) {
    case SAL_IS_INPUT:
        return p->inputs[info->index] + image * sal_value_count_(p->g, v);
    case SAL_IS_PARAM:
        return sal_params_get(p->params[image], info->index);
    case SAL_IS_NODE:
        break;
    }
    return place_of(p, &p->value[v], image);
}

/* Images from `first` on that use the same memory for all of the node's parameters. */
static size_t group_size(const sal_plan *p, const sal_node *n, size_t first)
{
    if (!n->attrs.fixed_) return p->n - first;
    size_t count = 1;
    for (; first + count < p->n; count++) {
        const sal_params *a = p->params[first], *b = p->params[first + count];
        if (a == b) continue;
        for (size_t k = 0; k < n->n_in; k++) {
            size_t i = p->g->values[n->in[k]].index;
            if (p->g->values[n->in[k]].kind == SAL_IS_PARAM &&
                sal_params_get(a, i) != sal_params_get(b, i))
                return count;
        }
    }
    return count;
}

static sal_op_call call_of(sal_plan *p, size_t i, size_t first, size_t n)
{
    const sal_node *node = &p->g->nodes[i];
    for (size_t k = 0; k < node->n_in; k++) p->in[k] = data_of(p, node->in[k], first);
    return (sal_op_call){.attrs = &node->attrs,
                         .n = n,
                         .n_in = node->n_in,
                         .in = p->in,
                         .in_shape = node->in_shape,
                         .out_shape = &p->g->values[node->out].shape,
                         .n_out = n * p->value[node->out].count,
                         .keep = place_of(p, &p->keep[i], first),
                         .scratch = p->workspace + p->workspace_count};
}

void sal_plan_forward_(sal_plan *p, size_t n, const float *const *inputs,
                       const sal_params *const *params)
{
    sal_blas_start_(p->g->env);
    p->n = n;
    for (size_t k = 0; k < p->g->n_inputs; k++) p->inputs[k] = inputs[k];
    for (size_t k = 0; k < n; k++) p->params[k] = params[k];
    for (size_t i = 0; i < p->g->n_nodes; i++) {
        const sal_node *node = &p->g->nodes[i];
        for (size_t first = 0, count; p->runs[i] && first < n; first += count) {
            count = group_size(p, node, first);
            sal_op_call c = call_of(p, i, first, count);
            node->op->forward(&c, place_of(p, &p->value[node->out], first));
        }
    }
}

/* The gradients that this node is the first to add to, in the order of the backward pass. */
static void clear_new_gradients(sal_plan *p, size_t i)
{
    const sal_node *node = &p->g->nodes[i];
    size_t now = 2 * p->g->n_nodes - i;
    for (size_t k = 0; k < node->n_in; k++) {
        const sal_buffer *b = &p->gradient[node->in[k]];
        if (b->count && b->from == now)
            memset(p->workspace + b->at, 0, p->n * b->count * sizeof(float));
    }
}

void sal_plan_backward_(sal_plan *p, const float *seed, float *const *param_gradients)
{
    const sal_graph *g = p->g;
    const sal_buffer *start = &p->gradient[p->output];
    if (!start->count) return;
    memcpy(p->workspace + start->at, seed, p->n * start->count * sizeof(float));
    for (size_t i = g->n_nodes; i-- > 0;) {
        const sal_node *node = &g->nodes[i];
        if (!p->returns[i]) continue;
        clear_new_gradients(p, i);
        for (size_t first = 0, count; first < p->n; first += count) {
            count = group_size(p, node, first);
            sal_op_call c = call_of(p, i, first, count);
            c.out = place_of(p, &p->value[node->out], first);
            for (size_t k = 0; k < node->n_in; k++) {
                const sal_value_info *info = &g->values[node->in[k]];
                if (info->kind == SAL_IS_PARAM)
                    p->gx[k] = param_gradients ? param_gradients[info->index] : NULL;
                else
                    p->gx[k] = place_of(p, &p->gradient[node->in[k]], first);
            }
            p->backward[i](&c, place_of(p, &p->gradient[node->out], first), p->gx);
        }
    }
}

const float *sal_plan_value_(const sal_plan *p, sal_value v)
{
    return data_of(p, v, 0);
}

const float *sal_plan_gradient_(const sal_plan *p, sal_value v)
{
    return place_of(p, &p->gradient[v], 0);
}
