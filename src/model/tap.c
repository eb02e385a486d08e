/* model/tap.c - finds the activation that Grad-CAM looks at. */
#include "model/model.h"

#include <string.h>

static bool has_plane(const sal_shape *s)
{
    return s->rank >= 3 && s->rank <= 4 && sal_shape_count_from_(s, 2) > 1;
}

static void set_tap(sal_tap *tap, sal_value v, const sal_shape *s)
{
    *tap = (sal_tap){.value = v,
                     .channels = (size_t)s->dims[1],
                     .height = s->rank == 4 ? (size_t)s->dims[2] : 1,
                     .width = (size_t)s->dims[s->rank - 1]};
}

/* The last rectified activation with a plane that leads to the logits; without one, the last
 * convolution. */
static sal_value default_value(const sal_graph *g, const bool *leads)
{
    static const char *const rectifiers[] = {"Relu", "LeakyRelu", "Sigmoid", "Tanh", "Conv"};
    for (size_t r = 0; r < sizeof rectifiers / sizeof rectifiers[0]; r++)
        for (size_t i = g->n_nodes; i-- > 0;)
            if (!strcmp(g->nodes[i].op->name, rectifiers[r]) && leads[g->nodes[i].out] &&
                has_plane(&g->values[g->nodes[i].out].shape))
                return g->nodes[i].out;
    return SAL_NO_VALUE;
}

static sal_status wrapped(const sal_model *m, const char *name, sal_tap *tap, sal_error *err)
{
    int64_t dims[3] = {0, 0, 0};
    size_t length = name ? strlen(name) : 0;
    if (!m->ops->activation || !m->ops->activation_shape)
        return sal_missing_callback_(m, "Grad-CAM", "activation or activation_shape", err);
    if (!name)
        return sal_fail_(err, SAL_E_ARG, "Grad-CAM on adapter '%s' needs a layer's name",
                         m->ops->adapter);
    if (length >= SAL_LAYER_NAME)
        return sal_fail_(err, SAL_E_ARG, "layer name '%.40s...' is longer than %d", name,
                         SAL_LAYER_NAME - 1);
    int code = m->ops->activation_shape(m->self, name, dims);
    if (code) return sal_callback_failed_(m, "activation_shape", code, err);
    for (int i = 0; i < 3; i++)
        if (dims[i] < 1 || dims[i] > 1 << 20)
            return sal_fail_(err, SAL_E_SHAPE, "layer '%s': dimension %d is %lld", name, i,
                             (long long)dims[i]);
    *tap = (sal_tap){.value = SAL_NO_VALUE,
                     .channels = (size_t)dims[0],
                     .height = (size_t)dims[1],
                     .width = (size_t)dims[2]};
    memcpy(tap->layer, name, length);
    return SAL_OK;
}

static sal_status unknown(const sal_graph *g, const char *name, sal_error *err)
{
    const char *names[256] = {NULL};
    for (size_t i = 0; i < g->n_nodes && i < 255; i++) names[i] = g->nodes[i].name;
    return sal_fail_name_(err, "layer", name, names);
}

static sal_status check_value(const sal_model *m, const char *name, sal_value v, const bool *leads,
                              sal_error *err)
{
    const sal_graph *g = m->g;
    const char *why = g->values[v].kind != SAL_IS_NODE  ? "is no node's output"
                      : !has_plane(&g->values[v].shape) ? "has no plane [C, H, W]"
                      : !leads[v]                       ? "does not lead to the logits"
                                                        : NULL;
    return why ? sal_fail_(err, SAL_E_UNSUPPORTED, "model '%s': '%s' %s", m->name, name, why)
               : SAL_OK;
}

sal_status sal_model_find_tap_(const sal_model *m, const char *name, sal_tap *tap, sal_error *err)
{
    if (m->ops) return wrapped(m, name, tap, err);
    const sal_graph *g = m->g;
    bool *leads = sal_alloc_array_(m->env, g->n_values, sizeof *leads);
    if (!leads) return sal_no_memory_(err, "a layer's place");
    sal_graph_leads_to_(g, m->logits, leads);
    sal_value v = name ? sal_graph_find(g, name) : default_value(g, leads);
    sal_status st = SAL_OK;
    if (v != SAL_NO_VALUE)
        st = check_value(m, g->values[v].name, v, leads, err);
    else if (name)
        st = unknown(g, name, err);
    else
        st = sal_fail_(err, SAL_E_UNSUPPORTED,
                       "model '%s': no activation has a plane [C, H, W] to look at", m->name);
    if (st == SAL_OK) set_tap(tap, v, &g->values[v].shape);
    sal_free_(m->env, leads);
    return st;
}
