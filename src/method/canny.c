/* method/canny.c - Canny's edges of the channel mean, 1 or 0, with scikit-image 0.19's conventions:
 * a Gaussian cut at 4 sigma, divided by its share inside of the picture; Sobel with edges repeated;
 * thinning along the gradient between interpolated neighbours; the outermost pixels are no edges;
 * hysteresis over 8 neighbours. Thresholds are in units of the input. */
#include "method/plane.h"

#include <assert.h>
#include <math.h>

enum { MOST_SIGMA = 100, MOST_RADIUS = 4 * MOST_SIGMA };

typedef struct {
    sal_plane p;
    size_t radius;
    double weight[MOST_RADIUS + 1];              /* of the Gaussian, by distance */
    double *gray, *smooth, *down, *right, *size; /* [height, width]; gradient along rows, columns */
    size_t *stack;
} picture;

static void set_gaussian(picture *s, double sigma)
{
    s->radius = (size_t)(4 * sigma + 0.5);
    s->weight[0] = 1;
    for (size_t i = 1; i <= s->radius; i++)
        s->weight[i] = exp(-(double)(i * i) / (2 * sigma * sigma));
}

/* Gaussian along `n` places that are `step` apart, divided by the weight that lies inside. */
static void blur_line(const picture *s, size_t n, size_t step, const double *from, double *to)
{
    for (size_t i = 0; i < n; i++) {
        size_t first = i > s->radius ? i - s->radius : 0;
        size_t last = i + s->radius < n ? i + s->radius : n - 1;
        double sum = 0, inside = 0;
        for (size_t k = first; k <= last; k++) {
            double weight = s->weight[k > i ? k - i : i - k];
            inside += weight;
            sum += weight * from[k * step];
        }
        to[i * step] = sum / inside;
    }
}

static void blur(const picture *s)
{
    size_t h = s->p.height, w = s->p.width;
    for (size_t c = 0; c < w; c++) blur_line(s, h, w, s->gray + c, s->right + c);
    for (size_t r = 0; r < h; r++) blur_line(s, w, 1, s->right + r * w, s->smooth + r * w);
}

static void differentiate(const picture *s)
{
    size_t h = s->p.height, w = s->p.width;
    for (size_t r = 0; r < h; r++) {
        const double *mid = s->smooth + r * w, *up = r ? mid - w : mid;
        const double *low = r + 1 < h ? mid + w : mid;
        for (size_t c = 0; c < w; c++) {
            size_t a = c ? c - 1 : c, b = c + 1 < w ? c + 1 : c, i = r * w + c;
            s->right[i] = up[b] - up[a] + 2 * (mid[b] - mid[a]) + low[b] - low[a];
            s->down[i] = low[a] - up[a] + 2 * (low[c] - up[c]) + low[b] - up[b];
            s->size[i] = sqrt(s->down[i] * s->down[i] + s->right[i] * s->right[i]);
        }
    }
}

/* Size of the gradient one pixel away from (r, c) in its own direction (way 1) or against it (-1),
 * between the straight and the diagonal neighbour. */
static double ahead(const picture *s, size_t r, size_t c, int way)
{
    size_t h = s->p.height, w = s->p.width;
    double dy = s->down[r * w + c] * way, dx = s->right[r * w + c] * way;
    size_t next_r = dy > 0 ? (r + 1 < h ? r + 1 : r) : dy < 0 && r ? r - 1 : r;
    size_t next_c = dx > 0 ? (c + 1 < w ? c + 1 : c) : dx < 0 && c ? c - 1 : c;
    bool steep = fabs(dy) > fabs(dx);
    double share = steep ? fabs(dx) / fabs(dy) : fabs(dy) / fabs(dx);
    double straight = steep ? s->size[next_r * w + c] : s->size[r * w + next_c];
    return (1 - share) * straight + share * s->size[next_r * w + next_c];
}

