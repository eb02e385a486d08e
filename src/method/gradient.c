/* method/gradient.c - E = dS_c/dx, signed. */
#include "method/jobs.h"

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    return sal_method_gradients_(m, w, n, jobs, NULL, maps, err);
}

const sal_method_def sal_method_gradient = {
    .info = {.name = SAL_GRADIENT,
             .summary = "gradient of the class's logit with respect to the input",
             .source = "Simonyan, Vedaldi & Zisserman 2013"},
    .needs_gradient = true,
    .explain = explain,
};
