/* method/deconvnet.c - the gradient, but at each ReLU what is positive coming back passes, whatever
 * went up: g_in = max(g_out, 0). Max-pools keep the places of the forward pass. */
#include "method/rules.h"

static void rectify(const sal_op_call *c, const float *gy, float *const *gx)
{
    for (size_t i = 0; gx[0] && i < c->n_out; i++) gx[0][i] += gy[i] > 0.0f ? gy[i] : 0.0f;
}

static const sal_backward_rule rows[] = {{"Clip", rectify}, {"Relu", rectify}}; /* ReLU6 */
const sal_backward_rules sal_deconvnet_rules_ = {sizeof rows / sizeof rows[0], rows};

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    return sal_method_gradients_(m, w, n, jobs, &sal_deconvnet_rules_, maps, err);
}

const sal_method_def sal_method_deconvnet = {
    .info = {.name = SAL_DECONVNET,
             .summary = "gradient with each ReLU's gate replaced by rectifying what comes back",
             .source = "Zeiler & Fergus 2014"},
    .needs_gradient = true,
    .needs_graph = true,
    .setup = sal_rules_setup_,
    .explain = explain,
};
