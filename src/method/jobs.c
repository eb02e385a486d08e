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

static sal_status run_points(const sal_method *m, sal_worker *w, size_t n, size_t block,
                             const sal_explain_job *jobs, const sal_points *p, float *x,
                             sal_job *evaluations, sal_error *err)
{
    size_t width = m->model->input_count, total = n * p->count;
    float *gradients = x + block * width;
    for (size_t first = 0; first < total; first += block) {
        size_t count = total - first < block ? total - first : block;
        for (size_t i = 0; i < count; i++) {
            size_t job = (first + i) / p->count;
            p->place(p->self, job, (first + i) % p->count, x + i * width);
            evaluations[i] = jobs[job].job;
            evaluations[i].x = x + i * width;
        }
        sal_status st = sal_worker_gradient_(w, count, evaluations, NULL, gradients, NULL, err);
        if (st != SAL_OK) return st;
        for (size_t i = 0; i < count; i++)
            p->take(p->self, (first + i) / p->count, (first + i) % p->count, gradients + i * width);
    }
    return SAL_OK;
}

sal_status sal_method_at_points_(const sal_method *m, sal_worker *w, size_t n,
                                 const sal_explain_job *jobs, const sal_points *points,
                                 sal_error *err)
{
    size_t block = sal_worker_batch_(w), total = n * points->count;
    if (block > total) block = total;
    float *x = sal_method_scratch_(m, 2 * block * m->model->input_count, sizeof *x);
    sal_job *evaluations = sal_method_scratch_(m, block, sizeof *evaluations);
    sal_status st = x && evaluations ? run_points(m, w, n, block, jobs, points, x, evaluations, err)
                                     : sal_no_memory_(err, m->def->info.name);
    sal_method_release_(m, evaluations);
    sal_method_release_(m, x);
    return st;
}

static sal_status run_logit_points(const sal_method *m, sal_worker *w, size_t n, size_t block,
                                   const sal_explain_job *jobs, const sal_logit_points *p, float *x,
                                   sal_job *evaluations, sal_error *err)
{
    size_t width = m->model->input_count, outputs = m->model->outputs, total = n * p->count;
    float *logits = x + block * width;
    for (size_t first = 0; first < total; first += block) {
        size_t count = total - first < block ? total - first : block;
        for (size_t i = 0; i < count; i++) {
            size_t job = (first + i) / p->count;
            p->place(p->self, job, (first + i) % p->count, x + i * width);
            evaluations[i] = jobs[job].job;
            evaluations[i].x = x + i * width;
        }
        sal_status st = sal_worker_logits_(w, count, evaluations, logits, err);
        if (st != SAL_OK) return st;
        for (size_t i = 0; i < count; i++)
            p->take(p->self, (first + i) / p->count, (first + i) % p->count,
                    (double)logits[i * outputs + (size_t)evaluations[i].target]);
    }
    return SAL_OK;
}

sal_status sal_method_logits_at_points_(const sal_method *m, sal_worker *w, size_t n,
                                        const sal_explain_job *jobs, const sal_logit_points *points,
                                        sal_error *err)
{
    size_t block = sal_worker_batch_(w), total = n * points->count;
    if (block > total) block = total;
    float *x =
        sal_method_scratch_(m, block * (m->model->input_count + m->model->outputs), sizeof *x);
    sal_job *evaluations = sal_method_scratch_(m, block, sizeof *evaluations);
    sal_status st = x && evaluations
                        ? run_logit_points(m, w, n, block, jobs, points, x, evaluations, err)
                        : sal_no_memory_(err, m->def->info.name);
    sal_method_release_(m, evaluations);
    sal_method_release_(m, x);
    return st;
}
