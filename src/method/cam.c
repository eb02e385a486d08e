/* method/cam.c - a_k = mean over the plane of dS_c/dA_k, L = max(sum_k a_k A_k, 0), enlarged to the
 * input; no division by the maximum, so nothing is undefined where L is 0 (Selvaraju et al. 2017).
 */
#include "method/cam.h"
#include "method/plane.h"

sal_status sal_cam_setup_(sal_method *m, sal_spec *spec, sal_error *err)
{
    static const char *const resizes[] = {"half-pixel", "paper", NULL};
    const char *layer = sal_spec_text_(spec, "layer");
    char text[SAL_SHAPE_TEXT];
    sal_plane p;
    sal_status st = sal_spec_choice_(spec, "resize", resizes, &m->rule, err);
    if (st == SAL_OK) st = sal_plane_of_(m, &p, err);
    if (st == SAL_OK) st = sal_model_find_tap_(m->model, layer ? layer : m->layer, &m->tap, err);
    if (st != SAL_OK) return st;
    if (m->model->input.rank == 2 || (m->tap.height > 1 && m->model->input.rank == 3))
        return sal_fail_(
            err, SAL_E_UNSUPPORTED,
            "method '%s' needs inputs with the plane that the layer has, [N, C, H, W] or "
            "[N, C, L]; model '%s' takes %s",
            m->def->info.name, m->model->name,
            sal_shape_text_(&m->model->input, text, sizeof text));
    return SAL_OK;
}

typedef struct {
    size_t first, second;
    double share; /* of the second */
} between;

/* Where place i of `to` falls among `from` places. half-pixel: pixels are areas, their centres are
 * matched; paper: corners are matched, as early versions of TensorFlow resized. */
static between neighbours(size_t rule, size_t i, size_t from, size_t to)
{
    double ratio = (double)from / (double)to;
    double at = rule == SAL_PAPER ? (double)i * ratio : ((double)i + 0.5) * ratio - 0.5;
    if (at < 0) at = 0;
    between b = {.first = (size_t)at};
    if (b.first > from - 1) b.first = from - 1;
    b.second = b.first + 1 < from ? b.first + 1 : b.first;
    b.share = at - (double)b.first;
    return b;
}

void sal_cam_enlarge_(size_t rule, size_t h, size_t w, const double *low, size_t high_h,
                      size_t high_w, float *high)
{
    for (size_t r = 0; r < high_h; r++) {
        between y = neighbours(rule, r, h, high_h);
        const double *above = low + y.first * w, *below = low + y.second * w;
        for (size_t c = 0; c < high_w; c++) {
            between x = neighbours(rule, c, w, high_w);
            double top = above[x.first] + x.share * (above[x.second] - above[x.first]);
            double bottom = below[x.first] + x.share * (below[x.second] - below[x.first]);
            high[r * high_w + c] = (float)(top + y.share * (bottom - top));
        }
    }
}

/* low [height, width] from one activation and its gradient, [channels, height, width] */
static void weigh(const sal_tap *tap, const float *activation, const float *gradient, double *low)
{
    size_t n = tap->height * tap->width;
    for (size_t i = 0; i < n; i++) low[i] = 0;
    for (size_t k = 0; k < tap->channels; k++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) mean += (double)gradient[k * n + i];
        mean /= (double)n;
        for (size_t i = 0; i < n; i++) low[i] += mean * (double)activation[k * n + i];
    }
    for (size_t i = 0; i < n; i++)
        if (!(low[i] > 0)) low[i] = 0;
}

typedef struct {
    sal_plane plane;
    size_t block;
    sal_job *jobs;     /* [block] */
    float *activation; /* [2, block, channels, height, width]: activations, then gradients */
    double *low;
} workspace;

static sal_status run(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                      const workspace *s, float *maps, sal_error *err)
{
    const sal_tap *tap = &m->tap;
    size_t size = tap->channels * tap->height * tap->width;
    for (size_t first = 0; first < n; first += s->block) {
        size_t count = n - first < s->block ? n - first : s->block;
        float *gradient = s->activation + s->block * size;
        for (size_t i = 0; i < count; i++) s->jobs[i] = jobs[first + i].job;
        sal_status st = sal_worker_tap_(w, count, s->jobs, tap, s->activation, gradient, err);
        if (st != SAL_OK) return st;
        for (size_t i = 0; i < count; i++) {
            float *map = maps + (first + i) * m->model->input_count;
            weigh(tap, s->activation + i * size, gradient + i * size, s->low);
            sal_cam_enlarge_(m->rule, tap->height, tap->width, s->low, s->plane.height,
                             s->plane.width, map);
            sal_plane_repeat_(&s->plane, map);
        }
    }
    return SAL_OK;
}

sal_status sal_cam_explain_(const sal_method *m, sal_worker *w, size_t n,
                            const sal_explain_job *jobs, float *maps, sal_error *err)
{
    workspace s = {.block = sal_worker_batch_(w) < n ? sal_worker_batch_(w) : n};
    size_t plane = m->tap.height * m->tap.width;
    sal_status st = sal_plane_of_(m, &s.plane, err);
    if (st != SAL_OK) return st;
    s.jobs = sal_method_scratch_(m, s.block, sizeof *s.jobs);
    s.activation = sal_method_scratch_(m, 2 * s.block * m->tap.channels * plane, sizeof(float));
    s.low = sal_method_scratch_(m, plane, sizeof *s.low);
    st = s.jobs && s.activation && s.low ? run(m, w, n, jobs, &s, maps, err)
                                         : sal_no_memory_(err, m->def->info.name);
    sal_method_release_(m, s.low);
    sal_method_release_(m, s.activation);
    sal_method_release_(m, s.jobs);
    return st;
}
