/* randomise/re_estimate.c - batch norm statistics of a changed network, measured on inputs. Layer by
 * layer from the first: a later layer sees what the new statistics before it make. */
#include "randomise/randomise.h"

extern const sal_op_def sal_op_batch_norm;

enum { MOST = 256 }; /* inputs looked at */

/* Mean and variance per channel of data [n, channels, plane]. */
static void measure(size_t n, size_t channels, size_t plane, const float *data, float *mean,
                    float *variance)
{
    for (size_t c = 0; c < channels; c++) {
        double sum = 0, square = 0, count = (double)(n * plane);
        for (size_t i = 0; i < n; i++)
            for (size_t p = 0; p < plane; p++) sum += (double)data[(i * channels + c) * plane + p];
        for (size_t i = 0; i < n; i++)
            for (size_t p = 0; p < plane; p++) {
                double d = (double)data[(i * channels + c) * plane + p] - sum / count;
                square += d * d;
            }
        mean[c] = (float)(sum / count);
        variance[c] = (float)(square / count);
    }
}

static sal_status one_norm(const sal_model *m, const sal_node *node, const sal_tensor *inputs,
                           sal_params *p, sal_error *err)
{
    const sal_graph *g = m->g;
    const sal_params *all[MOST];
    const float *x[1] = {inputs->data};
    size_t n = (size_t)inputs->shape.dims[0];
    if (n > MOST) n = MOST;
    sal_plan *plan;
    sal_wish wish = {.batch = n, .output = node->in[0]};
    sal_status st = sal_plan_create_(g, &wish, &plan, err);
    if (st != SAL_OK) return st;
    for (size_t i = 0; i < n; i++) all[i] = p;
    sal_plan_forward_(plan, n, x, all);
    const sal_shape *s = &g->values[node->in[0]].shape;
    float *mean, *variance;
    st = sal_params_edit_(p, g->values[node->in[3]].index, &mean, err);
    if (st == SAL_OK) st = sal_params_edit_(p, g->values[node->in[4]].index, &variance, err);
    if (st == SAL_OK)
        measure(n, (size_t)s->dims[1], sal_shape_count_from_(s, 2), sal_plan_value_(plan, node->in[0]),
                mean, variance);
    sal_plan_free_(plan);
    return st;
}

sal_status sal_re_estimate_norm_(const sal_model *m, const sal_tensor *inputs, sal_params *p,
                                 sal_error *err)
{
    sal_status st = sal_model_check_input_(m, inputs, err);
    for (size_t i = 0; st == SAL_OK && i < m->g->n_nodes; i++)
        if (m->g->nodes[i].op == &sal_op_batch_norm) st = one_norm(m, &m->g->nodes[i], inputs, p, err);
    return st;
}
