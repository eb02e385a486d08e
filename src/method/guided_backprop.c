/* method/guided_backprop.c - the gradient, but at each ReLU only what is positive going up and was
 * positive coming down passes: g_in = g_out where g_out > 0 and z > 0. */
#include "method/rules.h"

static void guided_relu(const sal_op_call *c, const float *gy, float *const *gx)
{
    const float *z = c->in[0];
    for (size_t i = 0; gx[0] && i < c->n_out; i++)
        gx[0][i] += z[i] > 0.0f && gy[i] > 0.0f ? gy[i] : 0.0f;
}

/* A Clip is a ReLU with a lid (ReLU6): nothing passes at either bound or beyond. */
static void guided_clip(const sal_op_call *c, const float *gy, float *const *gx)
{
    const float *z = c->in[0], *y = c->out;
    float low = (float)c->attrs->low, high = (float)c->attrs->high;
    bool bounded = low < 0.0f || low > 0.0f || high < 0.0f || high > 0.0f;
    for (size_t i = 0; gx[0] && i < c->n_out; i++) {
        bool inside = !bounded || (z[i] > low && z[i] < high);
        gx[0][i] += inside && y[i] > 0.0f && gy[i] > 0.0f ? gy[i] : 0.0f;
    }
}

static const sal_backward_rule rows[] = {{"Clip", guided_clip}, {"Relu", guided_relu}};
const sal_backward_rules sal_guided_rules_ = {sizeof rows / sizeof rows[0], rows};

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    return sal_method_gradients_(m, w, n, jobs, &sal_guided_rules_, maps, err);
}

const sal_method_def sal_method_guided_backprop = {
    .info = {.name = SAL_GUIDED_BACKPROP,
             .summary = "gradient that only positive signals pass at each ReLU",
             .source = "Springenberg et al. 2015"},
    .needs_gradient = true,
    .needs_graph = true,
    .setup = sal_rules_setup_,
    .explain = explain,
};