static bool is_ridge(const picture *s, double low, size_t r, size_t c)
{
    size_t h = s->p.height, w = s->p.width;
    double size = s->size[r * w + c];
    if ((h > 1 && (r == 0 || r + 1 == h)) || (w > 1 && (c == 0 || c + 1 == w))) return false;
    return size > 0 && size >= low && ahead(s, r, c, 1) <= size && ahead(s, r, c, -1) <= size;
}

/* Marks the ridges that are strong or touch one, through any number of weak ones. */
static void link_edges(const picture *s, double high, const double *ridge, float *map)
{
    size_t h = s->p.height, w = s->p.width, depth = 0;
    assert(w > 0);
    for (size_t i = 0; i < h * w; i++) {
        map[i] = ridge[i] > 0 && ridge[i] >= high ? 1.0f : 0.0f;
        if (map[i] > 0) s->stack[depth++] = i;
    }
    while (depth) {
        size_t at = s->stack[--depth], r = at / w, c = at % w;
        for (size_t y = r ? r - 1 : 0; y <= r + 1 && y < h; y++)
            for (size_t x = c ? c - 1 : 0; x <= c + 1 && x < w; x++)
                if (ridge[y * w + x] > 0 && !(map[y * w + x] > 0)) {
                    map[y * w + x] = 1.0f;
                    s->stack[depth++] = y * w + x;
                }
    }
}

static void draw(const sal_method *m, const picture *s, float *map)
{
    size_t w = s->p.width;
    assert(w > 0);
    double *ridge = s->gray; /* not needed any more */
    blur(s);
    differentiate(s);
    for (size_t i = 0; i < s->p.height * w; i++)
        ridge[i] = is_ridge(s, m->low, i / w, i % w) ? s->size[i] : 0;
    link_edges(s, m->high, ridge, map);
}

static sal_status setup(sal_method *m, sal_spec *spec, sal_error *err)
{
    sal_plane p;
    m->sigma = 2;
    m->low = 0.1;
    m->high = 0.2;
    sal_status st = sal_plane_of_(m, &p, err);
    if (st == SAL_OK) st = sal_spec_number_(spec, "sigma", 0, MOST_SIGMA, &m->sigma, err);
    if (st == SAL_OK) st = sal_spec_number_(spec, "low", 0, 1e30, &m->low, err);
    if (st == SAL_OK) st = sal_spec_number_(spec, "high", 0, 1e30, &m->high, err);
    if (st == SAL_OK && m->low > m->high)
        return sal_fail_(err, SAL_E_ARG, "'%s': low is above high", spec->name);
    return st;
}

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    (void)w;
    picture s;
    sal_status st = sal_plane_of_(m, &s.p, err);
    if (st != SAL_OK) return st;
    size_t pixels = s.p.height * s.p.width;
    s.gray = sal_method_scratch_(m, 5 * pixels, sizeof *s.gray);
    s.stack = sal_method_scratch_(m, pixels, sizeof *s.stack);
    set_gaussian(&s, m->sigma);
    if (!s.gray || !s.stack) st = sal_no_memory_(err, m->def->info.name);
    for (size_t i = 0; st == SAL_OK && i < n; i++) {
        float *map = maps + i * m->model->input_count;
        s.smooth = s.gray + pixels;
        s.down = s.smooth + pixels;
        s.right = s.down + pixels;
        s.size = s.right + pixels;
        sal_plane_mean_(&s.p, jobs[i].job.x, s.gray);
        draw(m, &s, map);
        sal_plane_repeat_(&s.p, map);
    }
    sal_method_release_(m, s.stack);
    sal_method_release_(m, s.gray);
    return st;
}

const sal_method_def sal_method_canny = {
    .info = {.name = SAL_CANNY,
             .summary = "edges of the input: Canny's lines in the channel mean",
             .source = "Canny 1986",
             .options = "sigma=2, low=0.1, high=0.2",
             .is_control = true,
             .ignores_model = true},
    .setup = setup,
    .explain = explain,
};
