/* method/ig_sg.c - SmoothGrad of integrated gradients: the mean over noisy copies y of the input of
 * (y - x0) * sum_k w_k dS_c/dx at x0 + a_k (y - x0). Points are taken sample by sample. */
#include "method/noise.h"
#include "method/path.h"

typedef struct {
    const sal_method *m;
    const sal_explain_job *jobs;
    sal_path path;
    float *copy, *end; /* noisy copy being placed; the same one again when its path is done */
    double *along, *sum;
    float *maps;
} state;

static void noisy_copy(const state *s, size_t job, size_t sample, float *out)
{
    const sal_explain_job *j = &s->jobs[job];
    sal_noisy_input_(s->m, j, sample, sal_noise_scale_(s->m, j->job.x), out);
}

static void place(void *self, size_t job, size_t point, float *x)
{
    state *s = self;
    size_t sample = point / s->path.steps, step = point % s->path.steps;
    if (step == 0) noisy_copy(s, job, sample, s->copy);
    sal_path_point_(s->m, s->path.share[step], s->copy, x);
}

static void take(void *self, size_t job, size_t point, const float *gradient)
{
    state *s = self;
    size_t n = s->m->model->input_count;
    size_t sample = point / s->path.steps, step = point % s->path.steps;
    for (size_t i = 0; i < n; i++)
        s->along[i] = (step ? s->along[i] : 0) + s->path.weight[step] * (double)gradient[i];
    if (step + 1 < s->path.steps) return;
    noisy_copy(s, job, sample, s->end); /* place may be at another copy already */
    for (size_t i = 0; i < n; i++)
        s->sum[i] = (sample ? s->sum[i] : 0) + ((double)s->end[i] - s->m->baseline) * s->along[i];
    for (size_t i = 0; sample + 1 == s->m->samples && i < n; i++)
        s->maps[job * n + i] = (float)(s->sum[i] / (double)s->m->samples);
}

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    size_t width = m->model->input_count;
    state s = {.m = m, .jobs = jobs, .maps = maps};
    sal_status st = sal_path_make_(m, &s.path, err);
    if (st != SAL_OK) return st;
    s.copy = sal_method_scratch_(m, 2 * width, sizeof *s.copy);
    s.along = sal_method_scratch_(m, 2 * width, sizeof *s.along);
    sal_points points = {.count = m->samples * m->steps, .self = &s, .place = place, .take = take};
    if (s.copy && s.along) {
        s.end = s.copy + width;
        s.sum = s.along + width;
        st = sal_method_at_points_(m, w, n, jobs, &points, err);
    } else {
        st = sal_no_memory_(err, m->def->info.name);
    }
    sal_method_release_(m, s.along);
    sal_method_release_(m, s.copy);
    sal_path_free_(m, &s.path);
    return st;
}

static sal_status setup(sal_method *m, sal_spec *spec, sal_error *err)
{
    sal_status st = sal_noise_setup_(m, spec, err);
    return st == SAL_OK ? sal_path_setup_(m, spec, err) : st;
}

const sal_method_def sal_method_ig_sg = {
    .info = {.name = SAL_IG_SG,
             .summary = "integrated gradients, mean over noisy copies of the input",
             .source = "Smilkov et al. 2017; Sundararajan, Taly & Yan 2017",
             .options = SAL_NOISE_OPTIONS ", " SAL_PATH_OPTIONS,
             .is_stochastic = true},
    .needs_gradient = true,
    .setup = setup,
    .explain = explain,
};
