/* method/jobs.h - blocks of evaluations, as most methods need them. */
#ifndef SAL_METHOD_JOBS_H
#define SAL_METHOD_JOBS_H

#include "method/method.h"

/* maps [n, input] = the gradient of each job under rules (NULL: plain). */
sal_status sal_method_gradients_(const sal_method *m, sal_worker *w, size_t n,
                                 const sal_explain_job *jobs, const sal_backward_rules *rules,
                                 float *maps, sal_error *err);

#endif
