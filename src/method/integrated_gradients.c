/* method/integrated_gradients.c - E = (x - x0) * sum_k w_k dS_c/dx at x0 + a_k (x - x0). */
#include "method/path.h"

typedef struct {
    const sal_method *m;
    const sal_explain_job *jobs;
    sal_path path;
    double *sum; /* [input] */
    float *maps;
} state;

static void place(void *self, size_t job, size_t step, float *x)
{
    state *s = self;
    sal_path_point_(s->m, s->path.share[step], s->jobs[job].job.x, x);
}

static void take(void *self, size_t job, size_t step, const float *gradient)
{
    state *s = self;
    size_t n = s->m->model->input_count;
    const float *x = s->jobs[job].job.x;
    for (size_t i = 0; i < n; i++)
        s->sum[i] = (step ? s->sum[i] : 0) + s->path.weight[step] * (double)gradient[i];
    for (size_t i = 0; step + 1 == s->path.steps && i < n; i++)
        s->maps[job * n + i] = (float)(((double)x[i] - s->m->baseline) * s->sum[i]);
}

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    state s = {.m = m, .jobs = jobs, .maps = maps};
    sal_status st = sal_path_make_(m, &s.path, err);
    if (st != SAL_OK) return st;
    s.sum = sal_method_scratch_(m, m->model->input_count, sizeof *s.sum);
    sal_points points = {.count = m->steps, .self = &s, .place = place, .take = take};
    st = s.sum ? sal_method_at_points_(m, w, n, jobs, &points, err)
               : sal_no_memory_(err, m->def->info.name);
    sal_method_release_(m, s.sum);
    sal_path_free_(m, &s.path);
    return st;
}

const sal_method_def sal_method_integrated_gradients = {
    .info = {.name = SAL_INTEGRATED_GRADIENTS,
             .summary = "gradient averaged on the way from a baseline, times the way",
             .source = "Sundararajan, Taly & Yan 2017",
             .options = SAL_PATH_OPTIONS},
    .needs_gradient = true,
    .setup = sal_path_setup_,
    .explain = explain,
};
