/* method/jobs.c - see jobs.h. */
#include "method/jobs.h"

enum { BLOCK = 32 };

sal_status sal_method_gradients_(const sal_method *m, sal_worker *w, size_t n,
                                 const sal_explain_job *jobs, const sal_backward_rules *rules,
                                 float *maps, sal_error *err)
{
    sal_status st = SAL_OK;
    for (size_t first = 0; st == SAL_OK && first < n; first += BLOCK) {
        sal_job block[BLOCK];
        size_t count = n - first < BLOCK ? n - first : BLOCK;
        for (size_t i = 0; i < count; i++) block[i] = jobs[first + i].job;
        st = sal_worker_gradient_(w, count, block, rules, maps + first * m->model->input_count,
                                  NULL, err);
    }
    return st;
}
