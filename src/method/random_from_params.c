/* method/random_from_params.c - standard normals seeded by the bits of all parameters and of the
 * input: the same for the same model, unrelated for any other. It passes every test that asks
 * whether a map depends on the parameters, and explains nothing. */
#include "method/method.h"

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    (void)w;
    (void)err;
    size_t width = m->model->input_count;
    const sal_params *last = NULL;
    uint64_t digest = 0;
    for (size_t i = 0; i < n; i++) {
        const sal_params *p = jobs[i].job.params ? jobs[i].job.params : m->model->params;
        if (p != last) digest = sal_params_digest_(p);
        last = p;
        uint64_t input = sal_hash_(0, jobs[i].job.x, width * sizeof(float));
        sal_rng rng = sal_rng_for(digest, "random-from-params", input);
        for (size_t k = 0; k < width; k++) maps[i * width + k] = (float)sal_rng_normal_(&rng);
    }
    return SAL_OK;
}

const sal_method_def sal_method_random_from_params = {
    .info = {.name = SAL_RANDOM_FROM_PARAMS,
             .summary = "noise that the parameters and the input determine",
             .source = "control",
             .is_control = true},
    .needs_params = true,
    .explain = explain,
};
