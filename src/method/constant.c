/* method/constant.c - E = 1 everywhere: no metric can compare it. */
#include "method/method.h"

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    (void)w;
    (void)jobs;
    (void)err;
    for (size_t i = 0; i < n * m->model->input_count; i++) maps[i] = 1.0f;
    return SAL_OK;
}

const sal_method_def sal_method_constant = {
    .info = {.name = SAL_CONSTANT,
             .summary = "1 everywhere",
             .source = "control",
             .is_control = true,
             .ignores_model = true},
    .explain = explain,
};
