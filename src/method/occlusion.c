/* method/occlusion.c - E_i = mean over the windows W that hold pixel i of S_c(x) - S_c(x with W set to
 * fill), in all channels; a line has windows of one row. Windows start every `stride` pixels; the last
 * ones are cut at the border. Forward passes only. */
#include "method/jobs.h"
#include "method/plane.h"

#include <string.h>

enum { MOST_SIDE = 1 << 16, PARTS = 8 };

typedef struct {
    size_t first, last; /* rows or columns, past the end */
} span;

typedef struct {
    const sal_method *m;
    const sal_explain_job *jobs;
    sal_plane p;
    size_t window, stride, down, across; /* windows along rows and columns */
    double whole;                        /* S_c(x) of the job at hand */
    double *sum;                         /* [height, width] */
    size_t *held;
    float *maps;
} state;

static size_t windows_of(size_t side, size_t window, size_t stride)
{
    return side <= window ? 1 : (side - window + stride - 1) / stride + 1;
}

static span span_of(size_t i, size_t side, const state *s)
{
    size_t first = i * s->stride, last = first + s->window;
    return (span){first, last < side ? last : side};
}

/* Point 0 is the input itself. */
static void place(void *self, size_t job, size_t point, float *x)
{
    const state *s = self;
    const sal_plane *p = &s->p;
    memcpy(x, s->jobs[job].job.x, s->m->model->input_count * sizeof *x);
    if (!point) return;
    span rows = span_of((point - 1) / s->across, p->height, s);
    span columns = span_of((point - 1) % s->across, p->width, s);
    for (size_t c = 0; c < p->channels; c++)
        for (size_t r = rows.first; r < rows.last; r++)
            for (size_t k = columns.first; k < columns.last; k++)
                x[(c * p->height + r) * p->width + k] = (float)s->m->baseline;
}

static void begin(state *s, double logit)
{
    size_t pixels = s->p.height * s->p.width;
    s->whole = logit;
    memset(s->sum, 0, pixels * sizeof *s->sum);
    memset(s->held, 0, pixels * sizeof *s->held);
}

static void take(void *self, size_t job, size_t point, double logit)
{
    state *s = self;
    const sal_plane *p = &s->p;
    if (!point) {
        begin(s, logit);
        return;
    }
    span rows = span_of((point - 1) / s->across, p->height, s);
    span columns = span_of((point - 1) % s->across, p->width, s);
    for (size_t r = rows.first; r < rows.last; r++)
        for (size_t k = columns.first; k < columns.last; k++) {
            s->sum[r * p->width + k] += s->whole - logit;
            s->held[r * p->width + k]++;
        }
    if (point < s->down * s->across) return;
    float *map = s->maps + job * s->m->model->input_count;
    for (size_t i = 0; i < p->height * p->width; i++)
        map[i] = s->held[i] ? (float)(s->sum[i] / (double)s->held[i]) : 0; /* in a gap */
    sal_plane_repeat_(p, map);
}

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    state s = {.m = m, .jobs = jobs, .maps = maps};
    sal_status st = sal_plane_of_(m, &s.p, err);
    if (st != SAL_OK) return st;
    size_t longest = s.p.height > s.p.width ? s.p.height : s.p.width;
    s.window = m->window ? m->window : (longest + PARTS - 1) / PARTS;
    s.stride = m->stride ? m->stride : (s.window + 1) / 2;
    s.down = windows_of(s.p.height, s.window, s.stride);
    s.across = windows_of(s.p.width, s.window, s.stride);
    s.sum = sal_method_scratch_(m, s.p.height * s.p.width, sizeof *s.sum);
    s.held = sal_method_scratch_(m, s.p.height * s.p.width, sizeof *s.held);
    sal_logit_points points = {1 + s.down * s.across, &s, place, take};
    st = s.sum && s.held ? sal_method_logits_at_points_(m, w, n, jobs, &points, err)
                         : sal_no_memory_(err, m->def->info.name);
    sal_method_release_(m, s.held);
    sal_method_release_(m, s.sum);
    return st;
}

static sal_status setup(sal_method *m, sal_spec *spec, sal_error *err)
{
    sal_plane p;
    sal_status st = sal_spec_count_(spec, "window", 0, MOST_SIDE, &m->window, err);
    if (st == SAL_OK) st = sal_spec_count_(spec, "stride", 0, MOST_SIDE, &m->stride, err);
    if (st == SAL_OK) st = sal_spec_number_(spec, "fill", -1e30, 1e30, &m->baseline, err);
    return st == SAL_OK ? sal_plane_of_(m, &p, err) : st;
}

const sal_method_def sal_method_occlusion = {
    .info = {.name = SAL_OCCLUSION,
             .summary = "how far the logit falls when a window is covered; forward passes only",
             .source = "Zeiler & Fergus 2014",
             .options = "window=0, stride=0, fill=0"},
    .setup = setup,
    .explain = explain,
};
