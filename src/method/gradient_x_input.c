/* method/gradient_x_input.c - E = x * dS_c/dx, element by element. */
#include "method/jobs.h"

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    size_t width = m->model->input_count;
    sal_status st = sal_method_gradients_(m, w, n, jobs, NULL, maps, err);
    for (size_t i = 0; st == SAL_OK && i < n; i++)
        for (size_t k = 0; k < width; k++) maps[i * width + k] *= jobs[i].job.x[k];
    return st;
}

const sal_method_def sal_method_gradient_x_input = {
    .info = {.name = SAL_GRADIENT_X_INPUT,
             .summary = "gradient times input",
             .source = "Shrikumar et al. 2016"},
    .needs_gradient = true,
    .explain = explain,
};
