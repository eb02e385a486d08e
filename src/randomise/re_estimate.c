/* randomise/re_estimate.c - batch norm statistics of a changed network, measured on inputs. Layer by
 * layer from the first: a later layer sees what the new statistics before it make. Norms that see
 * no change keep theirs. */
#include "randomise/randomise.h"

extern const sal_op_def sal_op_batch_norm;

enum { MOST = 256 }; /* inputs looked at */

typedef struct {
    double count, mean, square; /* sum of squares about the mean */
} moments;

/* Adds data [n, channels, plane] to the moments of each channel (Chan, Golub & LeVeque 1983). */
static void add_moments(size_t n, size_t channels, size_t plane, const float *data, moments *all)
{
    for (size_t c = 0; c < channels; c++) {
        moments m = {.count = (double)(n * plane)}, *a = &all[c];
        for (size_t i = 0; i < n; i++)
            for (size_t p = 0; p < plane; p++)
                m.mean += (double)data[(i * channels + c) * plane + p];
        m.mean /= m.count;
        for (size_t i = 0; i < n; i++)
            for (size_t p = 0; p < plane; p++) {
                double d = (double)data[(i * channels + c) * plane + p] - m.mean;
                m.square += d * d;
            }
        double d = m.mean - a->mean, count = a->count + m.count;
        a->mean += d * m.count / count;
        a->square += m.square + d * d * a->count * m.count / count;
        a->count = count;
    }
}

/* Moments per channel of what the node takes in, over the inputs, as many at a time as the memory
 * limit allows. */
static sal_status measure(const sal_model *m, const sal_node *node, const sal_tensor *inputs,
                          const sal_params *p, moments *all, sal_error *err)
{
    const sal_params *same[MOST];
    size_t n = (size_t)inputs->shape.dims[0], count;
    if (n > MOST) n = MOST;
    for (size_t i = 0; i < n; i++) same[i] = p;
    size_t limit = m->env && m->env->memory_limit ? m->env->memory_limit : (size_t)1 << 30;
    sal_wish wish = {.batch = n, .limit = limit, .output = node->in[0]};
    const sal_shape *s = &node->in_shape[0];
    sal_plan *plan;
    sal_status st = sal_plan_create_(m->g, &wish, &plan, err);
    if (st != SAL_OK) return st;
    for (size_t first = 0; first < n; first += count) {
        const float *x[1] = {inputs->data + first * m->input_count};
        count = n - first < sal_plan_batch_(plan) ? n - first : sal_plan_batch_(plan);
        sal_plan_forward_(plan, count, x, same);
        add_moments(count, (size_t)s->dims[1], sal_shape_count_from_(s, 2),
                    sal_plan_value_(plan, node->in[0]), all);
    }
    sal_plan_free_(plan);
    return SAL_OK;
}

static sal_status one_norm(const sal_model *m, const sal_node *node, const sal_tensor *inputs,
                           sal_params *p, sal_error *err)
{
    size_t channels = (size_t)node->in_shape[0].dims[1];
    float *mean, *variance;
    moments *all = sal_alloc_zero_(m->env, channels, sizeof *all);
    if (!all) return sal_no_memory_(err, "batch norm statistics");
    sal_status st = measure(m, node, inputs, p, all, err);
    if (st == SAL_OK) st = sal_params_edit_(p, m->g->values[node->in[3]].index, &mean, err);
    if (st == SAL_OK) st = sal_params_edit_(p, m->g->values[node->in[4]].index, &variance, err);
    for (size_t c = 0; st == SAL_OK && c < channels; c++) {
        mean[c] = (float)all[c].mean;
        variance[c] = (float)(all[c].square / all[c].count);
    }
    sal_free_(m->env, all);
    return st;
}

sal_status sal_re_estimate_norm_(const sal_model *m, const sal_tensor *inputs, sal_params *p,
                                 sal_error *err)
{
    const sal_graph *g = m->g;
    sal_status st = sal_model_check_input_(m, inputs, err);
    if (st != SAL_OK) return st;
    bool *changed = sal_alloc_zero_(m->env, g->n_values, sizeof *changed);
    if (!changed) return sal_no_memory_(err, "batch norm statistics");
    for (size_t i = 0; i < g->n_params; i++) /* a tensor that was not written to is still shared */
        changed[g->params[i].value] = sal_params_get(p, i) != sal_params_get(m->params, i);
    for (size_t i = 0; st == SAL_OK && i < g->n_nodes; i++) {
        const sal_node *n = &g->nodes[i];
        for (size_t k = 0; k < n->n_in; k++) changed[n->out] = changed[n->out] || changed[n->in[k]];
        if (changed[n->out] && n->op == &sal_op_batch_norm) st = one_norm(m, n, inputs, p, err);
    }
    sal_free_(m->env, changed);
    return st;
}
