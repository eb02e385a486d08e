/* method/random.c - standard normals from the input's own noise: follows neither parameters nor
 * input, and is not the same twice. */
#include "method/method.h"

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    (void)w;
    (void)err;
    size_t width = m->model->input_count;
    for (size_t i = 0; i < n; i++) {
        sal_rng rng = sal_rng_for(jobs[i].noise, "random", 0);
        for (size_t k = 0; k < width; k++) maps[i * width + k] = (float)sal_rng_normal_(&rng);
    }
    return SAL_OK;
}

const sal_method_def sal_method_random = {
    .info = {.name = SAL_RANDOM,
             .summary = "noise, anew each time",
             .source = "control",
             .is_control = true,
             .is_stochastic = true,
             .ignores_model = true},
    .explain = explain,
};
