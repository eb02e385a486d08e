/* method/noise.c - see noise.h. Sums in double, sample by sample; the variance by Welford's update,
 * which cannot cancel below zero. */
#include "method/noise.h"

enum { MOST_SAMPLES = 100000 };

sal_status sal_noise_setup_(sal_method *m, sal_spec *spec, sal_error *err)
{
    m->samples = 25;
    m->spread = 0.15;
    sal_status st = sal_spec_count_(spec, "samples", 1, MOST_SAMPLES, &m->samples, err);
    return st == SAL_OK ? sal_spec_number_(spec, "spread", 0, 100, &m->spread, err) : st;
}

double sal_noise_scale_(const sal_method *m, const float *x)
{
    float low = x[0], high = x[0];
    for (size_t i = 1; i < m->model->input_count; i++) {
        if (x[i] < low) low = x[i];
        if (x[i] > high) high = x[i];
    }
    return m->spread * ((double)high - (double)low);
}

void sal_noisy_input_(const sal_method *m, const sal_explain_job *job, size_t sample, double scale,
                      float *out)
{
    size_t n = m->model->input_count;
    const float *given = job->normals ? job->normals + sample * n : NULL;
    sal_rng rng = sal_rng_for(job->noise, "noise", sample);
    for (size_t i = 0; i < n; i++) {
        double z = given ? (double)given[i] : sal_rng_normal_(&rng);
        out[i] = (float)((double)job->job.x[i] + scale * z);
    }
}

typedef struct {
    const sal_method *m;
    const sal_explain_job *jobs;
    sal_noise_statistic statistic;
    double scale;          /* of the job whose points are being placed */
    double *sum, *squares; /* [input]: sum or mean; squared distances from the mean */
    float *maps;
} state;

static void place(void *self, size_t job, size_t sample, float *x)
{
    state *s = self;
    if (sample == 0) s->scale = sal_noise_scale_(s->m, s->jobs[job].job.x);
    sal_noisy_input_(s->m, &s->jobs[job], sample, s->scale, x);
}

static void add(state *s, size_t sample, const float *gradient)
{
    for (size_t i = 0; i < s->m->model->input_count; i++) {
        double g = (double)gradient[i];
        if (s->statistic == SAL_MEAN) s->sum[i] += g;
        if (s->statistic == SAL_MEAN_OF_SQUARES) s->sum[i] += g * g;
        if (s->statistic == SAL_VARIANCE) {
            double distance = g - s->sum[i];
            s->sum[i] += distance / (double)(sample + 1);
            s->squares[i] += distance * (g - s->sum[i]);
        }
    }
}

static void take(void *self, size_t job, size_t sample, const float *gradient)
{
    state *s = self;
    size_t n = s->m->model->input_count;
    for (size_t i = 0; sample == 0 && i < n; i++) s->sum[i] = s->squares[i] = 0;
    add(s, sample, gradient);
    if (sample + 1 < s->m->samples) return;
    const double *total = s->statistic == SAL_VARIANCE ? s->squares : s->sum;
    for (size_t i = 0; i < n; i++) s->maps[job * n + i] = (float)(total[i] / (double)s->m->samples);
}

sal_status sal_noise_explain_(const sal_method *m, sal_worker *w, size_t n,
                              const sal_explain_job *jobs, sal_noise_statistic statistic,
                              float *maps, sal_error *err)
{
    double *sums = sal_method_scratch_(m, 2 * m->model->input_count, sizeof *sums);
    if (!sums) return sal_no_memory_(err, m->def->info.name);
    state s = {.m = m,
               .jobs = jobs,
               .statistic = statistic,
               .sum = sums,
               .squares = sums + m->model->input_count,
               .maps = maps};
    sal_points points = {.count = m->samples, .self = &s, .place = place, .take = take};
    sal_status st = sal_method_at_points_(m, w, n, jobs, &points, err);
    sal_method_release_(m, sums);
    return st;
}
