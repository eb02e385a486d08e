/* metric/ssim.c - structural similarity (Wang et al. 2004, eq. 13), mean over all whole windows:
 * (2 ua ub + C1)(2 vab + C2) / ((ua^2 + ub^2 + C1)(va + vb + C2)), C1 = (.01 R)^2, C2 = (.03 R)^2.
 * Variances are taken of the map less its mean, which changes only their rounding.
 * Prepared: SHIFT LEAST LARGEST, then per plane the values less their mean [height, width], their
 * window means and window variances, both [height - window + 1, width - window + 1]. */
#include "metric/vector.h"
#include "metric/window.h"

#include <math.h>
#include <string.h>

enum { PEAK, MINMAX, NONE }; /* m->scale */
enum { SAMPLE, POPULATION }; /* m->covariance */
enum { SHIFT, LEAST, LARGEST, HEAD };

static size_t n_means(const sal_metric *m)
{
    size_t less = sal_window_size_(m->window) - 1;
    return (m->shape.height - less) * (m->shape.width - less);
}

static size_t plane_size(const sal_metric *m)
{
    return m->shape.height * m->shape.width + 2 * n_means(m);
}

/* NP / (NP - 1): makes window variances unbiased. */
static double correction(const sal_metric *m)
{
    double size = (double)sal_window_size_(m->window);
    return m->covariance == SAMPLE ? size * size / (size * size - 1) : 1;
}

static sal_status read_range(sal_metric *m, sal_spec *spec, sal_error *err)
{
    const char *text = sal_spec_text_(spec, "range");
    m->range = m->scale == NONE ? 0 : 2;
    if (text && !strcmp(text, "joint"))
        m->range = 0;
    else if (sal_spec_number_(spec, "range", 1e-30, 1e30, &m->range, NULL) != SAL_OK)
        return sal_fail_(err, SAL_E_ARG,
                         "'ssim': range=%s, wanted joint or a number from 1e-30 to 1e+30", text);
    return SAL_OK;
}

static sal_status setup(sal_metric *m, sal_spec *spec, sal_error *err)
{
    static const char *const scales[] = {"peak", "minmax", "none", NULL};
    static const char *const covariances[] = {"sample", "population", NULL};
    static const char *const channels[] = {"sum", "each", NULL};
    size_t each = 0;
    sal_status st = sal_spec_choice_(spec, "window", sal_window_names_, &m->window, err);
    if (st == SAL_OK) st = sal_spec_choice_(spec, "scale", scales, &m->scale, err);
    if (st == SAL_OK) st = sal_spec_choice_(spec, "covariance", covariances, &m->covariance, err);
    if (st == SAL_OK) st = sal_spec_choice_(spec, "channels", channels, &each, err);
    if (st == SAL_OK) st = read_range(m, spec, err);
    if (st != SAL_OK) return st;
    const size_t size = sal_window_size_(m->window);
    if (m->shape.height < size || m->shape.width < size)
        return sal_fail_(err, SAL_E_SHAPE,
                         "ssim with window %s needs maps of at least %zu x %zu, got %zu x %zu",
                         sal_window_names_[m->window], size, size, m->shape.height, m->shape.width);
    if (each) m->planes = m->shape.channels;
    m->prepared = HEAD + m->planes * plane_size(m);
    m->scratch = 2 * (m->shape.width + sal_window_scratch_(m->window, m->shape.width));
    return SAL_OK;
}

/* y = values of one plane, in place at the plane's start; fills in means and variances. */
static void filter(const sal_metric *m, double *y, double *scratch)
{
    const size_t height = m->shape.height, width = m->shape.width;
    double *means = y + height * width, *variances = means + n_means(m), *square = scratch;
    double *rings = scratch + width;
    sal_window of_y = sal_window_start_(m->window, width, rings);
    sal_window of_square =
        sal_window_start_(m->window, width, rings + sal_window_scratch_(m->window, width));
    const double cn = correction(m);
    for (size_t i = 0; i < height; i++) {
        const double *row = y + i * width;
        for (size_t j = 0; j < width; j++) square[j] = row[j] * row[j];
        sal_window_push_(&of_y, row, means);
        if (!sal_window_push_(&of_square, square, variances)) continue;
        for (size_t j = 0; j < of_y.width; j++)
            variances[j] = cn * (variances[j] - means[j] * means[j]);
        means += of_y.width;
        variances += of_y.width;
    }
}

