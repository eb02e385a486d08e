/* method/input.c - E = x: what a method shows that only multiplies by the input. */
#include "method/method.h"

#include <string.h>

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    (void)w;
    (void)err;
    size_t width = m->model->input_count;
    for (size_t i = 0; i < n; i++) memcpy(maps + i * width, jobs[i].job.x, width * sizeof *maps);
    return SAL_OK;
}

const sal_method_def sal_method_input = {
    .info = {.name = SAL_INPUT,
             .summary = "the input itself",
             .source = "control",
             .is_control = true,
             .ignores_model = true},
    .explain = explain,
};
