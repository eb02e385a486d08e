/* method/vargrad.c - E = population variance of dS_c/dx over noisy copies of the input. */
#include "method/noise.h"

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    return sal_noise_explain_(m, w, n, jobs, SAL_VARIANCE, maps, err);
}

const sal_method_def sal_method_vargrad = {
    .info = {.name = SAL_VARGRAD,
             .summary = "variance of the gradient over noisy copies of the input",
             .source = "Adebayo et al. 2018",
             .options = SAL_NOISE_OPTIONS,
             .is_stochastic = true},
    .needs_gradient = true,
    .setup = sal_noise_setup_,
    .explain = explain,
};
