/* method/smoothgrad_squared.c - E = mean over noisy copies of the input of (dS_c/dx)^2. */
#include "method/noise.h"

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    return sal_noise_explain_(m, w, n, jobs, SAL_MEAN_OF_SQUARES, maps, err);
}

const sal_method_def sal_method_smoothgrad_squared = {
    .info = {.name = SAL_SMOOTHGRAD_SQUARED,
             .summary = "mean squared gradient over noisy copies of the input",
             .source = "Hooker et al. 2019",
             .options = SAL_NOISE_OPTIONS,
             .is_stochastic = true},
    .needs_gradient = true,
    .setup = sal_noise_setup_,
    .explain = explain,
};
