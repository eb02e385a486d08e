/* method/finite_differences.c - E_i = (S_c(x + h e_i) - S_c(x - h e_i)) / 2h: the gradient of an engine
 * that gives none. h is a share of the input's range; two forward passes per element. */
#include "method/jobs.h"

#include <math.h>
#include <string.h>

typedef struct {
    const sal_method *m;
    const sal_explain_job *jobs;
    float *maps;
    double up;
} state;

static float step_of(const sal_method *m, const float *x)
{
    double low = (double)x[0], high = low;
    for (size_t i = 1; i < m->model->input_count; i++) {
        low = fmin(low, (double)x[i]);
        high = fmax(high, (double)x[i]);
    }
    double range = high > low ? high - low : fmax(fabs(high), 1); /* flat: its own size */
    return (float)(m->step * range);
}

/* Points 2i and 2i + 1: element i moved up, down. */
static void place(void *self, size_t job, size_t point, float *x)
{
    const state *s = self;
    const float *from = s->jobs[job].job.x;
    float step = step_of(s->m, from);
    memcpy(x, from, s->m->model->input_count * sizeof *x);
    x[point / 2] = from[point / 2] + (point % 2 ? -step : step);
}

static void take(void *self, size_t job, size_t point, double logit)
{
    state *s = self;
    const float *x = s->jobs[job].job.x;
    size_t i = point / 2;
    float step = step_of(s->m, x), high = x[i] + step, low = x[i] - step;
    if (point % 2) {
        double width = (double)high - (double)low; /* as it was rounded */
        s->maps[job * s->m->model->input_count + i] =
            width > 0 ? (float)((s->up - logit) / width) : 0;
    } else {
        s->up = logit;
    }
}

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    state s = {.m = m, .jobs = jobs, .maps = maps};
    sal_logit_points points = {2 * m->model->input_count, &s, place, take};
    return sal_method_logits_at_points_(m, w, n, jobs, &points, err);
}

static sal_status setup(sal_method *m, sal_spec *spec, sal_error *err)
{
    m->step = 0.01;
    return sal_spec_number_(spec, "step", 1e-6, 1, &m->step, err);
}

const sal_method_def sal_method_finite_differences = {
    .info = {.name = SAL_FINITE_DIFFERENCES,
             .summary = "gradient by central differences; forward passes only",
             .source = "definition of the derivative",
             .options = "step=0.01"},
    .setup = setup,
    .explain = explain,
};
