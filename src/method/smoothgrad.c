/* method/smoothgrad.c - E = mean over noisy copies of the input of dS_c/dx, signed. */
#include "method/noise.h"

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    return sal_noise_explain_(m, w, n, jobs, SAL_MEAN, maps, err);
}

const sal_method_def sal_method_smoothgrad = {
    .info = {.name = SAL_SMOOTHGRAD,
             .summary = "mean gradient over noisy copies of the input",
             .source = "Smilkov et al. 2017",
             .options = SAL_NOISE_OPTIONS,
             .is_stochastic = true},
    .needs_gradient = true,
    .setup = sal_noise_setup_,
    .explain = explain,
};
