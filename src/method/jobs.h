/* method/jobs.h - blocks of evaluations, as most methods need them. */
#ifndef SAL_METHOD_JOBS_H
#define SAL_METHOD_JOBS_H

#include "method/method.h"

/* maps [n, input] = the gradient of each job under rules (NULL: plain). */
sal_status sal_method_gradients_(const sal_method *m, sal_worker *w, size_t n,
                                 const sal_explain_job *jobs, const sal_backward_rules *rules,
                                 float *maps, sal_error *err);

/* Points at which gradients are taken, `count` per job. Both callbacks are called job by job and
 * point by point, so that sums have one order whatever the batch; place runs ahead of take. */
typedef struct sal_points {
    size_t count;
    void *self;
    void (*place)(void *self, size_t job, size_t point, float *x); /* writes x [input] */
    void (*take)(void *self, size_t job, size_t point, const float *gradient);
} sal_points;

/* Evaluates in blocks of the worker's batch: memory does not follow the number of points. */
sal_status sal_method_at_points_(const sal_method *m, sal_worker *w, size_t n,
                                 const sal_explain_job *jobs, const sal_points *points,
                                 sal_error *err);

/* The same with the logit of each job's target at each point: engines without gradients can be asked. */
typedef struct sal_logit_points {
    size_t count;
    void *self;
    void (*place)(void *self, size_t job, size_t point, float *x);
    void (*take)(void *self, size_t job, size_t point, double logit);
} sal_logit_points;

sal_status sal_method_logits_at_points_(const sal_method *m, sal_worker *w, size_t n,
                                        const sal_explain_job *jobs, const sal_logit_points *points,
                                        sal_error *err);

#endif