static const char *prepare(const sal_metric *m, const double *map, double *out, double *scratch)
{
    const size_t pixels = m->shape.height * m->shape.width, n = m->planes * pixels;
    double least, largest, by = 1, base = 0;
    sal_extremes_(n, map, &least, &largest);
    if (m->scale != NONE && least == largest) return SAL_MAP_CONSTANT;
    if (m->scale == PEAK) by = 1 / (largest > -least ? largest : -least);
    if (m->scale == MINMAX) {
        by = 1 / (largest - least);
        base = least;
    }
    const double mean = sal_sum_(n, map) / (double)n;
    out[SHIFT] = (mean - base) * by;
    out[LEAST] = (least - base) * by;
    out[LARGEST] = (largest - base) * by;
    for (size_t p = 0; p < m->planes; p++) {
        double *y = out + HEAD + p * plane_size(m);
        for (size_t i = 0; i < pixels; i++) y[i] = (map[p * pixels + i] - mean) * by;
        filter(m, y, scratch);
    }
    return NULL;
}

typedef struct side { /* where compare reads: a row of one prepared map */
    const double *y, *mean, *variance;
    double shift;
} side;

typedef struct terms {
    double c1, c2, cn;
} terms;

/* sum of s over one row of windows; ab holds the window means of y_a y_b and is overwritten. */
static double row_sum(size_t n, const terms *t, const side *a, const side *b, double *restrict ab)
{
    const double *restrict am = a->mean, *restrict bm = b->mean;
    const double *restrict av = a->variance, *restrict bv = b->variance;
    const double c1 = t->c1, c2 = t->c2, cn = t->cn, as = a->shift, bs = b->shift;
    for (size_t j = 0; j < n; j++) {
        double ua = am[j] + as, ub = bm[j] + bs, vab = cn * (ab[j] - am[j] * bm[j]);
        ab[j] =
            (2 * ua * ub + c1) * (2 * vab + c2) / ((ua * ua + ub * ub + c1) * (av[j] + bv[j] + c2));
    }
    return sal_sum_(n, ab);
}

static double plane_sum(const sal_metric *m, const terms *t, side a, side b, double *scratch)
{
    const size_t height = m->shape.height, width = m->shape.width;
    double *product = scratch, *ab = scratch + width, sum = 0;
    sal_window w = sal_window_start_(m->window, width, scratch + 2 * width);
    for (size_t i = 0; i < height; i++) {
        for (size_t j = 0; j < width; j++) product[j] = a.y[j] * b.y[j];
        a.y += width;
        b.y += width;
        if (!sal_window_push_(&w, product, ab)) continue;
        sum += row_sum(w.width, t, &a, &b, ab);
        a.mean += w.width;
        b.mean += w.width;
        a.variance += w.width;
        b.variance += w.width;
    }
    return sum;
}

static const char *compare(const sal_metric *m, const double *a, const double *b, double *scratch,
                           double *value)
{
    const size_t pixels = m->shape.height * m->shape.width, means = n_means(m);
    double range = m->range, sum = 0;
    if (range == 0) range = fmax(a[LARGEST], b[LARGEST]) - fmin(a[LEAST], b[LEAST]);
    if (range == 0) return "both maps are one and the same constant, so there is no range";
    const terms t = {.c1 = 1e-4 * range * range, .c2 = 9e-4 * range * range, .cn = correction(m)};
    for (size_t p = 0; p < m->planes; p++) {
        const double *ya = a + HEAD + p * plane_size(m), *yb = b + HEAD + p * plane_size(m);
        side sa = {ya, ya + pixels, ya + pixels + means, a[SHIFT]};
        side sb = {yb, yb + pixels, yb + pixels + means, b[SHIFT]};
        sum += plane_sum(m, &t, sa, sb, scratch);
    }
    *value = sum / (double)(m->planes * means);
    return NULL;
}

const sal_metric_def sal_metric_ssim = {
    .info = {.name = SAL_SSIM,
             .summary = "structural similarity, 7x7 windows, range 2, sample covariance, each "
                        "signed map divided by its largest magnitude",
             .options = "window=uniform7|uniform5|gaussian, scale=peak|minmax|none, "
                        "range=2|NUMBER|joint (scale=none: joint), covariance=sample|population, "
                        "channels=sum|each",
             .source = "Wang et al. 2004",
             .lowest = 0,
             .highest = 1,
             .for_checks = true},
    .setup = setup,
    .prepare = prepare,
    .compare = compare,
};
