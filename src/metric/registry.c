/* metric/registry.c - the table of similarities from metrics.def, and what is the same for all:
 * names, shapes, channels, finite values, folding and range. */
#include "metric/metric.h"
#include "metric/metrics.def"

#include <math.h>
#include <string.h>

#define SAL_DECLARE(id) extern const sal_metric_def sal_metric_##id;
SAL_METRICS(SAL_DECLARE)

#define SAL_ROW(id) &sal_metric_##id,
const sal_metric_def *const sal_metrics_[] = {SAL_METRICS(SAL_ROW) NULL};

enum { ROWS = sizeof sal_metrics_ / sizeof sal_metrics_[0] - 1 };

const sal_metric_info *sal_metric_get(size_t i)
{
    return i < ROWS ? &sal_metrics_[i]->info : NULL;
}

static sal_status find(const char *name, const sal_metric_def **out, sal_error *err)
{
    const char *names[ROWS + 1] = {NULL};
    for (size_t i = 0; i < ROWS; i++) {
        names[i] = sal_metrics_[i]->info.name;
        if (!strcmp(names[i], name)) {
            *out = sal_metrics_[i];
            return SAL_OK;
        }
    }
    return sal_fail_name_(err, "metric", name, names);
}

sal_status sal_map_shape_of_(size_t rank, const int64_t *dims, sal_map_shape *out, sal_error *err)
{
    size_t n = 1;
    if (rank < 1 || rank > 3)
        return sal_fail_(err, SAL_E_SHAPE,
                         "maps of rank %zu, wanted [N, F], [N, C, L] or [N, C, H, W]", rank + 1);
    for (size_t i = 0; i < rank; i++) {
        if (dims[i] < 1)
            return sal_fail_(err, SAL_E_SHAPE, "maps have dimension %zu of %lld, wanted 1 or more",
                             i + 1, (long long)dims[i]);
        /* the largest prepared form and its scratch take some hundred doubles per value */
        if (!sal_mul_size_(n, (size_t)dims[i], &n) || n > SIZE_MAX / 16384)
            return sal_fail_(err, SAL_E_SHAPE, "maps of more values than memory can hold");
    }
    *out = (sal_map_shape){1, 1, (size_t)dims[rank - 1]};
    if (rank > 1) out->channels = (size_t)dims[0];
    if (rank > 2) out->height = (size_t)dims[1];
    return SAL_OK;
}

sal_status sal_metric_open_(const char *spec, sal_map_shape shape, bool for_check, sal_metric *out,
                            sal_error *err)
{
    const size_t pixels = shape.height * shape.width;
    sal_metric m = {.shape = shape, .planes = 1, .prepared = pixels};
    sal_spec parts;
    sal_status st = sal_spec_parse_("metric", spec, &parts, err);
    if (st == SAL_OK) st = find(parts.name, &m.def, err);
    if (st != SAL_OK) return st;
    if (for_check && !m.def->info.for_checks)
        return sal_fail_(err, SAL_E_ARG, "metric '%s' is unbounded, so a check cannot decide by it",
                         parts.name);
    if (m.def->setup) st = m.def->setup(&m, &parts, err);
    if (st == SAL_OK) st = sal_spec_finish_(&parts, err);
    if (st != SAL_OK) return st;
    m.scratch += m.planes * pixels; /* the map as doubles, in front */
    *out = m;
    return SAL_OK;
}

/* One plane per channel, or the sum of all. */
static void reduce(const sal_metric *m, const float *map, double *planes)
{
    const size_t pixels = m->shape.height * m->shape.width;
    for (size_t c = 0; c < m->shape.channels; c++, map += pixels) {
        const bool first = c == 0 || m->planes > 1;
        for (size_t i = 0; i < pixels; i++) {
            double v = (double)map[i];
            if (m->def->absolute) v = fabs(v);
            planes[i] = first ? v : planes[i] + v;
        }
        if (m->planes > 1) planes += pixels;
    }
}

/* A sum of floats is finite in double, so only NaN and infinity make v - v differ from 0. */
static bool is_finite(size_t n, const double *values)
{
    size_t bad = 0;
    for (size_t i = 0; i < n; i++) bad += values[i] - values[i] != 0;
    return bad == 0;
}

const char *sal_metric_prepare_(const sal_metric *m, const float *map, double *out, double *scratch)
{
    const size_t n = m->planes * m->shape.height * m->shape.width;
    reduce(m, map, scratch);
    if (!is_finite(n, scratch)) return SAL_MAP_NOT_FINITE;
    return m->def->prepare(m, scratch, out, scratch + n);
}

sal_similarity sal_metric_compare_(const sal_metric *m, const double *a, const double *b,
                                   double *scratch, bool clip)
{
    sal_similarity s = {.value = 0};
    double value = 0;
    s.undefined = m->def->compare(m, a, b, scratch, &value);
    /* cppcheck-suppress returnDanglingLifetime ; a static text, not a part of value */
    if (s.undefined) return s;
    if (m->def->folded) value = fabs(value);
    if (clip) value = fmin(fmax(value, m->def->info.lowest), m->def->info.highest);
    s.value = value;
    s.defined = true;
    return s;
}
